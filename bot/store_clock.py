"""The time that several machines agree on: the store's, counted on between two looks at it.

Leases are times. A machine whose clock ran ahead would take other workers' jobs from their hands.
"""

import asyncio
import time
from typing import Self

import structlog
from sqlalchemy import Connection, text

from bot.clock import Now, now_ms
from bot.database import Database
from bot.errors import StoreUnavailable

log = structlog.get_logger(__name__)

#: How often (seconds) the store is asked for the time.
_LOOK_S = 10.0
#: An answer that took longer (ms) is not believed; at the start, so many are asked for.
_SLOW_MS = 1000
_TRIES = 5
#: A system clock that is this far off (ms) is worth a line in the log.
_WORTH_TELLING_MS = 2000
_NOW = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")


def since_boot_ms() -> int:
    """Milliseconds since the machine started. Nobody can turn this clock, and sleep counts."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


class StoreClock:
    """The store's time in milliseconds since the epoch. It never goes back."""

    def __init__(self, elapsed: Now = since_boot_ms) -> None:
        """`elapsed` (ms) goes on by itself. Before the first look this clock says the system's time."""
        self._elapsed = elapsed
        self._ahead = now_ms() - elapsed()
        self._last = 0

    @classmethod
    async def of(cls, database: Database) -> Self:
        """A clock that has looked once.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        clock = cls()
        for _ in range(_TRIES):
            if await clock.look(database):
                break
        else:
            log.warning("the store is too slow to tell the time: the system's is used until it does")
        off_ms = now_ms() - clock()
        if abs(off_ms) > _WORTH_TELLING_MS:
            log.warning("the clock of this machine is off: the store's is used", off_s=off_ms / 1000)
        return clock

    def __call__(self) -> int:
        """The time, never less than at the call before."""
        self._last = max(self._last, self._elapsed() + self._ahead)
        return self._last

    async def look(self, database: Database) -> bool:
        """Ask the store; whether its answer was quick enough to be believed.

        A process that was stopped while it waited does not know when the answer was true.

        Raises:
            StoreUnavailable: it does not answer.
        """
        asked = self._elapsed()
        told = await database.run(_read)
        heard = self._elapsed()
        if heard - asked > _SLOW_MS:
            return False
        self._ahead = told - (asked + heard) // 2
        return True

    async def keep(self, database: Database) -> None:
        """Ask again and again, until cancelled; without an answer time goes on as it did."""
        while True:
            await asyncio.sleep(_LOOK_S)
            try:
                await self.look(database)
            except StoreUnavailable as error:
                log.warning("the time goes on without the store", reason=error.reason)


def _read(connection: Connection) -> int:
    return int(connection.scalar(_NOW) or 0)
