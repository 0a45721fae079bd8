"""Looking into the store from outside, beside the processes that work on it."""

import json

from sqlalchemy import Connection, text

from bot.database import Database
from bot.engines import Access, is_sqlite, sqlite_path
from bot.errors import StoreUnavailable

_UNFINISHED = text("SELECT count(*) FROM jobs WHERE ended_at IS NULL OR card_closed_at IS NULL")
_EVENTS = text("SELECT count(*) FROM job_events")
_JOBS = text("SELECT id, state, options FROM jobs")
_LATE = text("SELECT id, state, due_at, worker FROM jobs WHERE ended_at IS NULL OR card_closed_at IS NULL")


class StoreView:
    """Reads, waits for nobody and holds nobody up."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Database | None = None

    async def unfinished(self) -> int:
        """Jobs that have not ended, or whose card does not say so yet."""
        return await self._number(_UNFINISHED)

    async def events(self) -> int:
        """How many steps have been written down."""
        return await self._number(_EVENTS)

    async def jobs(self) -> list[tuple[str, str, str]]:
        """Id, state and prompt of every job."""

        def read(connection: Connection) -> list[tuple[str, str, str]]:
            rows = connection.execute(_JOBS)
            return [(row.id, row.state, _options(row.options)["prompt"]) for row in rows]

        store = self._opened()
        return [] if store is None else await store.run(read)

    async def left(self) -> list[str]:
        """The unfinished jobs, for a complaint."""
        store = self._opened()
        if store is None:
            return []
        return await store.run(lambda connection: [str(tuple(row)) for row in connection.execute(_LATE)])

    async def close(self) -> None:
        if self._store is not None:
            await self._store.close()

    async def _number(self, statement: object) -> int:
        store = self._opened()
        if store is None:
            return 0
        try:
            return await store.run(lambda connection: int(connection.scalar(statement) or 0))  # type: ignore[call-overload]  # a text() above
        except StoreUnavailable:
            return 0  # there are no tables yet

    def _opened(self) -> Database | None:
        if self._store is None:
            path = sqlite_path(self._url)
            if is_sqlite(self._url) and not (path.is_file() and path.stat().st_size):
                return None  # looking would make an empty file
            self._store = Database(self._url, access=Access.READER)
        return self._store


def _options(found: object) -> dict[str, str]:
    options: dict[str, str] = json.loads(found) if isinstance(found, str) else found  # type: ignore[assignment]  # JSON
    return options
