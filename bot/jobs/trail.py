"""What moderators should know of how jobs move, written into the audit trail with the move itself."""

from sqlalchemy import Connection, select

from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.moderation import audit
from bot.moderation.audit import THE_BOT, Action
from bot.schema import job_events


def record_move(connection: Connection, before: JobState, job: Job, *, at: int) -> None:
    """Record that `job` has moved from the state `before`, where it is more than the day's business.

    Approvals and rejections are recorded by `bot.moderation.interventions`, which knows who decided.
    """
    waited = before is JobState.AWAITING_APPROVAL
    if job.state is JobState.UNCERTAIN:
        _record(connection, Action.UNCERTAIN, job, THE_BOT, at, waited=waited)
    elif job.state is JobState.EXPIRED and waited:
        _record(connection, Action.UNANSWERED, job, THE_BOT, at, waited=waited)
    elif job.state is JobState.CANCELLED:
        _record_cancel(connection, job, at, waited=waited)


def _record_cancel(connection: Connection, job: Job, at: int, *, waited: bool) -> None:
    """A member's own second thoughts concern moderators only where they have been asked to decide."""
    if job.cancel_requested_at is None:
        return  # RunComfy stopped it by itself
    by = _who_asked(connection, job.id)
    if by == job.user_id and not job.withhold:
        if waited:
            _record(connection, Action.WITHDRAWN, job, by, at, waited=waited)
        return
    action = Action.WITHHELD if job.failure == Failure.WITHHELD else Action.CANCELLED
    _record(connection, action, job, by, at, waited=waited)


def _who_asked(connection: Connection, job_id: str) -> int:
    """Who asked last to cancel the job."""
    statement = select(job_events.c.detail).where(job_events.c.job_id == job_id)
    for detail in connection.scalars(statement.order_by(job_events.c.id.desc())):
        by = detail.get("cancel_requested_by", detail.get("by"))
        if by is not None:
            return int(by)
    return THE_BOT


def _record(connection: Connection, action: Action, job: Job, actor: int, at: int, *, waited: bool) -> None:
    audit.record(
        connection,
        job.guild_id,
        action,
        actor=actor,
        at=at,
        target=job.user_id,
        job_id=job.id,
        waited=waited,
    )
