"""The film club."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.loopback_discord import LoopbackDiscord
from tests.loopback_discord.fixtures import library_on_loopback, loopback_discord
from tests.troubles.club import Club, open_club

__all__ = ["library_on_loopback", "loopback_discord"]


@pytest_asyncio.fixture
async def club(library_on_loopback: LoopbackDiscord, store_path: Path) -> AsyncIterator[Club]:
    """The club, with a store of its own; the test brings the bot in."""
    async with open_club(library_on_loopback, store_path.parent) as opened:
        yield opened
        assert library_on_loopback.violations == []
        assert library_on_loopback.unknown_routes == []


@pytest_asyncio.fixture
async def at_work(club: Club) -> AsyncIterator[Club]:
    """The club with the bot at work."""
    async with club.open():
        yield club
