"""What this server's own tests stand on: a guild with a channel and a member, and the sample bot running."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.loopback_discord import MIB, Channel, Guild, LoopbackDiscord, Member
from tests.loopback_discord.sample_bot import SampleBot, running


@pytest.fixture
def guild(library_on_loopback: LoopbackDiscord) -> Guild:
    return library_on_loopback.create_guild("Film club", upload_limit=MIB)


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.create_channel("general")


@pytest.fixture
def ada(guild: Guild) -> Member:
    return guild.add_member("ada")


@pytest_asyncio.fixture
async def bot(library_on_loopback: LoopbackDiscord, channel: Channel) -> AsyncIterator[SampleBot]:
    async with running(library_on_loopback.token) as bot:
        yield bot
    assert library_on_loopback.unknown_routes == []
