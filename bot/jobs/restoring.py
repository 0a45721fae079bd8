"""What an older copy of the store must not do when it is put to work again.

A copy knows nothing of what came after it. A request that waits in it may have been sent to RunComfy since,
and would be paid for twice; a video that it has yet to post may be in its channel already.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.credits.audit import audit
from bot.errors import CopyRefused
from bot.jobs import quotes, store
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import ENDED, JobState

_WAITS_HERE = frozenset({JobState.AWAITING_APPROVAL, JobState.QUEUED})


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the open jobs: how many ended unsent, how many are uncertain, how many go on."""

    ended: int
    uncertain: int
    going_on: int


def settle(connection: Connection, *, at: int) -> Settled:
    """Make a restored store fit to be worked on, in the caller's transaction.

    Nothing that waits here is ever sent: it ends, its credits go back. A submit under way is uncertain, as
    after any crash. What RunComfy has is asked after, and its channel searched for the video before anything
    is posted.

    Raises:
        CopyRefused: the books do not balance, before or after.
    """
    _check_books(connection)
    quotes.drop_all(connection)
    outcomes = Counter(
        _settle(connection, job, at) for job in store.in_states(connection, set(JobState) - ENDED)
    )
    _check_books(connection)
    return Settled(
        ended=outcomes[JobState.FAILED],
        uncertain=outcomes[JobState.UNCERTAIN],
        going_on=outcomes.total() - outcomes[JobState.FAILED] - outcomes[JobState.UNCERTAIN],
    )


def _check_books(connection: Connection) -> None:
    if found := audit(connection):
        raise CopyRefused(f"its books do not balance: {', '.join(wrong.account for wrong in found)}")


def _settle(connection: Connection, job: Job, at: int) -> JobState:
    if job.state in _WAITS_HERE:
        job = store.move(connection, job, JobState.FAILED, at=at, failure=Failure.RESTORED)
    elif job.state is JobState.SUBMITTING:
        detail = "found in a restored copy"
        job = store.move(
            connection, job, JobState.UNCERTAIN, at=at, failure=Failure.UNCERTAIN, failure_detail=detail
        )
    elif job.posting_since is None:
        job = store.note(connection, job, at=at, posting_since=job.created_at)
    return job.state
