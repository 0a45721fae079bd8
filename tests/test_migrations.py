"""Migrations on real files: what they build is what the code expects, or nothing at all."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, UniqueConstraint, event

from bot import engines as engine_room
from bot.database import Database
from bot.engines import sqlite_engine
from bot.errors import StoreUnavailable
from bot.jobs import store as jobs_store
from bot.migrate import migrate, upgrade
from bot.schema import metadata
from tests.conftest import url_of
from tests.support.jobs import accepted
from tests.support.waiting import store_threads_ended

#: Dies without a word in the middle of the migration, as a process does that is killed.
_DIES_HALF_WAY = """
import asyncio, os, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.migrate import migrate

@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, parameters, context, executemany):
    if "CREATE TABLE transfers" in statement:
        os._exit(9)

asyncio.run(migrate(sys.argv[1]))
"""


def schema_of(path: Path) -> dict[str, str]:
    """Everything SQLite knows of a store's structure: name -> statement."""
    store = sqlite3.connect(path)
    rows = store.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    store.close()
    return dict(rows)


def rows_of(path: Path) -> list[str]:
    """Everything in a store, as SQL."""
    store = sqlite3.connect(path)
    rows = list(store.iterdump())
    store.close()
    return rows


def die_half_way(url: str) -> int:
    """Migrate in a process that is killed in the middle; its exit code."""
    return subprocess.run([sys.executable, "-c", _DIES_HALF_WAY, url], check=False, timeout=60).returncode


def regardless_of_order(schema: dict[str, str]) -> dict[str, list[str]]:
    """A table built anew has its columns and constraints in another order."""
    return {
        name: sorted(line.strip(" \t,") for line in statement.splitlines())
        for name, statement in schema.items()
    }


@contextmanager
def alembic(connection: Connection) -> Iterator[Config]:
    with as_file(files("migrations")) as location:
        config = Config()
        config.set_main_option("script_location", str(location))
        config.attributes["connection"] = connection
        yield config


async def test_a_fresh_store_gets_every_table(tmp_path: Path) -> None:
    path = tmp_path / "fresh.db"
    await migrate(url_of(path))

    assert set(metadata.tables) | {"alembic_version"} <= set(schema_of(path))


async def test_migrating_twice_changes_nothing(store_path: Path) -> None:
    before = rows_of(store_path)
    structure = schema_of(store_path)

    await migrate(url_of(store_path))

    assert schema_of(store_path) == structure
    assert rows_of(store_path) == before


async def test_the_migrated_store_is_the_schema_the_code_reads(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await database.run(differences) == []


def test_every_constraint_has_a_name_and_is_in_the_store(store_path: Path) -> None:
    """An unnamed CHECK would vanish when SQLite recreates its table, and Alembic does not compare them."""
    statements = schema_of(store_path)
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint | UniqueConstraint):
                assert constraint.name
                name = str(constraint.name)
                assert f"CONSTRAINT {name} " in statements[table.name], name
                if isinstance(constraint, CheckConstraint):
                    assert f"({constraint.sqltext})" in statements[table.name]


async def test_the_whole_way_down_and_up_again_ends_where_it_began(store_path: Path) -> None:
    before = schema_of(store_path)
    engine = sqlite_engine(url_of(store_path), check_foreign_keys=False)

    def down(connection: Connection) -> None:
        with alembic(connection) as config:
            command.downgrade(config, "base")

    async with engine.begin() as connection:
        await connection.run_sync(down)
    await engine.dispose()
    assert set(schema_of(store_path)) == {"alembic_version"}

    await migrate(url_of(store_path))
    assert regardless_of_order(schema_of(store_path)) == regardless_of_order(before)


def test_the_migrations_are_one_line_without_forks() -> None:
    with as_file(files("migrations")) as location:
        config = Config()
        config.set_main_option("script_location", str(location))
        script = ScriptDirectory.from_config(config)

        assert len(script.get_heads()) == 1
        assert len(script.get_bases()) == 1


async def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "fresh.db"
    engine = sqlite_engine(url_of(path), check_foreign_keys=False)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def fail(*arguments: object) -> None:
        if "CREATE TABLE transfers" in str(arguments[2]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    await engine.dispose()

    assert schema_of(path) == {}
    await migrate(url_of(path))
    assert "transfers" in schema_of(path)


async def test_a_migration_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "fresh.db"
    assert die_half_way(url_of(path)) == 9
    assert schema_of(path) == {}
    await migrate(url_of(path))
    assert "transfers" in schema_of(path)


async def test_migrating_keeps_what_is_in_the_store(database: Database) -> None:
    job = await database.run(accepted, at=1)

    await migrate(database.url)

    assert await database.run(jobs_store.get, job.id) == job


async def test_rows_that_point_nowhere_stop_a_migration(store_path: Path) -> None:
    store = sqlite3.connect(store_path)
    store.execute("INSERT INTO job_events (job_id, at, after, detail) VALUES ('nobody', 1, 'queued', '{}')")
    store.commit()
    store.close()

    with pytest.raises(StoreUnavailable, match="nowhere"):
        await migrate(url_of(store_path))


async def test_a_store_of_a_newer_version_is_refused_and_left_as_it_is(store_path: Path) -> None:
    store = sqlite3.connect(store_path)
    store.execute("UPDATE alembic_version SET version_num = 'from the future'")
    store.commit()
    store.close()
    before = schema_of(store_path)

    with pytest.raises(StoreUnavailable, match="from the future"):
        await migrate(url_of(store_path))

    assert schema_of(store_path) == before


@pytest.mark.parametrize("place", ["missing/showreel.db", ".", "not-a-store.db"])
async def test_a_store_that_cannot_be_opened_is_unavailable(tmp_path: Path, place: str) -> None:
    (tmp_path / "not-a-store.db").write_bytes(b"some other file" * 1000)

    with pytest.raises(StoreUnavailable):
        await migrate(url_of(tmp_path / place))
    await store_threads_ended()


async def test_a_store_that_another_process_holds_is_unavailable(
    store_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_room, "BUSY_TIMEOUT_S", 0.05)
    other = sqlite3.connect(store_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreUnavailable, match="locked"):
        await migrate(url_of(store_path))
    other.close()
