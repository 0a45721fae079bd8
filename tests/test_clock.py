"""The clock a process works by: it follows the system's, and never goes back."""

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ForwardClock
from tests.support.clock import Clock

HOUR_S = 3600.0


def turned_clock() -> tuple[ForwardClock, Clock, Clock]:
    """A clock, the system's clock behind it, and the one that nobody can turn."""
    wall, elapsed = Clock(), Clock(0)
    return ForwardClock(wall, elapsed), wall, elapsed


def test_it_is_the_systems_time() -> None:
    clock, wall, elapsed = turned_clock()
    wall.advance(5)
    elapsed.advance(5)

    assert clock() == wall()


def test_it_follows_a_system_clock_that_is_put_forward() -> None:
    clock, wall, _ = turned_clock()
    wall.advance(HOUR_S)

    assert clock() == wall()


def test_when_the_system_clock_is_turned_back_it_goes_on_at_its_own_pace() -> None:
    clock, wall, elapsed = turned_clock()
    before = clock()
    wall.advance(-HOUR_S)
    elapsed.advance(10)
    wall.advance(10)

    assert clock() == before + 10_000


def test_it_is_the_systems_time_again_once_that_has_caught_up() -> None:
    clock, wall, elapsed = turned_clock()
    wall.advance(-HOUR_S)
    clock()
    elapsed.advance(10)
    wall.advance(HOUR_S + 60)

    assert clock() == wall()


STEPS = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0, 1e6)))


@given(steps=STEPS)
def test_however_the_system_clock_is_turned_it_goes_on_at_least_as_fast_as_time(
    steps: list[tuple[float, float]],
) -> None:
    clock, wall, elapsed = turned_clock()

    def readings() -> Iterator[tuple[int, int]]:
        yield clock(), elapsed()
        for turned_s, passed_s in steps:
            wall.advance(turned_s)
            elapsed.advance(passed_s)
            yield clock(), elapsed()

    for (earlier, then), (later, now) in pairwise(readings()):
        assert later - earlier >= now - then
