"""What every room of tests may ask for: a clock and a migrated store in a real file."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.migrate import migrate
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.clock import Clock
from tests.support.jobs import GUILD
from tests.support.postgres import Postgres, running_postgres


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store without a job, to be copied: migrating takes longer than most tests.

    Its servers let a member have as many jobs at once as a test needs.
    """
    path = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(_prepare(url_of(path)))
    return path


async def _prepare(url: str) -> None:
    await migrate(url)
    database = Database(url)
    generous = ServerSettings(tiers=(Tier(jobs_at_once=1000),))
    for guild in (GUILD, GUILD + 1):
        await database.run(servers.save, guild, generous, at=1)
    await database.close()


@pytest.fixture
def store_path(empty_store: Path, tmp_path: Path) -> Path:
    """A migrated store of the test's own."""
    return Path(shutil.copy(empty_store, tmp_path / "showreel.db"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, with a migrated store called `empty` to be copied."""
    with running_postgres() as server:
        asyncio.run(_prepare(server.create("empty")))
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A migrated store of the test's own on PostgreSQL."""
    url = postgres.create(like="empty")
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated store of the test's own, on each of the two engines."""
    if request.param == "sqlite":
        return url_of(request.getfixturevalue("store_path"))
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    """A migrated store, open."""
    opened = Database(store_url)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()
