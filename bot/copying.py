"""Moves everything a store holds into another, empty one: from SQLite to PostgreSQL, or back.

One transaction reads, one writes. What was written is read again and compared before it is committed.
"""

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, Table, collate, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.credits.audit import audit
from bot.engines import NO_CONNECTION, Access, is_sqlite, postgresql_engine, sqlite_engine
from bot.errors import CopyRefused, StoreUnavailable
from bot.migrate import is_up_to_date, migrate
from bot.schema import Prose, metadata

#: Rows read and written at once.
_BATCH = 1000
_POSTGRESQL = "postgresql"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
#: How often, and how long apart (seconds), it is looked whether nobody else is connected.
_LOOKS = 30
_LOOK_EVERY_S = 0.1

#: Told the table, and how many of its rows are copied so far, out of how many.
OnRows = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """One table, equal on both sides: how many rows, and the SHA-256 of all of them in order."""

    table: str
    rows: int
    digest: str


async def copy_store(source: str, target: str, on_rows: OnRows) -> list[Copied]:
    """Copy every row of the store `source` into the store `target` (SQLAlchemy's URLs); all of it or nothing.

    The target is migrated first, where it has no tables yet. Nobody else may work on either meanwhile.

    Raises:
        CopyRefused: the source is of another version, somebody is connected to one of them, the target is not
            empty, or what arrived differs from what was sent; nothing was written.
        StoreUnavailable: one of them cannot be used.
    """
    try:
        async with AsyncExitStack() as stack:
            reading = await _begin(stack, _engine(source, Access.READER))
            await _check_alone(reading, "the source")
            await reading.run_sync(_check_version, "the source")
            await _make_ready(target)
            writing = await _begin(stack, _engine(target, Access.OWNER))
            await _check_alone(writing, "the target")
            await writing.run_sync(_check_empty)
            copied = [await _copy(reading, writing, table, on_rows) for table in metadata.sorted_tables]
            await writing.run_sync(_set_counters)
            for sent in copied:
                await _compare(writing, sent)
            await writing.run_sync(_check_books)
    except DBAPIError as error:
        raise CopyRefused(f"the store's own words: {error.orig}") from error
    return copied


async def check_alone(url: str, which: str) -> None:
    """PostgreSQL knows who else is connected; for SQLite the caller holds the lock of the process.

    Raises:
        CopyRefused: somebody is; `which` names the store in its words.
        StoreUnavailable: it cannot be used.
    """
    async with AsyncExitStack() as stack:
        await _check_alone(await _begin(stack, _engine(url, Access.OWNER)), which)


# --- opening ------------------------------------------------------------------------------------------


def _engine(url: str, access: Access) -> AsyncEngine:
    if is_sqlite(url):
        return sqlite_engine(url, access=access)
    # One moment's state for all tables.
    return postgresql_engine(url, pooled=False).execution_options(isolation_level="REPEATABLE READ")


async def _begin(stack: AsyncExitStack, engine: AsyncEngine) -> AsyncConnection:
    """A connection in a transaction that is committed at the end of the stack, or rolled back by an error."""
    stack.push_async_callback(engine.dispose)
    try:
        connection = await stack.enter_async_context(engine.begin())
        if engine.dialect.name == _POSTGRESQL:
            # One side may have nothing to do for a while.
            await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error
    except NO_CONNECTION as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    return connection


async def _make_ready(url: str) -> None:
    """Give a target without any table those of this version."""
    async with AsyncExitStack() as stack:
        connection = await _begin(stack, _engine(url, Access.OWNER))
        is_bare = await connection.run_sync(_is_bare)
    if is_bare:
        await migrate(url)


# --- checking -----------------------------------------------------------------------------------------


def _is_bare(connection: Connection) -> bool:
    return not inspect(connection).get_table_names()


async def _check_alone(connection: AsyncConnection, which: str) -> None:
    if connection.dialect.name != _POSTGRESQL:
        return
    for _ in range(_LOOKS):
        await connection.execute(select(func.pg_stat_clear_snapshot()))
        if not await connection.scalar(_OTHERS):
            return
        await asyncio.sleep(_LOOK_EVERY_S)  # who has just said goodbye is still shown for a moment
    raise CopyRefused(f"somebody else is connected to {which}: stop every bot first")


def _check_version(connection: Connection, which: str) -> None:
    if not is_up_to_date(connection):
        raise CopyRefused(f"{which} is no store of this version: `showreel migrate` brings it up to date")


def _check_empty(connection: Connection) -> None:
    _check_version(connection, "the target")
    for table in metadata.sorted_tables:
        if connection.execute(select(table).limit(1)).first() is not None:
            raise CopyRefused(f"the target is not empty: it has rows in {table.name}")


def _check_books(connection: Connection) -> None:
    if found := audit(connection):
        raise CopyRefused(f"its books do not balance: {', '.join(wrong.account for wrong in found)}")


# --- copying ------------------------------------------------------------------------------------------


class _Digest:
    """Counts rows and digests them in order, by what they mean: engines write the same value differently."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._columns = list(table.columns)
        self._sum = hashlib.sha256()
        self.rows = 0

    def add(self, values: Iterable[Any]) -> dict[str, Any]:
        """Take a row in, and give it back by name."""
        row = {
            column.name: column.type.process_bind_param(value, None)
            if isinstance(column.type, Prose)
            else value
            for column, value in zip(self._columns, values, strict=True)
        }
        self._sum.update(json.dumps(row, sort_keys=True).encode() + b"\n")
        self.rows += 1
        return row

    def result(self) -> Copied:
        return Copied(self._table.name, self.rows, self._sum.hexdigest())


async def _copy(reading: AsyncConnection, writing: AsyncConnection, table: Table, on_rows: OnRows) -> Copied:
    total = await reading.scalar(select(func.count()).select_from(table)) or 0
    digest = _Digest(table)
    on_rows(table.name, 0, total)
    async with reading.stream(_in_order(table, reading)) as result:
        async for rows in result.partitions(_BATCH):
            await writing.execute(table.insert(), [digest.add(row) for row in rows])
            on_rows(table.name, digest.rows, total)
    return digest.result()


async def _compare(writing: AsyncConnection, sent: Copied) -> None:
    table = metadata.tables[sent.table]
    digest = _Digest(table)
    async with writing.stream(_in_order(table, writing)) as result:
        async for row in result:
            digest.add(row)
    if digest.result() != sent:
        raise CopyRefused(
            f"{sent.table} did not arrive as it was sent: {sent.rows} rows, {digest.rows} there"
        )


def _in_order(table: Table, connection: AsyncConnection) -> Select[Any]:
    """All rows in the order of their keys, the same on every engine: by bytes, not by a language's rules."""
    order: list[ColumnElement[Any]] = [
        collate(column, "C")
        if connection.dialect.name == _POSTGRESQL and isinstance(column.type, String)
        else column
        for column in table.primary_key
    ]
    return select(table).order_by(*order)


def _set_counters(connection: Connection) -> None:
    """PostgreSQL counts ids up in sequences, which know nothing of rows that brought their ids along."""
    if connection.dialect.name != _POSTGRESQL:
        return
    for table in metadata.sorted_tables:
        counted = table.autoincrement_column
        if counted is None:
            continue
        sequence = connection.scalar(func.pg_get_serial_sequence(table.name, counted.name))
        if sequence is not None:
            latest = connection.scalar(select(func.max(counted))) or 0
            connection.execute(select(func.setval(sequence, latest + 1, False)))
