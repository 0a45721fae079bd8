"""The engines below the store: how SQLite and PostgreSQL are connected to, and what is switched on."""

from enum import Enum
from pathlib import Path
from typing import Any

from asyncpg import InterfaceError, PostgresError
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, StaticPool

#: How long (seconds) SQLite waits for another process that holds the file before it gives up.
BUSY_TIMEOUT_S = 10
#: Connections of one process to PostgreSQL: more than this only queue at its disk.
_CONNECTIONS = 8
#: How long (seconds) a transaction waits for a free connection, for a new one, for one statement.
_POOL_TIMEOUT_S = 10
_CONNECT_TIMEOUT_S = 10
_STATEMENT_TIMEOUT_S = 30
#: How long (seconds) a transaction may do nothing before the server ends it: its locks hold up others.
_IDLE_TIMEOUT_S = 5
#: A connection whose other side has vanished without a word is given up after this long (ms).
_SILENCE_MS = 30_000

#: Trouble on the way to PostgreSQL that the driver raises as it is, without SQLAlchemy's wrapping.
NO_CONNECTION = (OSError, PostgresError, InterfaceError, NoConnectionLeft)


class Access(Enum):
    """How a process works on a SQLite store."""

    OWNER = "owner"  # the one that runs the bot, or none does
    GUEST = "guest"  # beside the owner, for a moment: it leaves checkpoints to the owner
    READER = "reader"  # looks at one moment's state, never waits for a writer and never holds one up


def is_sqlite(url: str) -> bool:
    """Whether the URL names a SQLite file."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file behind a SQLite URL."""
    return Path(make_url(url).database or "")


def name_of(url: str) -> str:
    """The store for people to read: its file, or its URL without the password."""
    return str(sqlite_path(url)) if is_sqlite(url) else make_url(url).render_as_string(hide_password=True)


def postgresql_engine(url: str, *, pooled: bool = True) -> AsyncEngine:
    """An engine on PostgreSQL; `pooled=False` is for one-off work, whose statements may take their time."""
    connect_args: dict[str, Any] = {
        "timeout": _CONNECT_TIMEOUT_S,
        "command_timeout": _STATEMENT_TIMEOUT_S if pooled else None,
        "server_settings": {
            "application_name": "showreel",
            # A transaction left open by a process that hangs must not hold its locks for ever.
            "idle_in_transaction_session_timeout": f"{_IDLE_TIMEOUT_S}s",
            "tcp_user_timeout": str(_SILENCE_MS),
            "timezone": "UTC",
        },
    }
    if not pooled:
        return create_async_engine(url, poolclass=NullPool, connect_args=connect_args)
    return create_async_engine(
        url,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=_POOL_TIMEOUT_S,
        # A connection that died while nobody used it costs a question, not a transaction.
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        connect_args=connect_args,
    )


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
