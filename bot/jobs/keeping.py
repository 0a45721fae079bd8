"""How long a video that could not be posted can be had with `/jobs resend`."""

from dataclasses import dataclass

from bot.jobs.job import Job
from bot.jobs.states import JobState

_DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """The operator's `KEEP_VIDEOS_DAYS`."""

    days: int = 7

    @property
    def ms(self) -> int:
        """The same in milliseconds."""
        return self.days * _DAY_MS

    def until(self, job: Job) -> int | None:
        """When (ms) the job's video is swept; None where none is kept for its member."""
        if job.state is not JobState.UNDELIVERABLE or job.ended_at is None:
            return None
        return job.ended_at + self.ms
