"""The time, as the store keeps it: whole milliseconds since 1970-01-01 UTC."""

import time
from collections.abc import Callable

#: Gives the time in milliseconds since the epoch. Injected wherever time is written down, so that a test or a
#: rehearsal can tell its own.
Now = Callable[[], int]


def now_ms() -> int:
    """The system's time in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def elapsed_ms() -> int:
    """Milliseconds since some moment in the past; nobody can turn this clock."""
    return time.monotonic_ns() // 1_000_000


class ForwardClock:
    """The time for a process that works by it: as the system has it, but it never goes back.

    A system clock that is turned back would make leases and cooldowns longer and jobs wait for a moment that
    had come already. From then on this clock goes on at its own pace, until the system's has caught up.
    """

    def __init__(self, wall: Now = now_ms, elapsed: Now = elapsed_ms) -> None:
        """`wall` is the system's time (ms), which can be turned; `elapsed` (ms) can not."""
        self._wall = wall
        self._elapsed = elapsed
        self._last = wall()
        self._seen = elapsed()

    def __call__(self) -> int:
        """The time in milliseconds since the epoch, never less than at the call before."""
        elapsed = self._elapsed()
        self._last = max(self._wall(), self._last + elapsed - self._seen)
        self._seen = elapsed
        return self._last
