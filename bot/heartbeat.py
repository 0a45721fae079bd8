"""The heartbeat: renews the process's sign of life while its loops turn and its store answers."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from bot import alive
from bot.alive import Sign
from bot.database import Database
from bot.errors import StoreUnavailable

log = structlog.get_logger(__name__)

#: How often (seconds) the sign is renewed.
BEAT_S = 5.0
#: How long (seconds) the store may take to answer, and the tracker for one turn.
_STORE_PATIENCE_S = 20.0
_TURN_PATIENCE_S = 90.0

#: A time in seconds that never goes back, and is the same for every process of the machine.
Clock = Callable[[], float]


class Heartbeat:
    """Beats as long as the event loop turns: where that stands still, the sign grows old by itself."""

    def __init__(
        self,
        data_dir: Path,
        database: Database,
        *,
        role: str = "bot",
        turns: Callable[[], int] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """`turns` counts the rounds of the tracker's loop, where this process has one."""
        self._data_dir = data_dir
        self._database = database
        self._role = role
        self._turns = turns
        self._clock = clock
        self._last_turn = (-1, clock())

    async def run(self) -> None:
        """Beat until cancelled; then there is no sign any more, and nobody misses one."""
        await asyncio.to_thread(alive.clear_dead, self._data_dir)
        try:
            while True:
                await self.beat()
                await asyncio.sleep(BEAT_S)
        finally:
            alive.take_back(self._data_dir, self._role, os.getpid())

    async def beat(self) -> None:
        """Look at everything once, and say how it is."""
        problem = await self._problem()
        if problem is not None:
            log.warning("not well", problem=problem)
        sign = Sign(self._role, os.getpid(), self._clock(), problem)
        try:
            await asyncio.to_thread(alive.give, self._data_dir, sign)
        except OSError as error:
            log.warning("no sign of life can be written", reason=error.strerror)

    async def _problem(self) -> str | None:
        if (standing_s := self._tracker_stands_s()) > _TURN_PATIENCE_S:
            return f"the tracker has stood still for {standing_s:.0f} seconds"
        try:
            async with asyncio.timeout(_STORE_PATIENCE_S):
                await self._database.run(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        except TimeoutError:
            return "the store does not answer"
        except StoreUnavailable as error:
            return f"the store cannot be used: {error.reason}"
        return None

    def _tracker_stands_s(self) -> float:
        if self._turns is None:
            return 0.0
        turns, now = self._turns(), self._clock()
        if turns != self._last_turn[0]:
            self._last_turn = (turns, now)
        return now - self._last_turn[1]
