"""The queue of renders: who waits, who renders, who has ended, at any moment of the clock.

Nothing runs in the background. `Queue.advance` catches up with the clock whenever somebody asks, event by
event and in the order of time, so that the same clock gives the same history.
"""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from bot.rehearsal.runcomfy.pricing import Order

Duration: TypeAlias = float | tuple[float, float] | Callable[[random.Random], float]
"""Seconds: always the same, between two, or as a function of the seeded random numbers says."""


class State(Enum):
    """Where a render stands."""

    QUEUED = auto()
    RUNNING = auto()
    ENDED = auto()  # well or badly: see its outcome
    CANCELLED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a render ended; `error` is what the result shows, None too for a failure without a word."""

    succeeded: bool
    error: Any = None


@dataclass(eq=False, slots=True)
class Render:
    """One accepted request. Times are seconds of the stand-in's clock.

    Attributes:
        number: counts accepted requests from 1.
        outcome: how it ended; decided when somebody asks after the end.
        picture: width and height (pixels) of the first input image, once it was fetched.
    """

    request_id: str
    number: int
    model_id: str
    payload: Mapping[str, Any]
    order: Order
    submitted_at: float
    ready_at: float
    render_s: float
    state: State = State.QUEUED
    started_at: float | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None
    picture: tuple[int, int] | None = None


class Queue:
    """First come, first served, with a number of places (`slots`) that render at once."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        slots: int,
        queue_s: Duration,
        render_s: Duration,
        rng: random.Random,
    ) -> None:
        self.clock = clock
        self._slots = slots
        self._queue_s = queue_s
        self._render_s = render_s
        self._rng = rng
        self._waiting: list[Render] = []
        self._running: list[Render] = []
        self._freed_at = -math.inf
        self.renders: dict[str, Render] = {}

    def join(self, *, request_id: str, model_id: str, payload: Mapping[str, Any], order: Order) -> Render:
        """Put a request at the end of the queue."""
        now = self.clock()
        render = Render(
            request_id=request_id,
            number=len(self.renders) + 1,
            model_id=model_id,
            payload=payload,
            order=order,
            submitted_at=now,
            ready_at=now + self._seconds(self._queue_s),
            render_s=self._seconds(self._render_s),
        )
        self.renders[request_id] = render
        self._waiting.append(render)
        return render

    def position(self, render: Render) -> int:
        """Count the requests that wait before this one."""
        return sum(1 for other in self._waiting if _turn(other) < _turn(render))

    def cancel(self, render: Render) -> bool:
        """Take a waiting request out of the queue, and tell whether it was waiting."""
        if render not in self._waiting:
            return False
        self._waiting.remove(render)
        render.state = State.CANCELLED
        render.ended_at = self.clock()
        return True

    def advance(self, *, starting: Callable[[Render], float]) -> None:
        """Catch up with the clock. `starting` is told of each start and returns how long it renders (s)."""
        now = self.clock()
        while True:
            ending = min(self._running, key=_end, default=None)
            if (head := self._next_to_start(now, ending)) is not None:
                self._start(head, starting)
            elif ending is not None and _end(ending) <= now:
                self._end(ending)
            else:
                return

    def _next_to_start(self, now: float, ending: Render | None) -> Render | None:
        if not self._waiting or len(self._running) >= self._slots:
            return None
        head = min(self._waiting, key=_turn)
        start_at = max(head.ready_at, self._freed_at)
        too_early = start_at > now or (ending is not None and start_at > _end(ending))
        return None if too_early else head

    def _start(self, render: Render, starting: Callable[[Render], float]) -> None:
        self._waiting.remove(render)
        self._running.append(render)
        render.state = State.RUNNING
        render.started_at = max(render.ready_at, self._freed_at)
        render.ended_at = render.started_at + starting(render)

    def _end(self, render: Render) -> None:
        self._running.remove(render)
        render.state = State.ENDED
        self._freed_at = _end(render)

    def _seconds(self, duration: Duration) -> float:
        if isinstance(duration, tuple):
            return self._rng.uniform(*duration)
        return duration(self._rng) if callable(duration) else duration


def _turn(render: Render) -> tuple[float, int]:
    return render.ready_at, render.number


def _end(render: Render) -> float:
    return math.inf if render.ended_at is None else render.ended_at
