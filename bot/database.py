"""The store's engine: one plain synchronous function, one transaction."""

import asyncio
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from bot.errors import StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")

#: How long (seconds) SQLite waits for another process that holds the file before it gives up.
BUSY_TIMEOUT_S = 10


class Access(Enum):
    """How a process works on a SQLite store."""

    OWNER = "owner"  # the one that runs the bot, or none does
    GUEST = "guest"  # beside the owner, for a moment: it leaves checkpoints to the owner
    READER = "reader"  # looks at one moment's state, never waits for a writer and never holds one up


class Database:
    """Runs functions of a SQLAlchemy Core `Connection`, each in one transaction.

    SQLite gets a single connection, used by one transaction at a time: it has one writer anyway, several
    pooled connections only queue at its lock, and SQLite before 3.51.3 can corrupt a WAL that two
    connections write.
    """

    def __init__(self, url: str, *, access: Access = Access.OWNER) -> None:
        """`url` is a SQLAlchemy URL such as `sqlite+aiosqlite:///data/showreel.db`."""
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn = asyncio.Lock()
        self._closed = False
        self.engine = sqlite_engine(url, access=access) if self._is_sqlite else create_async_engine(url)

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function(connection, *args, **kwargs)` in one transaction and return its value.

        An exception rolls everything back and is raised again. A caller that is cancelled does not stop the
        transaction half way: it is finished in the background, so to the caller its outcome is unknown.

        Raises:
            StoreUnavailable: the store is locked, full, gone, closed, or no store at all.
        """
        return await asyncio.shield(asyncio.ensure_future(self._transaction(function, args, kwargs)))

    async def _transaction(
        self, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> T:
        def call(connection: Connection) -> T:
            return function(connection, *args, **kwargs)

        try:
            if not self._is_sqlite:
                async with self.engine.begin() as connection:
                    return await connection.run_sync(call)
            async with self._turn:
                if self._closed:
                    # The engine would open a new connection, and nobody would close that one.
                    raise StoreUnavailable("closed")
                async with self.engine.begin() as connection:
                    return await connection.run_sync(call)
        except (IntegrityError, ProgrammingError, DataError):
            raise  # the store works: what was asked of it is wrong
        except DBAPIError as error:
            raise StoreUnavailable(str(error.orig)) from error

    async def close(self) -> None:
        """Close every connection, after the transaction under way. Its thread would hold up the exit."""
        async with self._turn:
            self._closed = True
            await self.engine.dispose()


def sqlite_path(url: str) -> Path:
    """The file behind a SQLite URL."""
    return Path(make_url(url).database or "")


def sqlite_engine(url: str, *, check_foreign_keys: bool = True, access: Access = Access.OWNER) -> AsyncEngine:
    """An engine with one durable connection; migrations switch foreign keys off to rebuild tables."""
    engine = create_async_engine(url, poolclass=StaticPool, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver's own transaction handling is switched off: it would begin late and lock late.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if check_foreign_keys else 'OFF'}")
            if access is not Access.OWNER:
                # SQLite before 3.51.3 can corrupt a WAL where checkpoints of two connections meet a commit.
                cursor.execute("PRAGMA wal_autocheckpoint = 0")
            if access is Access.READER:
                cursor.execute("PRAGMA query_only = ON")
            cursor.close()
        except BaseException:
            connection.close()  # nobody else knows of it yet, and its thread would stay
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE takes the write lock before the first read, so what was read still holds at the write.
        connection.exec_driver_sql("BEGIN" if access is Access.READER else "BEGIN IMMEDIATE")

    return engine
