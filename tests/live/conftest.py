"""A community on loopback, and the real bot process beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.catalog import Catalogue
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from tests.live.process import BotProcess, settings_for
from tests.loopback_discord import Channel, Guild, LoopbackDiscord, Member
from tests.loopback_discord.fixtures import loopback_discord

__all__ = ["loopback_discord"]

Start = Callable[..., Awaitable[BotProcess]]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest_asyncio.fixture
async def runcomfy(catalogue: Catalogue) -> AsyncIterator[StandIn]:
    async with StandIn(
        schemas=catalogue_schemas(catalogue), slots=4, render_s=0.3, video_scale=0.2
    ) as server:
        yield server
        assert server.leaks == []


@pytest.fixture
def guild(loopback_discord: LoopbackDiscord) -> Guild:
    return loopback_discord.create_guild("Film club")


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.create_channel("studio")


@pytest.fixture
def member(guild: Guild) -> Member:
    return guild.add_member("member")


@pytest_asyncio.fixture
async def start(loopback_discord: LoopbackDiscord, runcomfy: StandIn, tmp_path: Path) -> AsyncIterator[Start]:
    """Start the bot on the test's own folder and wait until it is connected; leftovers are killed."""
    started: list[BotProcess] = []

    async def start_bot(*, connected: bool = True, **more: str) -> BotProcess:
        settings = settings_for(loopback_discord, runcomfy, **more)
        process = await BotProcess.start(settings, tmp_path)
        started.append(process)
        if connected:
            await loopback_discord.wait_until_ready(30)
        return process

    yield start_bot
    for process in started:
        await process.kill()


@pytest.fixture(autouse=True)
def every_body_is_what_discord_describes(loopback_discord: LoopbackDiscord) -> Iterator[None]:
    """Whatever a live test does: no request body that Discord's own description would refuse."""
    yield
    assert loopback_discord.violations == []
    assert loopback_discord.unknown_routes == []
