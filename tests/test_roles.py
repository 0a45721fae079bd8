"""Which part of the work a process does, and on which of Discord's shards."""

import pytest

from bot.discord_io.client import ShardedBot, open_bot
from bot.roles import Role, Shards


@pytest.mark.parametrize(
    ("text", "ids", "count"),
    [("0-3/8", [0, 1, 2, 3], 8), ("7/8", [7], 8), (" 0/1 ", [0], 1), ("2-2/3", [2], 3)],
)
def test_shards_are_a_range_of_so_many(text: str, ids: list[int], count: int) -> None:
    shards = Shards.parse(text)

    assert (shards.ids, shards.count) == (ids, count)


@pytest.mark.parametrize("text", ["", "1", "a/b", "-1/2", "2/2", "3-1/8", "0-8/8", "0/0", "1/2/3", "0-1-2/4"])
def test_any_other_text_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="hards"):
        Shards.parse(text)


def test_every_part_of_the_work_has_a_role() -> None:
    assert [(role, role.has_gateway, role.has_tracker) for role in Role] == [
        (Role.ALL, True, True),
        (Role.GATEWAY, True, False),
        (Role.WORKER, False, True),
    ]


async def test_a_bot_on_some_shards_is_on_no_others() -> None:
    bot = open_bot(guild_ids=None, registrar=None, shards=Shards.parse("2-3/8"))

    assert isinstance(bot, ShardedBot)
    assert (bot.shard_ids, bot.shard_count) == ([2, 3], 8)
    await bot.close()
