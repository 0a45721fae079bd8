"""The store's engine on a real PostgreSQL: what happens when many do it at once, and when the server goes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from bot import turns
from bot.credits import ledger
from bot.database import Database
from bot.errors import StoreUnavailable
from bot.migrate import is_up_to_date, migrate
from bot.schema import metadata
from tests.support.postgres import Postgres
from tests.test_migrations import die_half_way


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


def give(connection: Connection, user: int, amount: int) -> None:
    account = ledger.member_account(1, user)
    reference = f"gift:{user}"
    ledger.transfer(
        connection, reference=reference, source=ledger.WORLD, destination=account, amount=amount, at=1
    )


async def test_a_caller_cancelled_in_the_middle_does_not_stop_its_transaction(database: Database) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slowly(connection: Connection) -> None:
        give(connection, 1, 5)
        loop.call_soon(begun.set)
        connection.execute(text("SELECT pg_sleep(0.2)"))
        loop.call_soon(go_on.set)

    caller = asyncio.create_task(database.run(slowly))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    await go_on.wait()
    await database.close()

    again = Database(database.url)
    assert await again.run(ledger.balance, ledger.member_account(1, 1)) == 5
    await again.close()


async def test_transactions_that_wait_for_each_other_are_both_done(database: Database) -> None:
    """A deadlock: the server ends one of the two, which is then run again."""
    await database.run(give, 1, 100)
    await database.run(give, 2, 100)
    runs = Counter[int]()
    both_begun = asyncio.Barrier(2)

    def move(connection: Connection, first: int, second: int) -> None:
        runs[first] += 1
        for user in (first, second):
            statement = "UPDATE accounts SET balance = balance + 1 WHERE id = :id"
            connection.execute(text(statement), {"id": ledger.member_account(1, user)})
            connection.execute(text("SELECT pg_sleep(0.2)"))

    async def one(first: int, second: int) -> None:
        await both_begun.wait()
        await database.run(move, first, second)

    await asyncio.gather(one(1, 2), one(2, 1))

    balances = [await database.run(ledger.balance, ledger.member_account(1, user)) for user in (1, 2)]
    assert balances == [102, 102]
    assert runs.total() == 3


async def test_a_transaction_is_not_run_again_for_ever(database: Database) -> None:
    runs = count(1)

    def never_passes(connection: Connection) -> None:
        next(runs)
        connection.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'met another' USING ERRCODE = 'serialization_failure'; END $$")
        )

    with pytest.raises(StoreUnavailable, match="met another"):
        await database.run(never_passes)
    assert next(runs) == 7


async def test_decisions_about_one_server_take_turns_and_those_about_two_do_not(database: Database) -> None:
    inside = Counter[int]()
    most = Counter[int]()

    def decide(connection: Connection, guild_id: int) -> None:
        turns.of_server(connection, guild_id)
        inside[guild_id] += 1
        inside[0] += 1
        most[guild_id] = max(most[guild_id], inside[guild_id])
        most[0] = max(most[0], inside[0])
        connection.execute(text("SELECT pg_sleep(0.05)"))
        inside[guild_id] -= 1
        inside[0] -= 1

    await asyncio.gather(*(database.run(decide, 1 + number % 2) for number in range(8)))

    assert most == {1: 1, 2: 1, 0: 2}


async def test_while_the_server_is_away_the_store_is_unavailable_and_then_it_is_back(
    database: Database, postgres: Postgres
) -> None:
    await database.run(give, 1, 5)
    name = database.url.rpartition("@/")[2].partition("?")[0]
    await asyncio.to_thread(postgres.execute, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    terminate = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await asyncio.to_thread(postgres.execute, terminate)

    with pytest.raises(StoreUnavailable):
        await database.run(give, 2, 5)

    await asyncio.to_thread(postgres.execute, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await database.run(give, 2, 5)
    assert await database.run(ledger.balance, ledger.WORLD) == -10


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    nowhere = Database("postgresql+asyncpg://somebody:secret@127.0.0.1:1/store")

    with pytest.raises(StoreUnavailable) as caught:
        await nowhere.run(ledger.balance, ledger.WORLD)
    with pytest.raises(StoreUnavailable):
        await migrate(nowhere.url)
    await nowhere.close()

    assert "secret" not in str(caught.value)


async def test_a_closed_store_is_unavailable(database: Database) -> None:
    await database.close()

    with pytest.raises(StoreUnavailable, match="closed"):
        await database.run(ledger.balance, ledger.WORLD)


async def test_what_was_asked_wrongly_is_no_outage(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.run(lambda connection: connection.execute(text("SELECT nonsense")))


# --- migrations -----------------------------------------------------------------------------------------


@pytest.fixture
def bare_url(postgres: Postgres) -> str:
    """A database with nothing in it."""
    return postgres.create()


async def test_processes_that_start_at_once_migrate_once(bare_url: str) -> None:
    await asyncio.gather(*(migrate(bare_url) for _ in range(4)))

    store = Database(bare_url)
    assert await store.run(is_up_to_date)
    await store.close()


async def test_the_migrated_store_is_the_schema_the_code_reads(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await database.run(differences) == []


async def test_a_migration_that_is_killed_leaves_nothing(bare_url: str) -> None:
    assert await asyncio.to_thread(die_half_way, bare_url) == 9
    store = Database(bare_url)
    tables = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    assert await store.run(lambda connection: connection.scalar(tables)) == 0

    await migrate(bare_url)

    assert await store.run(is_up_to_date)
    await store.close()
