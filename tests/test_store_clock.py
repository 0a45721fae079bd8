"""The time that several machines agree on, read from a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import build
from bot.clock import ForwardClock
from bot.database import Database
from bot.errors import StoreUnavailable
from bot.settings import FixedSettings
from bot.store_clock import StoreClock
from tests.support.clock import Clock

#: How far (ms) a look may be off: the way there and back, on a busy machine.
NEARLY_MS = 5000
YEAR_MS = 365 * 24 * 3_600_000


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    opened = Database(postgres_url)
    yield opened
    await opened.close()


async def time_of(database: Database) -> int:
    now = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
    return int(await database.run(lambda connection: connection.scalar(now)) or 0)


async def test_it_is_the_stores_time_whatever_the_machine_thinks(database: Database) -> None:
    clock = StoreClock(elapsed=Clock(-YEAR_MS))

    await clock.look(database)

    assert abs(clock() - await time_of(database)) < NEARLY_MS


async def test_between_two_looks_it_goes_on_by_itself(database: Database) -> None:
    elapsed = Clock(0)
    clock = StoreClock(elapsed)
    await clock.look(database)
    before = clock()

    elapsed.advance(3600)

    assert clock() == before + 3_600_000


async def test_it_never_goes_back(database: Database) -> None:
    elapsed = Clock(0)
    clock = StoreClock(elapsed)
    await clock.look(database)
    elapsed.advance(3600)
    ahead = clock()

    await clock.look(database)
    assert clock() == ahead

    elapsed.advance(7200)
    assert ahead < clock() < ahead + 7_200_000


async def test_an_answer_that_took_long_is_not_believed(database: Database) -> None:
    """The process was stopped while it waited: the answer was true at some moment in between."""
    elapsed = Clock(0)
    clock = StoreClock(elapsed)
    assert await clock.look(database)
    before = clock()
    readings = iter([elapsed.ms, elapsed.ms + 600_000])
    clock._elapsed = lambda: next(readings)

    assert not await clock.look(database)

    clock._elapsed = elapsed
    assert clock() == before


async def test_without_the_store_there_is_no_time_to_agree_on_at_the_start(database: Database) -> None:
    await database.close()

    with pytest.raises(StoreUnavailable):
        await StoreClock.of(database)


def settings_on(url: str, folder: Path) -> FixedSettings:
    return FixedSettings(
        database_url=url,
        data_dir=folder,
        discord_token="a",
        discord_guild_ids="*",
        runcomfy_api_token="b",
    )


async def test_processes_that_share_a_store_work_by_its_time(postgres_url: str, tmp_path: Path) -> None:
    async with build(settings_on(postgres_url, tmp_path)) as showreel:
        assert isinstance(showreel.bot.services.now, StoreClock)
        assert showreel.bot.services.now is showreel.clock


async def test_a_process_alone_works_by_the_systems_time_that_never_goes_back(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/showreel.db"
    async with build(settings_on(url, tmp_path)) as showreel:
        assert isinstance(showreel.bot.services.now, ForwardClock)
        assert showreel.clock is None
