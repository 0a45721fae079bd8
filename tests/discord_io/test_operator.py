"""The operator hears of a stop by direct message: real discord.py, real HTTP."""

from collections.abc import AsyncIterator

import discord
import pytest
import pytest_asyncio

from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.poster import DiscordPoster
from bot.errors import ChannelUnavailable
from bot.jobs.circuit import Notice
from bot.jobs.keeping import Keeping
from tests.discord_io.a_job import CATALOGUE
from tests.loopback_discord import LoopbackDiscord, User
from tests.loopback_discord.fixtures import library_on_loopback, loopback_discord
from tests.support.clock import Clock

__all__ = ["library_on_loopback", "loopback_discord"]


@pytest_asyncio.fixture
async def poster(
    library_on_loopback: LoopbackDiscord, database: Database, clock: Clock
) -> AsyncIterator[DiscordPoster]:
    """A poster that has logged in, without a gateway."""
    library_on_loopback.create_guild("Film club")  # of which the operator is a member
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(library_on_loopback.token)
        board = CardBoard(client, CATALOGUE, database, keeping=Keeping(), now=clock)
        yield DiscordPoster(client, CATALOGUE, board, database, keeping=Keeping(), now=clock)
    assert library_on_loopback.violations == []
    assert library_on_loopback.unknown_routes == []


def letters_to(discord_: LoopbackDiscord, user: User) -> list[str]:
    return [message.content for message in discord_.dm(user).messages]


@pytest.mark.parametrize("notice", Notice)
async def test_the_owner_of_the_application_is_told(
    poster: DiscordPoster, loopback_discord: LoopbackDiscord, notice: Notice
) -> None:
    await poster.tell_operator(notice)

    [letter] = letters_to(loopback_discord, loopback_discord.world.operator)
    assert letter.startswith("**Submits go on" if notice is Notice.RESUMED else "**Submits stopped")


async def test_a_teams_owner_is_told_and_not_the_user_that_stands_for_the_team(
    poster: DiscordPoster, loopback_discord: LoopbackDiscord
) -> None:
    world = loopback_discord.world
    world.team_owner = loopback_discord.create_guild("Crew").add_member("captain").user

    await poster.tell_operator(Notice.NO_FUNDS)

    assert len(letters_to(loopback_discord, world.team_owner)) == 1
    assert letters_to(loopback_discord, world.operator) == []


async def test_an_operator_whose_messages_are_closed_is_a_refusal_like_any_other(
    poster: DiscordPoster, loopback_discord: LoopbackDiscord
) -> None:
    loopback_discord.world.operator.dms_open = False

    with pytest.raises(ChannelUnavailable):
        await poster.tell_operator(Notice.TOKEN)
