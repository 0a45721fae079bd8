"""What a member reads about an error: the known ones in words, the others as a reference into the log."""

import re

import pytest
from structlog.testing import capture_logs

from bot.catalog.problems import Problem, ProblemCode
from bot.discord_io.errors import words_for
from bot.errors import CannotPostHere, InsufficientCredits, InvalidRequest, StoreUnavailable
from bot.locale import Words

ENGLISH = Words("en")


def test_every_problem_of_a_request_is_listed() -> None:
    error = InvalidRequest([Problem("prompt", ProblemCode.BLANK), Problem("image1", ProblemCode.UNREADABLE)])

    assert words_for(error, ENGLISH).splitlines() == [
        "That request cannot go ahead yet. Nothing was spent.",
        "- **prompt** is empty. Describe what should happen in the video.",
        "- **image1** could not be read. The file may be damaged, or not what its name says.",
    ]


@pytest.mark.parametrize(
    ("needed", "available", "says"),
    [
        (1, 0, "That video costs 1 credit, and you have 0."),
        (1200, 3, "That video costs 1,200 credits, and you have 3."),
    ],
)
def test_too_few_credits_say_how_many_are_missing(needed: int, available: int, says: str) -> None:
    text = words_for(InsufficientCredits(needed=needed, available=available), ENGLISH)

    assert text.startswith(says)


def test_missing_permissions_are_named() -> None:
    text = words_for(CannotPostHere(["Attach Files", "Embed Links"]), ENGLISH)

    assert text.startswith("I may not post here: Attach Files, Embed Links missing.")


def test_closed_books_are_logged_for_the_operator() -> None:
    with capture_logs() as logged:
        text = words_for(StoreUnavailable("disk I/O error"), ENGLISH)

    assert "nothing was done and nothing was spent" in text
    assert "disk" not in text
    assert [(entry["log_level"], entry["reason"]) for entry in logged] == [("error", "disk I/O error")]


def test_anything_else_gets_a_reference_that_is_in_the_log() -> None:
    with capture_logs() as logged:
        text = words_for(ZeroDivisionError("secret detail"), ENGLISH)

    [reference] = re.findall(r"Reference: ([0-9a-f]{8})$", text)
    assert "secret" not in text
    [entry] = logged
    assert entry["reference"] == reference
    assert isinstance(entry["exc_info"], ZeroDivisionError)
