"""Clocks that tests turn by hand."""

from dataclasses import dataclass


@dataclass
class Clock:
    """The store's time in milliseconds, as `bot.clock.Now`. It stands still until somebody turns it."""

    ms: int = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms

    def advance(self, seconds: float) -> int:
        """Turn the clock and return the new time."""
        self.ms += int(seconds * 1000)
        return self.ms


@dataclass
class Seconds:
    """A clock in seconds that never goes back, as the stand-in takes one."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
