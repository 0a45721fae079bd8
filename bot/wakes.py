"""Waking: on PostgreSQL a process tells the others that there is something to do (NOTIFY, LISTEN).

It only wakes. What there is to do is in the tables, and every tracker looks there all the time: a wake that
is lost costs a second.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot.engines import NO_CONNECTION, postgresql_engine

log = structlog.get_logger(__name__)

_CHANNEL = "showreel"
_NOTIFY = text(f"SELECT pg_notify('{_CHANNEL}', :job)")
#: How long (seconds) to wait before listening again after the connection was lost.
_REST_S = 5.0


def notify(connection: Connection, job_id: str = "") -> None:
    """Wake every tracker when the caller's transaction is committed; with an id, also that job's pause."""
    if connection.dialect.name == "postgresql":
        connection.execute(_NOTIFY, {"job": job_id})


class Listener:
    """Hears the wakes of other processes on PostgreSQL.

    `wake(job_id)` is called for each; None says to look at the store.
    """

    def __init__(self, url: str, wake: Callable[[str | None], None]) -> None:
        self._url = url
        self._wake = wake

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except (DBAPIError, *NO_CONNECTION) as error:
                log.warning("not listening: the store is looked at anyway", reason=type(error).__name__)
            await asyncio.sleep(_REST_S)

    async def _listen(self) -> None:
        """Listen until the connection ends."""
        engine = postgresql_engine(self._url, pooled=False)
        ended = asyncio.Event()
        try:
            async with engine.connect() as connection:
                driver: Any = (await connection.get_raw_connection()).driver_connection
                driver.add_termination_listener(lambda _: ended.set())
                await driver.add_listener(_CHANNEL, self._heard)
                self._wake(None)
                await ended.wait()
        finally:
            await engine.dispose()

    def _heard(self, _driver: object, _process: int, _channel: str, job_id: str) -> None:
        self._wake(job_id or None)
