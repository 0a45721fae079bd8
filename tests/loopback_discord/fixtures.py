"""Fixtures: import them into a conftest, or into the test module that uses them."""

from collections.abc import AsyncIterator

import discord.asset
import discord.gateway
import discord.http
import pytest
import pytest_asyncio
import yarl

from tests.loopback_discord.judge import ENVIRONMENT_NAME
from tests.loopback_discord.server import LoopbackDiscord


@pytest_asyncio.fixture
async def loopback_discord() -> AsyncIterator[LoopbackDiscord]:
    """A server of its own for each test."""
    async with LoopbackDiscord() as server:
        yield server


@pytest.fixture
def judged_discord(loopback_discord: LoopbackDiscord) -> LoopbackDiscord:
    """The same server, for tests about the judge: skipped where Discord's description is not at hand."""
    if not loopback_discord.judged:
        pytest.skip(f"Discord's OpenAPI description is not at hand; {ENVIRONMENT_NAME} says where it is")
    return loopback_discord


@pytest.fixture
def library_on_loopback(
    loopback_discord: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> LoopbackDiscord:
    """discord.py in this process talks to the server."""
    monkeypatch.setattr(discord.http.Route, "BASE", loopback_discord.api_base)
    monkeypatch.setattr(discord.asset.Asset, "BASE", f"{loopback_discord.base_url}/cdn")
    gateway = yarl.URL(loopback_discord.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    return loopback_discord
