"""The states of a job and the arrows between them. Pure: no clock, no store, no network.

awaiting_approval -> queued -> submitting -> in_queue -> in_progress -> rendered -> delivered
"""

from enum import StrEnum

from bot.errors import InvalidTransition


class JobState(StrEnum):
    """Where a job stands."""

    AWAITING_APPROVAL = "awaiting_approval"  # a moderator has to say yes first
    QUEUED = "queued"  # waits here for a free place
    SUBMITTING = "submitting"  # the one submit is on its way; found again, its outcome is unknown
    IN_QUEUE = "in_queue"  # waits at RunComfy
    IN_PROGRESS = "in_progress"  # RunComfy renders
    RENDERED = "rendered"  # the video exists at RunComfy; it has to be fetched and posted

    DELIVERED = "delivered"  # posted where it was asked for; paid
    UNDELIVERABLE = "undeliverable"  # the video is kept here, the member told; not paid
    FAILED = "failed"  # RunComfy could not or would not make it
    REJECTED = "rejected"  # a moderator said no
    CANCELLED = "cancelled"  # called off before it was rendered
    EXPIRED = "expired"  # took longer than the operator allows
    UNCERTAIN = "uncertain"  # the submit's answer was lost; staff reconcile it


#: A job in one of these never changes again, and no credits are held for it.
ENDED = frozenset(
    {
        JobState.DELIVERED,
        JobState.UNDELIVERABLE,
        JobState.FAILED,
        JobState.REJECTED,
        JobState.CANCELLED,
        JobState.EXPIRED,
        JobState.UNCERTAIN,
    }
)

#: A job in one of these takes up one of the operator's places at RunComfy.
AT_RUNCOMFY = frozenset({JobState.SUBMITTING, JobState.IN_QUEUE, JobState.IN_PROGRESS})

_S = JobState
_ARROWS: dict[JobState, frozenset[JobState]] = {
    _S.AWAITING_APPROVAL: frozenset({_S.QUEUED, _S.REJECTED, _S.CANCELLED, _S.EXPIRED, _S.FAILED}),
    _S.QUEUED: frozenset({_S.SUBMITTING, _S.CANCELLED, _S.FAILED, _S.EXPIRED}),
    # Back to queued only where it is certain that RunComfy has taken nothing on.
    _S.SUBMITTING: frozenset({_S.IN_QUEUE, _S.QUEUED, _S.FAILED, _S.UNCERTAIN}),
    _S.IN_QUEUE: frozenset({_S.IN_PROGRESS, _S.RENDERED, _S.FAILED, _S.CANCELLED, _S.EXPIRED}),
    _S.IN_PROGRESS: frozenset({_S.IN_QUEUE, _S.RENDERED, _S.FAILED, _S.CANCELLED, _S.EXPIRED}),
    # Cancelled: withheld by a moderator before it was posted.
    _S.RENDERED: frozenset({_S.DELIVERED, _S.UNDELIVERABLE, _S.FAILED, _S.CANCELLED}),
} | dict.fromkeys(ENDED, frozenset[JobState]())


def check_transition(before: JobState, after: JobState) -> None:
    """Raise `InvalidTransition` unless the diagram has an arrow from `before` to `after`."""
    if after not in _ARROWS[before]:
        raise InvalidTransition(before, after)
