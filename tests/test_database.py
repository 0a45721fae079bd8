"""The store's engine, on real files: one function is one transaction, whatever becomes of its caller."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.util import await_only

from bot import engines as engine_room
from bot.database import Database
from bot.engines import sqlite_path
from bot.errors import StoreUnavailable
from bot.schema import accounts
from tests.conftest import url_of
from tests.support.waiting import store_threads, store_threads_ended, until


@pytest.fixture
async def database(store_path: Path) -> AsyncIterator[Database]:
    """SQLite: what PostgreSQL does is in test_database_postgresql.py."""
    opened = Database(url_of(store_path))
    yield opened
    await opened.close()


def add(connection: Connection, name: str) -> str:
    connection.execute(accounts.insert().values(id=name))
    return name


def count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(accounts)) or 0


def in_file(path: Path) -> int:
    """What another process would see: committed rows alone."""
    with sqlite3.connect(path) as other:
        found: int = other.execute("SELECT count(*) FROM accounts").fetchone()[0]
    other.close()
    return found


async def test_a_function_gets_its_arguments_and_its_value_comes_back(database: Database) -> None:
    def describe(connection: Connection, one: int, *, two: int) -> tuple[bool, int, int]:
        return isinstance(connection, Connection), one, two

    assert await database.run(describe, 1, two=2) == (True, 1, 2)


async def test_what_a_function_wrote_is_committed_when_it_returns(
    database: Database, store_path: Path
) -> None:
    await database.run(add, "a")

    assert in_file(store_path) == 1


async def test_an_exception_takes_everything_back_and_is_raised_again(database: Database) -> None:
    def fails(connection: Connection) -> None:
        add(connection, "a")
        add(connection, "b")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await database.run(fails)

    assert await database.run(count) == 0


async def test_a_broken_rule_takes_back_what_came_before_it(database: Database) -> None:
    def twice(connection: Connection) -> None:
        add(connection, "a")
        add(connection, "a")

    with pytest.raises(IntegrityError):
        await database.run(twice)

    assert await database.run(count) == 0


async def test_the_store_goes_on_after_a_failed_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await database.run(lambda _: 1 // 0)

    assert await database.run(add, "a") == "a"


async def test_transactions_asked_for_at_once_run_one_after_the_other(database: Database) -> None:
    under_way = 0

    def alone(connection: Connection) -> int:
        nonlocal under_way
        under_way += 1
        found = count(connection)
        add(connection, f"account-{found}")
        assert under_way == 1
        under_way -= 1
        return found

    found = await asyncio.gather(*(database.run(alone) for _ in range(50)))

    assert sorted(found) == list(range(50))


async def test_the_transaction_of_a_cancelled_caller_is_finished(database: Database) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    def slow(connection: Connection) -> None:
        add(connection, "first half")
        started.set()
        await_only(go_on.wait())
        add(connection, "second half")

    caller = asyncio.create_task(database.run(slow))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()

    assert await database.run(count) == 2


async def test_a_caller_cancelled_while_it_waits_has_its_turn_all_the_same(database: Database) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    def slow(_connection: Connection) -> None:
        started.set()
        await_only(go_on.wait())

    first = asyncio.create_task(database.run(slow))
    await started.wait()
    second = asyncio.create_task(database.run(add, "a"))
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    await first

    assert await database.run(count) == 1


async def test_a_store_that_another_process_holds_is_unavailable(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_room, "BUSY_TIMEOUT_S", 0.05)
    database = Database(url_of(store_path))
    other = sqlite3.connect(store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable) as unavailable:
        await database.run(add, "a")
    other.execute("ROLLBACK")
    other.close()
    await database.run(add, "b")
    await database.close()

    assert "locked" in unavailable.value.reason
    assert in_file(store_path) == 1


async def test_a_store_that_is_full_takes_back_the_whole_transaction_and_works_again_with_room(
    database: Database, store_path: Path
) -> None:
    """SQLite itself says SQLITE_FULL here; `tests/stories/test_store_trouble.py` fills a real disk."""

    def limit(connection: Connection, pages: int) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def add_many(connection: Connection) -> None:
        for number in range(2000):
            add(connection, f"account-{number}-{'x' * 200}")

    pages = await database.run(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar_one())
    await database.run(limit, pages + 2)
    with pytest.raises(StoreUnavailable) as unavailable:
        await database.run(add_many)
    assert "full" in unavailable.value.reason
    assert in_file(store_path) == 0

    await database.run(limit, 2**31 - 2)
    await database.run(add_many)
    assert in_file(store_path) == 2000
    assert await database.run(lambda c: c.exec_driver_sql("PRAGMA integrity_check").scalar()) == "ok"


@pytest.mark.parametrize("place", ["missing/showreel.db", ".", "not-a-store.db"])
async def test_a_store_that_cannot_be_opened_is_unavailable(tmp_path: Path, place: str) -> None:
    (tmp_path / "not-a-store.db").write_bytes(b"some other file" * 1000)
    database = Database(url_of(tmp_path / place))

    with pytest.raises(StoreUnavailable):
        await database.run(count)
    await database.close()
    await store_threads_ended()


def hide(path: Path) -> Path:
    """Put a folder in the place of a file."""
    hidden = path.rename(path.with_name("elsewhere"))
    path.mkdir()
    return hidden


def bring_back(hidden: Path, path: Path) -> None:
    path.rmdir()
    hidden.rename(path)


async def test_a_store_that_can_be_opened_again_works_again(store_path: Path) -> None:
    hidden = hide(store_path)
    database = Database(url_of(store_path))
    with pytest.raises(StoreUnavailable):
        await database.run(count)

    bring_back(hidden, store_path)

    assert await database.run(count) == 0
    await database.close()
    await store_threads_ended()


async def test_a_mistake_in_a_statement_is_not_blamed_on_the_store(database: Database) -> None:
    with pytest.raises(ProgrammingError):
        await database.run(lambda connection: connection.exec_driver_sql("SELECT ?", (1, 2)))


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
async def test_sqlite_is_durable_and_checks_foreign_keys(
    database: Database, pragma: str, value: object
) -> None:
    assert await database.run(lambda c: c.exec_driver_sql(f"PRAGMA {pragma}").scalar()) == value


async def test_the_write_lock_is_taken_before_the_first_read(database: Database, store_path: Path) -> None:
    def reads(connection: Connection) -> None:
        count(connection)
        other = sqlite3.connect(store_path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()

    await database.run(reads)


async def test_closing_waits_for_the_transaction_under_way_and_ends_the_thread(store_path: Path) -> None:
    before = store_threads()
    database = Database(url_of(store_path))
    started, go_on = asyncio.Event(), asyncio.Event()

    def slow(connection: Connection) -> None:
        started.set()
        await_only(go_on.wait())
        add(connection, "a")

    working = asyncio.create_task(database.run(slow))
    await started.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    assert not closing.done()
    go_on.set()
    await asyncio.gather(working, closing)

    assert in_file(store_path) == 1
    await until(lambda: store_threads() <= before, what="the end of the store's thread")


async def test_nothing_runs_in_a_closed_store(store_path: Path) -> None:
    database = Database(url_of(store_path))
    await database.run(add, "a")
    await database.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await database.run(add, "b")
    await database.close()

    assert in_file(store_path) == 1


def test_the_file_behind_a_url_is_known() -> None:
    assert sqlite_path("sqlite+aiosqlite:////srv/showreel.db") == Path("/srv/showreel.db")
    assert sqlite_path("sqlite+aiosqlite:///data/showreel.db") == Path("data/showreel.db")
