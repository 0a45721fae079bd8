"""When to ask RunComfy again. No webhook exists: this is the whole delay from finished to noticed."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

#: No job rests longer (seconds) than this at a stretch, whoever asks: it bounds what one odd header can
#: cost, or a clock that ran ahead when the pause was written down.
LONGEST_PAUSE_S = 600.0


class PollSchedule(Protocol):
    """Decides how long (seconds) to wait before the next question about one job."""

    def delay_s(self, *, age_s: float, usual_s: float) -> float:
        """`age_s`: since the submit. `usual_s`: how long jobs like it usually take."""


@dataclass(frozen=True, slots=True)
class AdaptiveSchedule:
    """Asks at a fixed share of the job's age: soon at first, then ever more rarely, within bounds (seconds).

    So the delay of the news is in proportion to how long the member has waited anyway.
    """

    share: float = 0.08
    shortest_s: float = 1.0
    longest_s: float = 10.0
    spread: float = 0.1
    randomness: Callable[[], float] = random.random

    def delay_s(self, *, age_s: float, usual_s: float) -> float:  # noqa: ARG002 - part of the interface
        """See `PollSchedule`. The spread keeps jobs of one moment from asking in step."""
        delay = min(max(age_s * self.share, self.shortest_s), self.longest_s)
        return delay * (1 + self.spread * (2 * self.randomness() - 1))


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long (seconds) to wait after the n-th failure in a row: doubling, capped, jittered."""

    first_s: float = 2.0
    longest_s: float = 60.0
    randomness: Callable[[], float] = random.random

    def delay_s(self, failures: int, *, at_least_s: float | None = None) -> float:
        """`failures` counts from 1; `at_least_s` is what the other side asked for, up to ten minutes."""
        delay = min(self.first_s * 2.0 ** min(failures - 1, 16), self.longest_s)
        wanted = min(at_least_s or 0.0, LONGEST_PAUSE_S)
        return max(delay * (0.75 + 0.5 * self.randomness()), wanted)
