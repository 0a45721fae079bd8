"""The store's answer to a commit is lost: what became of the write is looked up, nothing is done twice."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.database import Database
from bot.errors import ChannelUnavailable
from bot.jobs.states import JobState
from tests.conftest import url_of
from tests.support.jobs import PRICE
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def store_url(store_path: Path) -> str:
    """The driver's own commit is bent: SQLite's."""
    return url_of(store_path)


async def lose_the_answer_to_a_commit(
    database: Database, monkeypatch: pytest.MonkeyPatch, after: JobState
) -> list[JobState]:
    """The driver commits the first move into a state, and fails after that."""
    moving: list[JobState] = []
    lost: list[JobState] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def look(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("UPDATE jobs") and after in values:
            moving.append(after)

    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
    commit = driver.commit

    async def commit_and_fail() -> None:
        await commit()
        if moving and not lost:
            lost.append(after)
            raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(driver, "commit", commit_and_fail)
    return lost


@pytest.mark.parametrize("after", [JobState.UNDELIVERABLE, JobState.DELIVERED, JobState.SUBMITTING])
async def test_a_write_that_was_made_though_the_store_said_otherwise_is_not_made_again(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, after: JobState
) -> None:
    lost = await lose_the_answer_to_a_commit(studio.database, monkeypatch, after)
    if after is JobState.UNDELIVERABLE:
        studio.board.refuse("post_video", ChannelUnavailable("closed for a moment"))
    await studio.open()
    ends = JobState.UNCERTAIN if after is JobState.SUBMITTING else after
    job = await studio.reaches(await studio.ask(), ends)
    await until(lambda: studio.tracker.in_hand == 0, what="empty hands")

    assert lost == [after]
    paid = after is JobState.DELIVERED
    assert studio.videos_of(job) == (1 if paid else 0)
    assert studio.runcomfy.calls["submit"] == (0 if after is JobState.SUBMITTING else 1)
    assert await studio.balance() == OPENING - (PRICE if paid else 0)
