from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    AmbiguousSubmit,
    OutOfFunds,
    Rejected,
    RequestNotFound,
    RunComfyError,
    Transient,
    Unauthorised,
)
from bot.runcomfy.retry import LONGEST_RETRY_AFTER_S, RetryPolicy, parse_retry_after

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
STEADY = RetryPolicy(attempts=10, base_s=1.0, cap_s=8.0, jitter=lambda: 0.0)


@pytest.mark.parametrize("kind", [Rejected, Unauthorised, OutOfFunds, RequestNotFound, AmbiguousSubmit])
def test_only_transient_errors_are_worth_another_attempt(kind: type[RunComfyError]) -> None:
    assert STEADY.delay_s(kind("no"), attempt=1) is None


def test_the_wait_doubles_up_to_its_cap() -> None:
    waits = [STEADY.delay_s(Transient("down"), attempt=attempt) for attempt in range(1, 7)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 4.0, 4.0]


def test_the_last_attempt_is_not_followed_by_another() -> None:
    assert STEADY.delay_s(Transient("down"), attempt=9) is not None
    assert STEADY.delay_s(Transient("down"), attempt=10) is None


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_with_any_jitter_the_wait_is_between_half_and_all_of_the_backoff(attempt: int, jitter: float) -> None:
    policy = RetryPolicy(attempts=100_000, base_s=1.0, cap_s=8.0, jitter=lambda: jitter)
    wait = policy.delay_s(Transient("down"), attempt=attempt)
    longest = min(8.0, 2.0 ** min(attempt - 1, 10))
    assert wait is not None
    assert longest / 2 <= wait <= longest


def test_a_server_that_says_when_is_not_asked_earlier() -> None:
    assert STEADY.delay_s(Transient("busy", retry_after_s=7.0), attempt=1) == 7.0
    assert STEADY.delay_s(Transient("busy", retry_after_s=0.0), attempt=1) == 0.5


def test_a_server_that_wants_a_long_wait_is_left_to_the_caller() -> None:
    assert STEADY.delay_s(Transient("busy", retry_after_s=8.1), attempt=1) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 12 ", 12.0),
        ("99999999999999999999", LONGEST_RETRY_AFTER_S),
        ("7200", LONGEST_RETRY_AFTER_S),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("Thu, 99 Foo 2026 12:00:00 GMT", None),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=2), usegmt=True), LONGEST_RETRY_AFTER_S),
        ("Sat, 01 Aug 2026 12:00:30", 30.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_capped(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, now=NOW) == seconds


@given(st.text())
def test_any_retry_after_is_nothing_or_within_bounds(header: str) -> None:
    seconds = parse_retry_after(header, now=NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER_S
