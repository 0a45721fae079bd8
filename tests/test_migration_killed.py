"""A migration is killed in the middle, by SIGKILL: the store is as before, and the next start finishes it."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.credits.audit import audit
from bot.database import Database
from bot.jobs import store
from bot.jobs.states import JobState
from bot.migrate import is_up_to_date, migrate
from tests.conftest import url_of
from tests.servers.test_migration import a_first_store

_IS_KILLED_AT = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from bot.migrate import migrate

seen = 0

@event.listens_for(Engine, "after_cursor_execute")
def die(connection, cursor, statement, parameters, context, executemany):
    global seen
    if statement.split()[0] in ("CREATE", "ALTER", "INSERT", "UPDATE", "DROP"):
        seen += 1
        if seen == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(migrate(sys.argv[1]))
"""


def killed_at(path: Path, statement: int) -> bool:
    """Migrate in a process that is killed after so many statements; whether it came to that."""
    arguments = [sys.executable, "-c", _IS_KILLED_AT, url_of(path), str(statement)]
    return subprocess.run(arguments, check=False, timeout=60).returncode == -signal.SIGKILL


def everything_in(path: Path) -> list[str]:
    opened = sqlite3.connect(path)
    found = list(opened.iterdump())
    assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    opened.close()
    return found


@pytest.mark.parametrize("statement", [1, 7, 20])
async def test_a_migration_killed_anywhere_leaves_the_store_as_it_was_and_is_finished_by_the_next_start(
    tmp_path: Path, statement: int
) -> None:
    path = tmp_path / "showreel.db"
    await a_first_store(path)
    before = everything_in(path)

    assert killed_at(path, statement)
    assert everything_in(path) == before

    await migrate(url_of(path))
    database = Database(url_of(path))
    assert await database.run(is_up_to_date)
    assert [job.state for job in await database.run(store.in_states, JobState)] == [
        JobState.DELIVERED,
        JobState.QUEUED,
    ]
    assert await database.run(audit) == []
    await database.close()
