"""Pauses that are written down rather than waited for."""

from dataclasses import dataclass, field

from bot.jobs.schedule import Backoff


@dataclass(frozen=True)
class Remembering(Backoff):
    """A back-off that writes down what was asked of it, and does not wait for that."""

    asked: list[float | None] = field(default_factory=list)

    def delay_s(self, failures: int, *, at_least_s: float | None = None) -> float:
        self.asked.append(at_least_s)
        return super().delay_s(failures)
