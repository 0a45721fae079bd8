"""The running bot: its parts at work side by side, until it is asked to stop."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bot.catalog import Catalogue
from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.client import ShowreelBot
from bot.discord_io.connection import stay_connected
from bot.discord_io.notices import NoticeBoard
from bot.heartbeat import Heartbeat
from bot.jobs.housekeeping import Housekeeper
from bot.jobs.tracker import Tracker
from bot.leading import Leadership
from bot.media import MediaWorker
from bot.roles import Role
from bot.store_clock import StoreClock
from bot.wakes import Listener

log = structlog.get_logger(__name__)

#: Closing the connection to Discord may take this long (seconds) of the ten that a stop has.
_GOODBYE_S = 1.5


@dataclass(frozen=True, slots=True)
class Showreel:
    """The bot, built and not yet started."""

    bot: ShowreelBot
    tracker: Tracker
    board: CardBoard
    database: Database
    catalogue: Catalogue
    media: MediaWorker
    notices: NoticeBoard
    housekeeper: Housekeeper
    heartbeat: Heartbeat
    leadership: Leadership
    #: Where the store is shared with other processes: how they wake this one, and the time they agree on.
    listener: Listener | None
    clock: StoreClock | None
    role: Role

    async def run(self, token: str, stop: asyncio.Event) -> None:
        """Connect to Discord and work until `stop` is set; then end within ten seconds.

        Jobs at RunComfy are looked after from the start, whether Discord answers yet or not.

        Raises:
            TokenRefused: Discord does not accept the token, or does not any more.
        """
        stopped = asyncio.create_task(stop.wait(), name="stop")
        working = [asyncio.create_task(work, name=name) for name, work in self._work(token, stop).items()]
        log.info("running", role=self.role)
        await asyncio.wait([stopped, *working], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await self.stop()
        for task in working:
            task.cancel()
        ended = await asyncio.gather(*working, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    def _work(self, token: str, stop: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """Everything that goes on at once. Whatever ends by itself ends all."""
        work = {
            "discord": stay_connected(self.bot, token, stop, gateway=self.role.has_gateway),
            "token": self.bot.traffic.token_refused(self.bot),
            "heartbeat": self.heartbeat.run(),
        }
        if self.clock is not None:
            work["clock"] = self.clock.keep(self.database)
        if self.role.has_tracker:
            work["tracker"] = self.tracker.run()
            work["notices"] = self.notices.run()
            work["housekeeping"] = self.housekeeper.run(self.leadership)
            if self.listener is not None:
                work["listener"] = self.listener.run()
        return work

    async def stop(self) -> None:
        """Let go of every job, show what can be shown, say goodbye to Discord."""
        await asyncio.gather(self.tracker.stop(), self.notices.stop())
        await self.board.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.bot.close()
        log.info("stopped")
