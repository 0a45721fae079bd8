"""Housekeeping: what nobody needs any more is cleared away, now and then.

Several machines may share the directory, and their rounds may meet: what is gone already is no error.
"""

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
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.requests import RequestDesk
from bot.leading import Leadership

log = structlog.get_logger(__name__)

#: How often (seconds) there is a round.
ROUND_S = 600.0
#: How many jobs the store is asked about at once. A round looks at every file all the same.
_AT_ONCE = 500
#: What was not touched for this long (ms) belongs to nobody: a quote lives for minutes, a card is posted
#: within minutes, what is missing later is fetched again; and who fetches a video writes without a pause.
FORGOTTEN_MS = 6 * 3_600_000


class Housekeeper:
    """Forgets quotes that nobody answered, files of requests that came to nothing, videos past their time."""

    def __init__(
        self,
        desk: RequestDesk,
        database: Database,
        data_dir: Path,
        *,
        keeping: Keeping,
        now: Now,
    ) -> None:
        """`data_dir` is where inputs and videos are kept."""
        self._desk = desk
        self._database = database
        self._inputs = data_dir / "inputs"
        self._videos = data_dir / "videos"
        self._keeping = keeping
        self._now = now

    async def run(self, leadership: Leadership) -> None:
        """A round now and then, by the one process that leads, until cancelled."""
        while True:
            try:
                if await leadership.look():
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
            if self._untouched_for(folder, FORGOTTEN_MS):
                yield folder

    # --- videos -----------------------------------------------------------------------------------------

    async def _clear_videos(self) -> None:
        """Videos are kept for jobs that still deliver them, or could not; never for a withheld one."""
        paths = await asyncio.to_thread(self._videos_by_job)
        ids = list(paths)
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            found = await self._database.run(store.of_ids, some)
            files = [(path, found.get(job_id)) for job_id in some for path in paths[job_id]]
            await asyncio.to_thread(self._sweep, files)

    def _videos_by_job(self) -> dict[str, list[Path]]:
        """Finished and half-fetched files alike."""
        found: dict[str, list[Path]] = {}
        for path in self._videos.glob("*.mp4*"):
            found.setdefault(path.name.partition(".")[0], []).append(path)
        return found

    def _sweep(self, files: list[tuple[Path, Job | None]]) -> None:
        for path, job in files:
            if self._is_over(path, job):
                log.info("video swept", file=path.name, state=None if job is None else job.state)
                path.unlink(missing_ok=True)

    def _is_over(self, path: Path, job: Job | None) -> bool:
        whole = path.suffix == ".mp4"
        if job is None:
            # Of no job: the store may be an older copy, or another one by mistake. It has its full time.
            return self._untouched_for(path, self._keeping.ms if whole else FORGOTTEN_MS)
        if not job.ended:
            return not whole and self._untouched_for(path, FORGOTTEN_MS)
        until = self._keeping.until(job)
        return not whole or until is None or self._now() >= until

    def _untouched_for(self, path: Path, ms: int) -> bool:
        with suppress(FileNotFoundError):  # somebody else needs or clears it at this very moment
            return self._now() - path.stat().st_mtime_ns // 1_000_000 > ms
        return False
