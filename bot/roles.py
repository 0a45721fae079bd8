"""Roles: which part of the work a process does, when several share one store."""

import re
from dataclasses import dataclass
from enum import StrEnum

_SHARDS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?/(\d{1,5})")


class Role(StrEnum):
    """What a process does."""

    ALL = "all"  # everything: the only role on SQLite
    GATEWAY = "gateway"  # takes commands and buttons from Discord
    WORKER = "worker"  # submits, watches and delivers; needs no connection to Discord's gateway

    @property
    def has_gateway(self) -> bool:
        """Whether it keeps a connection to Discord's gateway."""
        return self is not Role.WORKER

    @property
    def has_tracker(self) -> bool:
        """Whether it brings jobs to their ends."""
        return self is not Role.GATEWAY


@dataclass(frozen=True, slots=True)
class Shards:
    """The shards `first` to `last` (from 0) of `count`. All processes together have each shard once."""

    first: int
    last: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shards":
        """Read `A-B/N` or `A/N`.

        Raises:
            ValueError: it is neither, or there are no such shards.
        """
        found = _SHARDS.fullmatch(text.strip())
        if found is None:
            raise ValueError("Shards are written like 0-3/8: the first, the last, and how many there are.")
        first, count = int(found[1]), int(found[3])
        last = first if found[2] is None else int(found[2])
        if not first <= last < count:
            raise ValueError(f"There is no such range among {count} shards, which are counted from 0.")
        return cls(first, last, count)

    @property
    def ids(self) -> list[int]:
        """Every shard of the range."""
        return list(range(self.first, self.last + 1))
