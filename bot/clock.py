"""The time, as the store keeps it: whole milliseconds since 1970-01-01 UTC."""

import time
from collections.abc import Callable

#: Gives the time in milliseconds since the epoch. Injected wherever time is written down, so that a test or a
#: rehearsal can tell its own.
Now = Callable[[], int]


def now_ms() -> int:
    """The system's time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000
