"""Blocks: for a while or for good, one member in one server."""

import pytest

from bot.database import Database
from bot.moderation import blocks
from bot.moderation.blocks import Block
from tests.support.jobs import GUILD, MEMBER


def a_block(until: int | None, *, guild_id: int = GUILD, reason: str = "rude") -> Block:
    return Block(guild_id, MEMBER, until, reason, 9, 1)


@pytest.mark.parametrize("at", [1, 10**15])
async def test_a_block_without_an_end_holds_for_ever(database: Database, at: int) -> None:
    await database.run(blocks.put, a_block(None))

    assert await database.run(blocks.find, GUILD, MEMBER, at=at) == a_block(None)


async def test_a_block_with_an_end_is_over_at_that_moment(database: Database) -> None:
    await database.run(blocks.put, a_block(100))

    assert await database.run(blocks.find, GUILD, MEMBER, at=99) == a_block(100)
    assert await database.run(blocks.find, GUILD, MEMBER, at=100) is None


@pytest.mark.parametrize(("first", "second"), [(None, 100), (100, None), (100, 50)])
async def test_a_later_block_takes_the_place_of_an_earlier(
    database: Database, first: int | None, second: int | None
) -> None:
    await database.run(blocks.put, a_block(first))
    await database.run(blocks.put, a_block(second, reason="again"))

    assert await database.run(blocks.find, GUILD, MEMBER, at=1) == a_block(second, reason="again")


async def test_a_lifted_block_is_gone_and_lifting_it_again_tells_so(database: Database) -> None:
    await database.run(blocks.put, a_block(None))

    assert await database.run(blocks.lift, GUILD, MEMBER)
    assert not await database.run(blocks.lift, GUILD, MEMBER)
    assert await database.run(blocks.find, GUILD, MEMBER, at=1) is None


async def test_a_block_stays_in_its_server(database: Database) -> None:
    await database.run(blocks.put, a_block(None))

    assert await database.run(blocks.find, GUILD + 1, MEMBER, at=1) is None
    assert await database.run(blocks.find, GUILD, MEMBER + 1, at=1) is None
    assert not await database.run(blocks.lift, GUILD + 1, MEMBER)
    assert await database.run(blocks.find, GUILD, MEMBER, at=1) is not None
