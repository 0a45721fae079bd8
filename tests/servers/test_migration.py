"""From a store of the first version to one with servers' settings, moderation and budgets."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from bot.credits import budget, ledger
from bot.credits.audit import audit
from bot.credits.budget import Month, Standing
from bot.database import Database
from bot.engines import sqlite_engine
from bot.jobs import admission, store
from bot.jobs.states import JobState
from bot.migrate import migrate
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.conftest import url_of
from tests.support.jobs import GUILD, MEMBER, PRICE, new_job

OPENING = 100


@asynccontextmanager
async def migrated(path: Path) -> AsyncIterator[Database]:
    await a_first_store(path)
    await migrate(url_of(path))
    database = Database(url_of(path))
    try:
        yield database
    finally:
        await database.close()


async def a_first_store(path: Path) -> None:
    """A store as the first version left it, with one video delivered and one request waiting."""
    engine = sqlite_engine(url_of(path), check_foreign_keys=False)

    def upgrade(connection: Connection) -> None:
        with as_file(files("migrations")) as location:
            config = Config()
            config.set_main_option("script_location", str(location))
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    await engine.dispose()
    written = sqlite3.connect(path)
    for account, balance in (
        ("world", -OPENING),
        (ledger.member_account(GUILD, MEMBER), OPENING - 2 * PRICE),
        ("hold:waiting", PRICE),
        ("hold:delivered", 0),
        (ledger.spent_account(GUILD), PRICE),
    ):
        written.execute("INSERT INTO accounts (id, balance) VALUES (?, ?)", (account, balance))
    wallet = ledger.member_account(GUILD, MEMBER)
    for reference, source, destination, amount in (
        (f"opening:{GUILD}:{MEMBER}", "world", wallet, OPENING),
        ("hold:delivered", wallet, "hold:delivered", PRICE),
        ("capture:delivered", "hold:delivered", ledger.spent_account(GUILD), PRICE),
        ("hold:waiting", wallet, "hold:waiting", PRICE),
    ):
        written.execute(
            "INSERT INTO transfers (reference, source, destination, amount, created_at)"
            " VALUES (?, ?, ?, ?, 1)",
            (reference, source, destination, amount),
        )
    for number, (job_id, state, due, ended) in enumerate(
        (("delivered", "delivered", None, 5), ("waiting", "queued", 1, None))
    ):
        values: dict[str, Any] = {
            "id": job_id,
            "interaction_id": 900_000_000 + number,  # of no other job in these tests
            "guild_id": GUILD,
            "channel_id": 200,
            "user_id": MEMBER,
            "locale": "it",
            "model": "seedance-2-pro",
            "model_id": "bytedance/seedance-v2/pro",
            "options": '{"prompt": "Un gatto"}',
            "inputs": "[]",
            "price": PRICE,
            "state": state,
            "created_at": 1,
            "updated_at": 1,
            "due_at": due,
            "ended_at": ended,
        }
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        written.execute(f"INSERT INTO jobs ({names}) VALUES ({marks})", tuple(values.values()))
        written.execute(
            "INSERT INTO job_events (job_id, at, after, detail) VALUES (?, 1, 'queued', '{}')", (job_id,)
        )
    written.commit()
    written.close()


def rows(path: Path, table: str, columns: str) -> list[Any]:
    read = sqlite3.connect(path)
    found = read.execute(f"SELECT {columns} FROM {table} ORDER BY id").fetchall()
    read.close()
    return found


async def test_everything_that_was_there_is_there_still(tmp_path: Path) -> None:
    path = tmp_path / "first.db"
    await a_first_store(path)
    old = {
        "accounts": "*",
        "transfers": "*",
        "job_events": "*",
        "jobs": "id, interaction_id, guild_id, user_id, options, price, state, due_at, ended_at, fence",
    }
    before = {table: rows(path, table, columns) for table, columns in old.items()}

    await migrate(url_of(path))

    assert {table: rows(path, table, columns) for table, columns in old.items()} == before


async def test_an_old_job_has_the_new_columns_with_their_defaults(tmp_path: Path) -> None:
    async with migrated(tmp_path / "first.db") as database:
        job = await database.run(store.get, "waiting")
        settings = await database.run(servers.load, GUILD)
        books = await database.run(audit)

    assert (job.priority, job.withhold) == (0, False)
    assert (job.approval_reason, job.approval_message_id, job.reconciled_at) == (None, None, None)
    assert (job.taken_down_at, job.gallery_message_id) == (None, None)
    assert settings == ServerSettings()
    assert books == []


async def test_an_old_job_comes_to_its_end_without_a_budget_and_new_ones_have_one(tmp_path: Path) -> None:
    def story(connection: Connection) -> None:
        servers.save(connection, GUILD, ServerSettings(budget=PRICE), at=2)
        old = store.get(connection, "waiting")
        store.move(connection, old, JobState.CANCELLED, at=3)
        new, _ = admission.admit(connection, new_job(), opening_credits=OPENING, at=4)

        wallet = ledger.member_account(GUILD, MEMBER)
        assert ledger.balance(connection, wallet) == OPENING - PRICE - new.price
        standing = budget.standing(connection, Month.at(GUILD, 4), PRICE)
        assert standing == Standing(PRICE, PRICE, 0)
        assert audit(connection) == []

    async with migrated(tmp_path / "first.db") as database:
        await database.run(story)
