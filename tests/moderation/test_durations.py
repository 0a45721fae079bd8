import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.durations import DurationRefused, parse_duration

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("30m", 30 * MINUTE),
        ("12h", 12 * HOUR),
        ("7d", 7 * DAY),
        ("2w", 14 * DAY),
        (" 2 W ", 14 * DAY),
        ("3653d", 3653 * DAY),
        ("forever", None),
        ("Forever", None),
        ("permanent", None),
    ],
)
def test_what_moderators_type_is_understood(typed: str, expected: int | None) -> None:
    assert parse_duration(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "7",
        "d",
        "0m",
        "00h",
        "-1d",
        "+1d",
        "1.5h",
        "1e3m",
        "7d12h",
        "3654d",
        "9999999m",
        "٣d",
        "7\u200bd",
    ],
)
def test_what_is_no_duration_is_refused_with_what_was_typed(typed: str) -> None:
    with pytest.raises(DurationRefused) as refused:
        parse_duration(typed)

    assert refused.value.text == typed


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_refused(typed: str) -> None:
    try:
        length = parse_duration(typed)
    except DurationRefused:
        return
    assert length is None or 0 < length <= 3653 * DAY
