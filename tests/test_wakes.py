"""Waking across processes, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot import wakes
from bot.database import Database
from bot.jobs import store
from bot.jobs.states import JobState
from bot.wakes import Listener
from tests.support.jobs import MEMBER, accepted, in_state
from tests.support.postgres import Postgres
from tests.support.waiting import until


class Ear:
    """A listener, and what it has heard."""

    def __init__(self, url: str) -> None:
        self.heard: list[str | None] = []
        self.listener = Listener(url, self.heard.append)


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture
async def ear(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ear]:
    monkeypatch.setattr(wakes, "_REST_S", 0.05)
    found = Ear(postgres_url)
    listening = asyncio.create_task(found.listener.run())
    await until(lambda: found.heard == [None], what="the listener to listen")
    found.heard.clear()
    yield found
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_a_new_job_wakes_every_tracker(database: Database, ear: Ear) -> None:
    await database.run(accepted, at=1)

    await until(lambda: ear.heard == [None], what="a wake")


async def test_a_wish_to_cancel_wakes_the_job(database: Database, ear: Ear) -> None:
    job = await database.run(in_state, JobState.IN_PROGRESS, at=1)
    await database.run(store.request_cancel, job.id, by=MEMBER, at=2)

    await until(lambda: job.id in ear.heard, what="a wake of the job")


async def test_what_is_taken_back_wakes_nobody(database: Database, ear: Ear) -> None:
    def fails(connection: object) -> None:
        accepted(connection, at=1)  # type: ignore[arg-type]  # the store hands it over
        raise KeyError

    with pytest.raises(KeyError):
        await database.run(fails)
    await database.run(wakes.notify, "afterwards")

    await until(lambda: ear.heard != [], what="a wake")
    assert ear.heard == ["afterwards"]


async def test_a_listener_whose_connection_ended_listens_again(
    database: Database, ear: Ear, postgres: Postgres
) -> None:
    name = database.url.rpartition("@/")[2].partition("?")[0]
    ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await asyncio.to_thread(postgres.execute, ended)
    # It looks at the store as soon as it listens again: something may have been missed.
    await until(lambda: None in ear.heard, what="the listener to listen again")

    await database.run(wakes.notify, "again")

    await until(lambda: "again" in ear.heard, what="a wake")
