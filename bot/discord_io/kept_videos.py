"""Videos that could not be posted and are still kept on disk: their members can have them sent once more."""

import asyncio
from pathlib import Path

import structlog

from bot.errors import ChannelUnavailable, UploadTooLarge
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.poster import Poster
from bot.jobs.workshop import video_file

log = structlog.get_logger(__name__)


class KeptVideos:
    """Finds and sends them."""

    def __init__(self, data_dir: Path, poster: Poster, keeping: Keeping) -> None:
        """`data_dir` is where the tracker keeps videos; `poster` sends direct messages."""
        self._data_dir = data_dir
        self._poster = poster
        self._keeping = keeping

    async def find(self, job: Job) -> Path | None:
        """The job's video on disk, if it is kept."""
        path = video_file(self._data_dir, job.id)
        return path if await asyncio.to_thread(path.exists) else None

    def until(self, job: Job) -> int | None:
        """When (ms) the job's video is swept; None where none is kept for its member."""
        return self._keeping.until(job)

    async def send(self, job: Job, video: Path) -> bool:
        """Send the video to its member by direct message; False where Discord will not take it there.

        Raises:
            DiscordUnavailable: Discord did not answer; worth trying again.
        """
        try:
            await self._poster.send_directly(job, video)
        except (ChannelUnavailable, UploadTooLarge) as error:
            log.info("not sent directly", job=job.id, reason=error.reason)
            return False
        return True
