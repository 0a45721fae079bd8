"""The shapes of RunComfy's answers, read leniently: only what a decision needs must be there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from bot.runcomfy.phases import Phase, normalised, phase_of
from bot.runcomfy.text import plain_text

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{1,200}")
_WEB_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f\ud800-\udfff]{1,4000}", re.IGNORECASE)
_MOST_USD = Decimal(1_000_000_000)
_MOST_QUEUE = 10_000_000
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class RequestStatus:
    """Where a request stands; `raw` is RunComfy's own word.

    Attributes:
        queue_position: requests ahead of this one, where RunComfy says so; only while queued.
    """

    phase: Phase
    queue_position: int | None
    raw: str


@dataclass(frozen=True, slots=True)
class RequestResult:
    """How a request ended, or where it stands if it has not; `raw` is RunComfy's own word.

    Attributes:
        phase: FINISHED here means success.
        video_urls: in order, without duplicates. They carry account data: never show them.
        cost_usd: what RunComfy charged, where it says so.
        error: RunComfy's text, one line of at most 500 characters.
    """

    phase: Phase
    video_urls: tuple[str, ...]
    cost_usd: Decimal | None
    error: str | None
    raw: str

    @property
    def without_video(self) -> bool:
        """Whether RunComfy calls it a success and still delivered no video."""
        return self.phase is Phase.FINISHED and not self.video_urls


class CancelOutcome(StrEnum):
    """What came of asking to cancel. NOT_CANCELLABLE is no error: it has been started."""

    CANCELLED = "cancelled"
    NOT_CANCELLABLE = "not_cancellable"


def as_usd(value: Any) -> Decimal | None:
    """Return an amount of US dollars from a JSON number or text, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, int) and abs(value) >= _MOST_USD:
        return None
    text = str(value).strip()  # the shortest text of a float: 0.1 stays 0.1
    try:
        amount = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and abs(amount) < _MOST_USD else None


def _as_position(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) <= _LONGEST_NUMBER:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MOST_QUEUE else None


def _as_cost(value: Any) -> Decimal | None:
    amount = as_usd(value)
    return amount if amount is not None and amount >= 0 else None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _StatusAnswer(_Answer):
    status: str
    queue_position: Annotated[int | None, BeforeValidator(_as_position)] = None


class _ResultAnswer(_Answer):
    status: str
    output: Any = None
    cost: Annotated[Decimal | None, BeforeValidator(_as_cost)] = None
    error: Any = None


class _CancelAnswer(_Answer):
    outcome: str | None = None
    status: str | None = None


class LiveModel(_Answer):
    """A model as RunComfy's catalogue shows it today. What cannot be read is left at its default.

    Attributes:
        base_price_usd: US dollars a `price_unit` ("second" or "output"); a floor, not a quote.
        input_schema: a JSON Schema; None where it was not asked for or not given.
    """

    model_id: str
    display_name: str = ""
    description: str = ""
    categories: tuple[str, ...] = ()
    input_schema: dict[str, Any] | None = None
    base_price_usd: Annotated[Decimal | None, BeforeValidator(_as_cost)] = None
    price_unit: str | None = None
    pricing_note: str | None = None
    model_url: str | None = None

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_default(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            field = cls.model_fields[info.field_name or ""]
            if field.is_required():
                raise
            return field.get_default()


def is_request_id(value: Any) -> bool:
    """Tell whether a value has the shape of a request id and is no relative path."""
    return isinstance(value, str) and _REQUEST_ID.fullmatch(value) is not None and value not in {".", ".."}


def read_status(document: Any, *, secret: str) -> RequestStatus | None:
    """Return the answer of `/status`, or None where it names no state."""
    try:
        answer = _StatusAnswer.model_validate(document)
    except ValidationError:
        return None
    phase = phase_of(answer.status)
    position = answer.queue_position if phase is Phase.QUEUED else None
    return RequestStatus(phase, position, plain_text(answer.status, secret=secret) or "")


def read_result(document: Any, *, secret: str) -> RequestResult | None:
    """Return the answer of `/result`, or None where it names no state."""
    try:
        answer = _ResultAnswer.model_validate(document)
    except ValidationError:
        return None
    videos = _video_urls(answer.output)
    error = plain_text(answer.error, secret=secret)
    phase = _result_phase(answer, videos=videos, error=error)
    return RequestResult(phase, videos, answer.cost, error, plain_text(answer.status, secret=secret) or "")


def _result_phase(answer: _ResultAnswer, *, videos: tuple[str, ...], error: str | None) -> Phase:
    """Decide success: `completed` may mean no more than that it ended, `succeeded` means what it says."""
    phase = phase_of(answer.status)
    if phase is not Phase.FINISHED:
        return phase
    if normalised(answer.status) == "succeeded":
        return Phase.FAILED if error and not videos else Phase.FINISHED
    return Phase.FINISHED if answer.output and not error else Phase.FAILED


def _video_urls(output: Any) -> tuple[str, ...]:
    """Return the addresses under `video` and `videos`, each once, `video` first."""
    if not isinstance(output, Mapping):
        return ()
    found = (url for key in ("video", "videos") for url in _addresses(output.get(key)))
    return tuple(dict.fromkeys(found))


def _addresses(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and _WEB_ADDRESS.fullmatch(item.strip()):
            yield item.strip()


def read_cancel(document: Any) -> CancelOutcome | None:
    """Return the answer of `/cancel`, or None where it says nothing.

    A request whose state is `cancelled` is cancelled, also where this very question came too late
    because an earlier one (whose answer was lost) had done it. An outcome nobody has described counts as
    not cancelled: the next poll tells.
    """
    try:
        answer = _CancelAnswer.model_validate(document)
    except ValidationError:
        return None
    words = [word for word in (answer.outcome, answer.status) if word is not None]
    if any(phase_of(word) is Phase.CANCELLED for word in words):
        return CancelOutcome.CANCELLED
    return CancelOutcome.NOT_CANCELLABLE if words else None


def read_model(document: Any) -> LiveModel | None:
    """Return one model of the catalogue, or None where it has no id."""
    try:
        return LiveModel.model_validate(document)
    except ValidationError:
        return None


def read_models(document: Any) -> list[Any] | None:
    """Return the entries of a page of the catalogue: a list, or a list under a name."""
    if isinstance(document, list):
        return document
    if isinstance(document, Mapping):
        for key in ("models", "data", "items", "results"):
            if isinstance(entries := document.get(key), list):
                return entries
    return None


def read_balance(document: Any) -> Decimal | None:
    """Return the balance in US dollars, or None where it cannot be read. It may be negative."""
    if not isinstance(document, Mapping):
        return None
    dollars = as_usd(document.get("balance_usd"))
    if dollars is not None:
        return dollars
    micro = document.get("balance_microdollars")
    if isinstance(micro, int) and not isinstance(micro, bool) and abs(micro) < _MOST_USD * 1_000_000:
        return Decimal(micro).scaleb(-6)
    return None
