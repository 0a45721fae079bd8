"""From an answer that is no success to the error it stands for.

RunComfy's `error_code` decides first and the HTTP status second: an empty balance or a bad token may come
as HTTP 400, and an error may come as HTTP 200.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any

from bot.errors import (
    AmbiguousSubmit,
    OutOfFunds,
    Rejected,
    RequestNotFound,
    RunComfyError,
    Transient,
    Unauthorised,
)
from bot.runcomfy.retry import parse_retry_after
from bot.runcomfy.text import error_text
from bot.runcomfy.wire import Answer, Unanswered


class Call(Enum):
    """What was asked: the same answer means different things for each."""

    SUBMIT = auto()
    REQUEST = auto()  # status, result, cancel: about one request
    ACCOUNT = auto()  # models, balance


class _Kind(Enum):
    REFUSED = auto()
    UNAUTHORISED = auto()
    NO_FUNDS = auto()
    NOT_FOUND = auto()
    BUSY = auto()
    FAULT = auto()


_CODES = {
    400001: _Kind.REFUSED,  # unknown model id
    400002: _Kind.NO_FUNDS,
    400004: _Kind.UNAUTHORISED,
    401001: _Kind.UNAUTHORISED,
    403001: _Kind.UNAUTHORISED,  # somebody else's request
    404001: _Kind.NOT_FOUND,
    422001: _Kind.REFUSED,
    500001: _Kind.FAULT,
}
_HTTP = {
    401: _Kind.UNAUTHORISED,
    402: _Kind.NO_FUNDS,
    403: _Kind.UNAUTHORISED,
    404: _Kind.NOT_FOUND,
    410: _Kind.NOT_FOUND,
    429: _Kind.BUSY,
    # The server, or a proxy before it, gave up waiting: how far the request came is unknown.
    408: _Kind.FAULT,
    499: _Kind.FAULT,
}
_ERRORS: dict[_Kind, type[RunComfyError]] = {
    _Kind.REFUSED: Rejected,
    _Kind.UNAUTHORISED: Unauthorised,
    _Kind.NO_FUNDS: OutOfFunds,
    _Kind.NOT_FOUND: RequestNotFound,
}


def read_json(answer: Answer) -> Any:
    """Return the answer's JSON, or None where there is none to read (also for a body over the cap)."""
    if answer.body is None:
        return None
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):  # not JSON, not UTF-8, thousands of digits, or nested absurdly deep
        return None


def says_error(document: Any) -> bool:
    """Tell whether a JSON answer has a top-level `error_code`, which makes it an error at any HTTP status."""
    if not isinstance(document, Mapping):
        return False
    code = document.get("error_code")
    return code not in (None, 0, "", "0", False)


def error_code(document: Any) -> int | None:
    """Return RunComfy's `error_code`, a number or a text of digits."""
    code = document.get("error_code") if isinstance(document, Mapping) else None
    if isinstance(code, bool):
        return None
    if isinstance(code, float) and code.is_integer():
        return int(code)
    if isinstance(code, str) and code.strip().isdecimal() and len(code) <= len("9999999999"):
        return int(code)
    return code if isinstance(code, int) else None


def unanswered_error(call: Call, outcome: Unanswered) -> RunComfyError:
    """Return the error for a call without an answer."""
    if call is Call.SUBMIT and outcome.sent:
        return AmbiguousSubmit(outcome.reason)
    return Transient(outcome.reason)


def answer_error(call: Call, answer: Answer, document: Any, *, now: datetime, secret: str) -> RunComfyError:
    """Return the error for an answer that is not the success asked for.

    A submit is refused for certain only by an answer that says so (4xx, or a code of that class). What
    else was answered, a server's fault or words that cannot be read, leaves open whether it was started.
    """
    code = error_code(document)
    status = answer.http_status
    reason = (error_text(document, secret=secret) if isinstance(document, Mapping) else None) or _nameless(
        answer
    )
    kind = _kind(call, answer, document, code)
    if call is Call.SUBMIT and _contradicts_itself(answer, document):
        kind = _Kind.FAULT
    if kind is _Kind.FAULT and call is Call.SUBMIT:
        return AmbiguousSubmit(reason, code=code, http_status=status)
    if kind in {_Kind.BUSY, _Kind.FAULT}:
        wait_s = parse_retry_after(answer.retry_after, now=now)
        return Transient(reason, code=code, http_status=status, retry_after_s=wait_s)
    return _ERRORS[kind](reason, code=code, http_status=status)


def _kind(call: Call, answer: Answer, document: Any, code: int | None) -> _Kind:
    kind = _kind_of_code(code) or _kind_of_status(answer.http_status)
    if kind is not _Kind.NOT_FOUND:
        return kind
    if call is not Call.REQUEST:
        return _Kind.REFUSED  # an unknown model; there is no request to be missed
    # A page that is not JSON comes from something before RunComfy: no word about the request.
    return kind if isinstance(document, Mapping) else _Kind.FAULT


def _kind_of_code(code: int | None) -> _Kind | None:
    """Known codes by name; unknown ones by their first three digits, which are an HTTP status."""
    if code is None:
        return None
    if code in _CODES:
        return _CODES[code]
    status = code // 1000 if code >= 100_000 else code  # noqa: PLR2004 - six digits: status and a number
    return _kind_of_status(status) if 400 <= status <= 599 else None  # noqa: PLR2004 - HTTP's error range


def _kind_of_status(status: int) -> _Kind:
    if status in _HTTP:
        return _HTTP[status]
    return _Kind.REFUSED if 400 <= status <= 499 else _Kind.FAULT  # noqa: PLR2004 - HTTP's client errors


def _contradicts_itself(answer: Answer, document: Any) -> bool:
    """Tell whether an answer says success (HTTP 2xx, a request id) and error at once."""
    return answer.http_status < 300 and isinstance(document, Mapping) and bool(document.get("request_id"))  # noqa: PLR2004 - HTTP's success range


def _nameless(answer: Answer) -> str:
    return "answer too large" if answer.body is None else f"unreadable answer of {len(answer.body)} bytes"
