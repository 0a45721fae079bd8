"""Snowflakes: Discord's ids, whose upper bits are the time of creation."""

import time

DISCORD_EPOCH_MS = 1_420_070_400_000
_TIMESTAMP_SHIFT = 22


class Snowflakes:
    """Hands out unique, increasing ids."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        now_ms = time.time_ns() // 1_000_000 - DISCORD_EPOCH_MS
        self._last = max(self._last + 1, now_ms << _TIMESTAMP_SHIFT)
        return self._last

    def next_guild(self) -> int:
        """An id whose timestamp no earlier id has, so that guilds made in a row land on shards in turn."""
        self._last = ((self._last >> _TIMESTAMP_SHIFT) + 1) << _TIMESTAMP_SHIFT
        return self.next()


def shard_of(guild_id: int, shard_count: int) -> int:
    """Discord's sharding formula."""
    return (guild_id >> _TIMESTAMP_SHIFT) % shard_count
