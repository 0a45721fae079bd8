"""The words and shapes in which the stand-in speaks of a render."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.rehearsal.runcomfy.faults import Fault, Faults
from bot.rehearsal.runcomfy.queue import Render, State

UNKNOWN_WORD = "polishing"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_ODD = {
    "in_queue": "pending",
    "in_progress": "processing",
    "completed": "Succeeded",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "cancelled": "canceled",
}
_OTHER = {"in_queue": "waiting", "in_progress": "starting", "completed": "Completed"}


def status_word(render: Render, faults: Faults) -> str:
    """Return the word of `/status`: usually `completed` for every end but a cancelled one."""
    word = _plain_word(render, ended="completed")
    if render.outcome and not render.outcome.succeeded:
        word = "failed" if faults.holds(render.request_id, Fault.STATUS_SAYS_FAILED) else word
    return _spelled(word, render, faults)


def result_word(render: Render, faults: Faults) -> str:
    """Return the word of `/result`, which tells success from failure."""
    succeeded = render.outcome is not None and render.outcome.succeeded
    word = _plain_word(render, ended="succeeded" if succeeded else "failed")
    if render.state is State.ENDED and faults.holds(render.request_id, Fault.RESULT_SAYS_COMPLETED):
        word = "completed"
    return _spelled(word, render, faults)


def _plain_word(render: Render, *, ended: str) -> str:
    words = {State.QUEUED: "in_queue", State.RUNNING: "in_progress", State.CANCELLED: "cancelled"}
    return words.get(render.state, ended)


def _spelled(word: str, render: Render, faults: Faults) -> str:
    if faults.take(Fault.UNKNOWN_STATUS_WORD):
        return UNKNOWN_WORD
    if faults.holds(render.request_id, Fault.ODD_SPELLING):
        return _ODD[word]
    if faults.holds(render.request_id, Fault.OTHER_SPELLING):
        return _OTHER.get(word, word)
    return word.upper() if faults.holds(render.request_id, Fault.UPPER_CASE) else word


def output_of(render: Render, faults: Faults, urls: list[str]) -> dict[str, Any] | None:
    """Return `output` for a successful render; `urls` are its two files."""
    held = [fault for fault in _OUTPUTS if faults.holds(render.request_id, fault)]
    if not held:
        return {"video": urls[0]}
    return {
        Fault.RESULT_WITHOUT_OUTPUT: None,
        Fault.RESULT_WITHOUT_VIDEO: {"image": urls[0].replace(".mp4", ".png")},
        Fault.RESULT_VIDEOS: {"videos": urls},
        Fault.RESULT_BOTH: {"video": urls[0], "videos": urls},
    }[held[0]]


_OUTPUTS = (
    Fault.RESULT_WITHOUT_OUTPUT,
    Fault.RESULT_WITHOUT_VIDEO,
    Fault.RESULT_VIDEOS,
    Fault.RESULT_BOTH,
)


def cost_of(render: Render, faults: Faults) -> dict[str, Any]:
    """Return the `cost` part of a result, as RunComfy gives it when asked."""
    succeeded = render.outcome is not None and render.outcome.succeeded
    if not succeeded or faults.holds(render.request_id, Fault.COST_MISSING):
        return {}
    cost = render.order.cost_usd
    as_text = faults.holds(render.request_id, Fault.COST_AS_TEXT)
    return {"cost": str(cost) if as_text else float(cost)}


def moment(seconds: float | None) -> str | None:
    """Return a time of the stand-in's clock as RunComfy writes times; its zero is the start of 2026."""
    if seconds is None or seconds == float("inf"):
        return None
    return (_EPOCH + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
