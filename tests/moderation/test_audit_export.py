import csv
import io
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moderation.audit import Action, Entry
from bot.moderation.audit_export import COLUMNS, as_csv


def entry(reason: str = "", **detail: object) -> Entry:
    return Entry(1, 2, 1_767_225_600_000, 3, Action.BLOCKED, 4, None, {"reason": reason, **detail})


def read(entries: Iterable[Entry]) -> list[dict[str, str]]:
    text = as_csv(entries).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_columns_are_there_without_any_entries() -> None:
    assert as_csv([]).decode("utf-8-sig") == ",".join(COLUMNS) + "\r\n"


def test_an_entry_is_one_row_with_times_in_utc() -> None:
    [row] = read([entry("Spam", until=5)])

    assert row == {
        "id": "1",
        "time": "2026-01-01T00:00:00+00:00",
        "actor": "3",
        "action": "blocked",
        "target": "4",
        "job": "",
        "reason": "Spam",
        "detail": '{"until": 5}',
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_what_would_be_a_formula_becomes_a_text(start: str) -> None:
    [row] = read([entry(f"{start}1+1")])

    assert row["reason"] == f"'{start}1+1"


@pytest.mark.parametrize("start", ["＝", "＋", "－", "＠"])
def test_full_width_signs_begin_formulas_too(start: str) -> None:
    [row] = read([entry(f"{start}1+1")])

    assert row["reason"] == f"'{start}1+1"


@pytest.mark.parametrize("reason", ["Spam;=1+1;", 'Spam; "=1+1', "Spam\t@SUM(A1)", "two\n-1+1", "x|+1"])
def test_where_other_programs_cut_no_formula_begins(reason: str) -> None:
    [row] = read([entry(reason, text=reason)])

    for cell in (row["reason"], row["detail"]):
        for piece in re.split(r"[;\t\n|]", cell):
            assert not piece.lstrip(' "').startswith(SIGNS)


SIGNS = tuple("=+-@＝＋－＠")
ALMOST = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("=-@;\t \"'"), max_size=60
)


@given(ALMOST)
def test_no_cell_begins_a_formula_and_nothing_is_lost(reason: str) -> None:
    [row] = read([entry(reason)])

    assert not row["reason"].startswith((*SIGNS, "\t", "\r", "\n"))
    assert not any(piece.startswith(SIGNS) for piece in re.split(r"[;\t\r\n|]", row["reason"]))
    assert row["reason"].replace("'", "") == reason.replace("'", "")
