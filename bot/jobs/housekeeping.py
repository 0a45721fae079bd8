"""Housekeeping: what nobody needs any more is cleared away, now and then."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

import structlog

from bot.clock import Now
from bot.database import Database
from bot.errors import StoreUnavailable
from bot.jobs import store
from bot.jobs.requests import RequestDesk
from bot.jobs.states import ENDED, JobState
from bot.leading import Leadership

log = structlog.get_logger(__name__)

#: How often (seconds) there is a round.
ROUND_S = 600.0
#: How many videos one round looks at.
_MOST_VIDEOS = 500
#: Files of a request that were not touched for this long (ms) belong to nobody: a quote lives for minutes, a
#: card is posted within minutes, and what is missing later is fetched again.
FORGOTTEN_MS = 6 * 3_600_000


class Housekeeper:
    """Forgets quotes that nobody answered, files of requests that came to nothing, videos nobody may see."""

    def __init__(
        self, desk: RequestDesk, database: Database, data_dir: Path, *, now: Now, leadership: Leadership
    ) -> None:
        """`data_dir` is where inputs and videos are kept; of several processes the leading one tidies up."""
        self._leadership = leadership
        self._desk = desk
        self._database = database
        self._inputs = data_dir / "inputs"
        self._videos = data_dir / "videos"
        self._now = now

    async def run(self) -> None:
        """A round now and then, until cancelled."""
        while True:
            try:
                if await self._leadership.look():
                    await self.tidy()
            except (StoreUnavailable, OSError) as error:
                # Nothing here is worth stopping the bot for.
                log.warning("housekeeping has to wait", reason=str(error))
            await asyncio.sleep(ROUND_S)

    async def tidy(self) -> None:
        """One round.

        Raises:
            StoreUnavailable: the store cannot be used now.
        """
        await self._desk.sweep()
        await asyncio.to_thread(self._clear_forgotten)
        await self._clear_videos()

    def _clear_forgotten(self) -> None:
        for folder in self._forgotten():
            log.info("forgotten files cleared", folder=folder.name)
            rmtree(folder, ignore_errors=True)

    def _forgotten(self) -> Iterator[Path]:
        if not self._inputs.is_dir():
            return
        for folder in self._inputs.iterdir():
            with suppress(FileNotFoundError):  # its request was answered at this very moment
                if self._now() - folder.stat().st_mtime_ns // 1_000_000 > FORGOTTEN_MS:
                    yield folder

    async def _clear_videos(self) -> None:
        """Videos are kept for jobs that still deliver them, or could not; never for a withheld one."""
        paths = await asyncio.to_thread(self._videos_by_job)
        states = await self._database.run(store.states_of, paths)
        for job_id, found in paths.items():
            state = states.get(job_id)
            if state is None or (state in ENDED and state is not JobState.UNDELIVERABLE):
                for path in found:
                    await asyncio.to_thread(path.unlink, missing_ok=True)

    def _videos_by_job(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for path in sorted(self._videos.glob("*.mp4*")):
            found.setdefault(path.name.partition(".")[0], []).append(path)
        return dict(list(found.items())[:_MOST_VIDEOS])
