"""What the steps of a job work with, and the state of a job in hand that is not worth writing down."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

from bot.catalog import Catalogue, VideoModel
from bot.clock import Now
from bot.database import Database
from bot.jobs.job import Job
from bot.jobs.poster import Poster, Progress
from bot.jobs.schedule import Backoff, PollSchedule
from bot.media import Downloader, MediaWorker
from bot.runcomfy import RunComfyClient


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may happen at once, and for how long.

    Attributes:
        places: jobs at RunComfy at once, over all workers; the operator's `MAX_ACTIVE_REQUESTS`.
        job_timeout_s: from the submit to the end of patience; the operator's `JOB_TIMEOUT_S`.
        polls: questions to RunComfy under way at once.
        deliveries: videos being fetched and posted at once.
        announcements: cards being posted at once.
        video_bytes: the largest video fetched.
        delivery_patience_s: how long a video is fetched from, or offered to, somebody who does not answer.
    """

    places: int = 4
    job_timeout_s: float = 1800.0
    polls: int = 16
    deliveries: int = 3
    announcements: int = 4
    video_bytes: int = 500_000_000
    delivery_patience_s: float = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything a step may call."""

    database: Database
    catalogue: Catalogue
    runcomfy: RunComfyClient
    attachments: Downloader
    outputs: Downloader
    media: MediaWorker
    poster: Poster
    schedule: PollSchedule
    backoff: Backoff
    data_dir: Path
    bounds: Bounds
    now: Now

    def model_of(self, job: Job) -> VideoModel:
        """The catalogue's entry for the job's model; its name alone where the operator has taken it out."""
        return self.catalogue.entry(job.model)

    def can_submit(self, job: Job) -> bool:
        """Whether the model that the job asks for is still offered."""
        return self.catalogue.offers(job.model, job.model_id)

    def input_path(self, job: Job, filename: str) -> Path:
        """Where an input of the job is kept until it is attached to the card."""
        return inputs_dir(self.data_dir, job.interaction_id) / filename

    def video_path(self, job: Job) -> Path:
        """Where the job's video is kept."""
        return video_file(self.data_dir, job.id)


def video_file(data_dir: Path, job_id: str) -> Path:
    """Where a job's video is kept until it is delivered, and from then on where it cannot be."""
    return data_dir / "videos" / f"{job_id}.mp4"


def inputs_dir(data_dir: Path, interaction_id: int) -> Path:
    """Where a request's inputs are kept from its validation until they are attached to the card."""
    return data_dir / "inputs" / str(interaction_id)


@dataclass(slots=True)
class Held:
    """A job in this worker's hands."""

    job: Job
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    progress: Progress = field(default_factory=Progress)
    #: Failed attempts in a row at whatever the job does now.
    failures: int = 0
    #: How long (seconds) RunComfy asked us to wait, with the last failure.
    retry_after_s: float | None = None
    #: When (ms) RunComfy stopped answering, while it does not.
    failing_since: int | None = None
    #: RunComfy has said that the request is finished: there may be a video, which is not given up lightly.
    finished: bool = False
    #: RunComfy was asked to cancel, and did not answer: it is asked again in its turn, not at once.
    cancel_tried: bool = False

    async def pause(self, seconds: float) -> bool:
        """Sleep, but no longer than until somebody wakes the job; whether somebody did."""
        try:
            async with asyncio.timeout(seconds):
                await self.woken.wait()
        except TimeoutError:
            return False
        self.woken.clear()
        return True
