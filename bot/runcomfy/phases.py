"""What a request at RunComfy is doing, whatever word was used for it."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a request stands."""

    QUEUED = "queued"
    """Waiting at RunComfy; the only phase in which it can be cancelled."""
    RUNNING = "running"
    """Being rendered."""
    FINISHED = "finished"
    """From `status`: it ended, well or badly. From `result`: it succeeded."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """A word nobody has described. Never an end: keep asking."""


# RunComfy documents in_queue, in_progress, completed, cancelled, succeeded and failed; its own clients
# are also prepared for the others.
_WORDS = {
    "in_queue": Phase.QUEUED,
    "pending": Phase.QUEUED,
    "waiting": Phase.QUEUED,
    "starting": Phase.RUNNING,
    "processing": Phase.RUNNING,
    "in_progress": Phase.RUNNING,
    "completed": Phase.FINISHED,
    "succeeded": Phase.FINISHED,
    "failed": Phase.FAILED,
    "cancelled": Phase.CANCELLED,
    "canceled": Phase.CANCELLED,
}


def normalised(word: str) -> str:
    """Return a state's word in lower case with underscores, as the documents write it."""
    return word.strip().lower().replace("-", "_").replace(" ", "_")


def phase_of(word: str) -> Phase:
    """Return the phase that a state's word names, in any letter case."""
    return _WORDS.get(normalised(word), Phase.UNKNOWN)
