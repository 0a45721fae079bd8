"""The store: one plain synchronous function, one transaction, on SQLite or PostgreSQL."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from bot.engines import NO_CONNECTION, Access, is_sqlite, postgresql_engine, sqlite_engine
from bot.errors import StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")

#: What PostgreSQL answers to a transaction that met another one and has to be run again (SQLSTATE):
#: serialization_failure, deadlock_detected. The other one went on.
_RUN_AGAIN = frozenset({"40001", "40P01"})
_MOST_RUNS = 6
#: The longest pause (seconds) before the second run.
_PAUSE_S = 0.02


class Database:
    """Runs functions of a SQLAlchemy Core `Connection`, each in one transaction.

    SQLite gets a single connection, used by one transaction at a time: it has one writer anyway, several
    pooled connections only queue at its lock, and SQLite before 3.51.3 can corrupt a WAL that two
    connections write. PostgreSQL runs several at once, READ COMMITTED: what they must not do at the same
    moment they take turns for (`bot.turns`).
    """

    def __init__(self, url: str, *, access: Access = Access.OWNER) -> None:
        """`url` is a SQLAlchemy URL, `sqlite+aiosqlite:///data/showreel.db` or `postgresql+asyncpg://...`."""
        self.url = url
        self.is_sqlite = is_sqlite(url)
        self._turn = asyncio.Lock()
        self._under_way: set[asyncio.Future[Any]] = set()
        self._closed = False
        self.engine = sqlite_engine(url, access=access) if self.is_sqlite else postgresql_engine(url)

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function(connection, *args, **kwargs)` in one transaction and return its value.

        An exception rolls everything back and is raised again. A caller that is cancelled does not stop the
        transaction half way: it is finished in the background, so to the caller its outcome is unknown.
        The function may be run again from the start, where PostgreSQL asks for that: it does nothing but SQL.

        Raises:
            StoreUnavailable: the store is locked, full, gone, closed, or no store at all.
        """
        transaction = asyncio.ensure_future(self._transaction(function, args, kwargs))
        self._under_way.add(transaction)
        transaction.add_done_callback(self._under_way.discard)
        return await asyncio.shield(transaction)

    async def _transaction(
        self, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> T:
        def call(connection: Connection) -> T:
            return function(connection, *args, **kwargs)

        try:
            return await (self._in_turn(call) if self.is_sqlite else self._until_it_passes(call))
        except (IntegrityError, ProgrammingError, DataError):
            raise  # the store works: what was asked of it is wrong
        except DBAPIError as error:
            raise StoreUnavailable(str(error.orig)) from error
        except NO_CONNECTION as error:
            raise StoreUnavailable(f"{type(error).__name__}: {error}") from error

    async def _in_turn(self, call: Callable[[Connection], T]) -> T:
        async with self._turn:
            if self._closed:
                # The engine would open a new connection, and nobody would close that one.
                raise StoreUnavailable("closed")
            async with self.engine.begin() as connection:
                return await connection.run_sync(call)

    async def _until_it_passes(self, call: Callable[[Connection], T]) -> T:
        runs = 1
        while not self._closed:
            try:
                async with self.engine.begin() as connection:
                    return await connection.run_sync(call)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in _RUN_AGAIN or runs >= _MOST_RUNS:
                    raise
            await asyncio.sleep(random.uniform(0, _PAUSE_S) * 2**runs)  # noqa: S311 - a pause
            runs += 1
        raise StoreUnavailable("closed")

    async def close(self) -> None:
        """Close every connection, after what is under way. A thread left over would hold up the exit."""
        async with self._turn:
            self._closed = True
            if self._under_way and not self.is_sqlite:
                await asyncio.wait(set(self._under_way))
            await self.engine.dispose()
