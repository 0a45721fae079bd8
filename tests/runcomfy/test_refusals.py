import json
from datetime import UTC, datetime
from typing import Any

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
from bot.runcomfy.refusals import Call, answer_error, error_code, read_json, says_error, unanswered_error
from bot.runcomfy.wire import Answer, Unanswered

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def error_of(call: Call, status: int, body: Any, *, retry_after: str | None = None) -> RunComfyError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Answer(status, content, retry_after)
    return answer_error(call, answer, read_json(answer), now=NOW, secret="tok")


CODES = [
    (400001, Rejected, Rejected),
    (400002, OutOfFunds, OutOfFunds),
    (400004, Unauthorised, Unauthorised),
    (401001, Unauthorised, Unauthorised),
    (403001, Unauthorised, Unauthorised),
    (404001, Rejected, RequestNotFound),
    (422001, Rejected, Rejected),
    (429001, Transient, Transient),
    (500001, AmbiguousSubmit, Transient),
    (402123, OutOfFunds, OutOfFunds),
    (400999, Rejected, Rejected),
    (503123, AmbiguousSubmit, Transient),
    (429, Transient, Transient),
]


@pytest.mark.parametrize(("code", "submit", "read"), CODES)
@pytest.mark.parametrize("status", [200, 400, 404, 500])
@pytest.mark.parametrize("spelled", [int, str, float])
def test_the_error_code_decides_whatever_the_http_status(
    code: int, submit: type[RunComfyError], read: type[RunComfyError], status: int, spelled: type[Any]
) -> None:
    body = {"error_code": spelled(code) if spelled is not str else str(code), "message": "because"}
    found = {call: error_of(call, status, body) for call in (Call.SUBMIT, Call.REQUEST)}
    assert type(found[Call.SUBMIT]) is submit
    assert type(found[Call.REQUEST]) is read
    assert {(error.code, error.http_status, error.reason) for error in found.values()} == {
        (code, status, "because")
    }


STATUSES = [
    (301, AmbiguousSubmit, Transient),
    (400, Rejected, Rejected),
    (401, Unauthorised, Unauthorised),
    (402, OutOfFunds, OutOfFunds),
    (403, Unauthorised, Unauthorised),
    (408, AmbiguousSubmit, Transient),
    (409, Rejected, Rejected),
    (413, Rejected, Rejected),
    (422, Rejected, Rejected),
    (429, Transient, Transient),
    (499, AmbiguousSubmit, Transient),
    (500, AmbiguousSubmit, Transient),
    (503, AmbiguousSubmit, Transient),
    (204, AmbiguousSubmit, Transient),
]


@pytest.mark.parametrize(("status", "submit", "read"), STATUSES)
@pytest.mark.parametrize(
    "body", [b"", b"<html>", {"detail": "x"}, {"error_code": None}, {"error_code": "E_ODD"}]
)
def test_without_a_code_the_http_status_decides(
    status: int, submit: type[RunComfyError], read: type[RunComfyError], body: Any
) -> None:
    assert type(error_of(Call.SUBMIT, status, body)) is submit
    assert type(error_of(Call.REQUEST, status, body)) is read


def test_a_404_page_of_something_before_runcomfy_says_nothing_about_the_request() -> None:
    assert type(error_of(Call.REQUEST, 404, b"<html>Not Found</html>")) is Transient
    assert type(error_of(Call.REQUEST, 404, {"detail": "Not found"})) is RequestNotFound
    assert type(error_of(Call.ACCOUNT, 404, b"<html>Not Found</html>")) is Rejected


def test_a_submit_answered_with_success_and_error_at_once_is_ambiguous() -> None:
    body = {"request_id": "abc", "error_code": 400001}
    assert type(error_of(Call.SUBMIT, 200, body)) is AmbiguousSubmit
    # With an error's HTTP status the id is one to quote to the support.
    assert type(error_of(Call.SUBMIT, 400, body)) is Rejected


def test_an_unreadable_code_at_http_200_leaves_a_submit_ambiguous() -> None:
    assert type(error_of(Call.SUBMIT, 200, {"error_code": "E_ODD"})) is AmbiguousSubmit


def test_a_detail_list_becomes_the_reason() -> None:
    body = {"error_code": 422001, "detail": [{"loc": ["body", "duration"], "msg": "too long"}]}
    assert error_of(Call.SUBMIT, 422, body).reason == "body.duration: too long"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_kept_for_the_caller(status: int) -> None:
    error = error_of(Call.REQUEST, status, b"", retry_after="17")
    assert isinstance(error, Transient)
    assert error.retry_after_s == 17.0


def test_a_call_that_provably_never_left_is_transient_and_any_other_submit_ambiguous() -> None:
    assert type(unanswered_error(Call.SUBMIT, Unanswered("refused", sent=False))) is Transient
    assert type(unanswered_error(Call.SUBMIT, Unanswered("reset", sent=True))) is AmbiguousSubmit
    assert type(unanswered_error(Call.REQUEST, Unanswered("reset", sent=True))) is Transient


@pytest.mark.parametrize("nothing", [None, 0, "", "0", False])
def test_an_empty_error_code_is_no_error(nothing: Any) -> None:
    assert not says_error({"error_code": nothing, "status": "in_queue"})


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe\xff", b"[" * 100_000, b"1" * 10_000, b"{'a': 1}", b'{"a": 1', None]
)
def test_bytes_that_are_no_json_read_as_nothing(body: bytes | None) -> None:
    assert read_json(Answer(200, body, None)) is None


@pytest.mark.parametrize("code", [True, None, [], {}, "4e5", "4" * 50, 1.5, float("nan")])
def test_a_code_that_is_no_number_is_none(code: Any) -> None:
    assert error_code({"error_code": code}) is None


@given(st.sampled_from(Call), st.integers(100, 599), st.binary(max_size=50), st.integers() | st.text())
def test_any_answer_is_one_error_and_a_submit_that_may_run_is_never_called_transient(
    call: Call, status: int, body: bytes, code: int | str
) -> None:
    for content in (body, json.dumps({"error_code": code}).encode()):
        error = error_of(call, status, content)
        assert isinstance(error, RunComfyError)
        if call is Call.SUBMIT and isinstance(error, Transient):
            assert status == 429 or str(error.code).startswith("429")
        if call is not Call.SUBMIT:
            assert not isinstance(error, AmbiguousSubmit)
