from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runcomfy.text import MAX_CHARACTERS, error_text, plain_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize("key", ["error_message", "message", "error", "detail"])
def test_an_error_text_is_found_under_each_of_its_names(key: str) -> None:
    assert error_text({"error_code": 400001, key: "no such model"}, secret="") == "no such model"


def test_the_most_specific_name_wins_and_empty_ones_are_passed_over() -> None:
    document = {"detail": "the last", "message": "the second", "error_message": "  "}
    assert error_text(document, secret="") == "the second"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (["one", "", "two"], "one; two"),
        (
            [{"loc": ["body", "prompt"], "msg": "is missing", "type": "missing"}],
            "body.prompt: missing: is missing",
        ),
        (
            {"code": "InputImageSensitiveContentDetected", "message": "a face"},
            "InputImageSensitiveContentDetected: a face",
        ),
        ({"error": {"message": "deep"}}, "deep"),
        ({"why": "unusual", "where": 7}, "why: unusual, where: 7"),
        (42, "42"),
        ({}, None),
        ([], None),
        (None, None),
        (False, None),
        (" \n\t", None),
    ],
)
def test_texts_lists_and_objects_become_one_line(value: Any, text: str | None) -> None:
    assert plain_text(value, secret="") == text


def test_control_and_direction_characters_are_removed_and_white_space_is_one_space() -> None:
    assert plain_text("a\x00b\x1b[31m\u202ec\r\n\td\ud800", secret="") == "ab[31mc d"


def test_a_long_text_is_cut_to_the_limit() -> None:
    text = plain_text("word " * 1000, secret="")
    assert text is not None
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("\N{HORIZONTAL ELLIPSIS}")


@pytest.mark.parametrize(
    "quoted", ["bad token s3cr3t!", "bad token s3\x00cr3t!", "x" * 495 + " s3cr3t!", ["s3cr3t!"]]
)
def test_a_quoted_token_is_taken_out_even_where_the_text_is_cut(quoted: Any) -> None:
    text = plain_text(quoted, secret="s3cr3t!")
    assert text is not None
    assert "s3c" not in text


@given(JSON)
def test_any_json_becomes_a_short_printable_line_or_nothing(value: Any) -> None:
    text = plain_text(value, secret="token")
    assert text is None or (0 < len(text) <= MAX_CHARACTERS and "\n" not in text)
    assert text is None or text.encode()


def test_the_address_of_a_file_is_not_repeated() -> None:
    said = "could not keep HTTPS://files.runcomfy.net/account-7/video.mp4, sorry"
    assert plain_text(said, secret="") == "could not keep [address] sorry"
