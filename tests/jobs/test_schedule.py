"""When to ask again: pure, with the chance in hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs.schedule import AdaptiveSchedule, Backoff

SHARES = st.floats(0, 1, exclude_max=True)
AGES = st.floats(0, 1e9)


def steady(**more: float) -> AdaptiveSchedule:
    return AdaptiveSchedule(share=0.1, shortest_s=1, longest_s=10, randomness=lambda: 0.5, **more)


@pytest.mark.parametrize(("age_s", "delay_s"), [(0, 1), (5, 1), (20, 2), (50, 5), (100, 10), (100_000, 10)])
def test_the_older_a_request_the_rarer_the_question_within_bounds(age_s: float, delay_s: float) -> None:
    assert steady().delay_s(age_s=age_s, usual_s=60) == pytest.approx(delay_s)


@given(age_s=AGES, usual_s=AGES, chance=SHARES)
def test_no_delay_leaves_the_bounds_by_more_than_the_spread(
    age_s: float, usual_s: float, chance: float
) -> None:
    schedule = AdaptiveSchedule(randomness=lambda: chance)

    assert 0.9 <= schedule.delay_s(age_s=age_s, usual_s=usual_s) <= 11


@given(ages=st.tuples(AGES, AGES))
def test_a_delay_never_shrinks_with_age(ages: tuple[float, float]) -> None:
    younger, older = (steady().delay_s(age_s=age, usual_s=1) for age in sorted(ages))

    assert younger <= older


def test_requests_of_one_moment_do_not_ask_in_step() -> None:
    schedule = AdaptiveSchedule()

    assert len({schedule.delay_s(age_s=30, usual_s=60) for _ in range(20)}) > 10


def test_the_delay_doubles_with_every_failure_up_to_its_cap() -> None:
    backoff = Backoff(first_s=2, longest_s=60, randomness=lambda: 0.5)

    assert [backoff.delay_s(failures) for failures in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]


@given(failures=st.integers(1, 10**9), chance=SHARES)
def test_however_many_failures_the_delay_stays_near_its_cap(failures: int, chance: float) -> None:
    backoff = Backoff(randomness=lambda: chance)

    assert 1.5 <= backoff.delay_s(failures) <= 75


@pytest.mark.parametrize(
    ("asked_s", "delay_s"), [(None, 2), (0, 2), (1, 2), (30, 30), (61, 61), (600, 600), (3600, 600)]
)
def test_what_the_other_side_asks_for_is_given_up_to_ten_minutes(
    asked_s: float | None, delay_s: float
) -> None:
    backoff = Backoff(first_s=2, longest_s=60, randomness=lambda: 0.5)

    assert backoff.delay_s(1, at_least_s=asked_s) == delay_s
