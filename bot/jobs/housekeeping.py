"""Housekeeping: what nobody needs any more is cleared away, now and then."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import structlog

from bot.clock import Now
from bot.errors import StoreUnavailable
from bot.jobs.requests import RequestDesk

log = structlog.get_logger(__name__)

#: How often (seconds) there is a round.
ROUND_S = 600.0
#: Files of a request that were not touched for this long (ms) belong to nobody: a quote lives for minutes, a
#: card is posted within minutes, and what is missing later is fetched again.
FORGOTTEN_MS = 6 * 3_600_000


class Housekeeper:
    """Forgets quotes that nobody answered, and files of requests that came to nothing."""

    def __init__(self, desk: RequestDesk, data_dir: Path, *, now: Now) -> None:
        """`data_dir` is where the inputs of requests are kept."""
        self._desk = desk
        self._inputs = data_dir / "inputs"
        self._now = now

    async def run(self) -> None:
        """A round now and then, until cancelled."""
        while True:
            try:
                await self.tidy()
            except StoreUnavailable as error:
                log.warning("housekeeping has to wait", reason=error.reason)
            await asyncio.sleep(ROUND_S)

    async def tidy(self) -> None:
        """One round.

        Raises:
            StoreUnavailable: the store cannot be used now.
        """
        await self._desk.sweep()
        await asyncio.to_thread(self._clear_forgotten)

    def _clear_forgotten(self) -> None:
        for folder in self._forgotten():
            log.info("forgotten files cleared", folder=folder.name)
            rmtree(folder, ignore_errors=True)

    def _forgotten(self) -> Iterator[Path]:
        if not self._inputs.is_dir():
            return
        for folder in self._inputs.iterdir():
            if self._now() - folder.stat().st_mtime_ns // 1_000_000 > FORGOTTEN_MS:
                yield folder
