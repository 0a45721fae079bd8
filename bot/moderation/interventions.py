"""What moderators do to jobs and members: each one transaction, with its entry in the audit trail.

Nothing reaches across servers: every function is told the server it acts in, and finds nothing of another.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update

from bot import turns
from bot.credits import budget, ledger
from bot.credits.budget import Month
from bot.errors import StaleJob
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.moderation import audit, blocks, filters
from bot.moderation.audit import Action
from bot.moderation.blocks import Block
from bot.moderation.filters import Filter, Kind, Verdict
from bot.schema import jobs
from bot.servers import store as servers


class Settlement(StrEnum):
    """What staff found out about an uncertain submit."""

    RAN = "ran"  # RunComfy took it and charges for it
    NEVER_RAN = "never-ran"  # RunComfy knows nothing of it


def job_in(connection: Connection, guild_id: int, job_id: str, *, hold: bool = False) -> Job:
    """A job of this server; with `hold` nobody else changes it until the caller's transaction ends.

    Raises:
        StaleJob: the server has no such job.
    """
    job = store.get(connection, job_id, hold=hold)
    if job.guild_id != guild_id:
        raise StaleJob(job_id)
    return job


def approve(connection: Connection, guild_id: int, job_id: str, *, by: int, at: int) -> Job:
    """Let a waiting request go on.

    Raises:
        StaleJob: it does not wait for approval any more.
    """
    turns.of_server(connection, guild_id)
    job = _awaiting(connection, guild_id, job_id)
    audit.record(connection, guild_id, Action.APPROVED, actor=by, at=at, target=job.user_id, job_id=job_id)
    return store.move(
        connection,
        job,
        JobState.QUEUED,
        at=at,
        detail={"approved_by": by},
        due_at=at,
        fence=job.fence + 1,
        worker=None,
    )


def reject(connection: Connection, guild_id: int, job_id: str, *, by: int, reason: str, at: int) -> Job:
    """Refuse a waiting request; its credits go back.

    Raises:
        StaleJob: it does not wait for approval any more.
    """
    turns.of_server(connection, guild_id)
    job = _awaiting(connection, guild_id, job_id)
    audit.record(
        connection,
        guild_id,
        Action.REJECTED,
        actor=by,
        at=at,
        target=job.user_id,
        job_id=job_id,
        reason=reason,
    )
    return store.move(
        connection,
        job,
        JobState.REJECTED,
        at=at,
        detail={"rejected_by": by},
        failure_detail=reason or None,
        fence=job.fence + 1,
        worker=None,
    )


def reconcile(
    connection: Connection, guild_id: int, job_id: str, settlement: Settlement, *, by: int, at: int
) -> Job:
    """Settle what an uncertain submit means for the server's budget. The member's credits went back at once.

    Raises:
        StaleJob: the job is not uncertain, or was settled before.
    """
    turns.of_server(connection, guild_id)
    job = job_in(connection, guild_id, job_id, hold=True)
    if job.state is not JobState.UNCERTAIN or job.reconciled_at is not None:
        raise StaleJob(job_id)
    month = Month.at(guild_id, job.created_at)
    if settlement is Settlement.RAN:
        budget.capture(connection, month, job_id=job_id, amount=job.price, at=at)
    else:
        limit = servers.load(connection, guild_id).budget
        budget.release(connection, month, limit, job_id=job_id, amount=job.price, at=at)
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(reconciled_at=at))
    audit.record(
        connection, guild_id, Action.RECONCILED, actor=by, at=at, job_id=job_id, settlement=settlement
    )
    return store.get(connection, job_id)


def block(connection: Connection, entry: Block) -> None:
    """Keep a member from asking for videos."""
    turns.of_server(connection, entry.guild_id)
    blocks.put(connection, entry)
    audit.record(
        connection,
        entry.guild_id,
        Action.BLOCKED,
        actor=entry.by,
        at=entry.at,
        target=entry.user_id,
        reason=entry.reason,
        until=entry.until,
    )


def unblock(connection: Connection, guild_id: int, user_id: int, *, by: int, at: int) -> bool:
    """Let a member ask again; whether there was a block."""
    turns.of_server(connection, guild_id)
    lifted = blocks.lift(connection, guild_id, user_id)
    if lifted:
        audit.record(connection, guild_id, Action.UNBLOCKED, actor=by, at=at, target=user_id)
    return lifted


def pause(connection: Connection, guild_id: int, *, paused: bool, by: int, at: int) -> bool:
    """Refuse new requests for now, or take them again; whether anything changed."""
    turns.of_server(connection, guild_id)
    settings = servers.load(connection, guild_id)
    if settings.paused == paused:
        return False
    servers.save(connection, guild_id, settings.model_copy(update={"paused": paused}), at=at)
    action = Action.PAUSED if paused else Action.RESUMED
    audit.record(connection, guild_id, action, actor=by, at=at)
    return True


def add_filter(
    connection: Connection, guild_id: int, kind: Kind, text: str, action: Verdict, *, by: int, at: int
) -> bool:
    """Add a filter; False where the server has it already.

    Raises:
        PatternRefused: the text cannot be used as this kind.
        TooManyFilters: the server has as many as it may.
    """
    turns.of_server(connection, guild_id)
    added = filters.add(connection, guild_id, kind, text, action, by=by, at=at)
    if added:
        what: dict[str, Any] = {"kind": kind, "text": text.strip(), "verdict": action}
        audit.record(connection, guild_id, Action.FILTER_ADDED, actor=by, at=at, **what)
    return added


def remove_filter(
    connection: Connection, guild_id: int, filter_id: int, *, by: int, at: int
) -> Filter | None:
    """Remove one of the server's filters; None where it has no such filter."""
    turns.of_server(connection, guild_id)
    removed = filters.remove(connection, guild_id, filter_id)
    if removed is not None:
        what: dict[str, Any] = {"kind": removed.kind, "text": removed.text, "verdict": removed.action}
        audit.record(connection, guild_id, Action.FILTER_REMOVED, actor=by, at=at, **what)
    return removed


def take_down(
    connection: Connection, guild_id: int, job_id: str, *, by: int, refund: bool, reason: str, at: int
) -> Job:
    """A posted video was taken down; give its credits back if wanted. The second time changes nothing.

    Raises:
        StaleJob: the server has no such delivered job.
    """
    turns.of_server(connection, guild_id)
    job = job_in(connection, guild_id, job_id, hold=True)
    if job.state is not JobState.DELIVERED:
        raise StaleJob(job_id)
    about: dict[str, Any] = {"actor": by, "at": at, "target": job.user_id, "job_id": job_id}
    refunded = refund and _refund(connection, job, at)
    if job.taken_down_at is None:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(taken_down_at=at))
        detail: dict[str, Any] = {"reason": reason, "credits": job.price if refunded else 0}
        audit.record(connection, guild_id, Action.TAKEN_DOWN, **about, **detail)
    if refunded:
        audit.record(connection, guild_id, Action.REFUNDED, **about, credits=job.price)
    return store.get(connection, job_id)


def _refund(connection: Connection, job: Job, at: int) -> bool:
    reference = f"refund:{job.id}"
    if not job.price or ledger.has_transfer(connection, reference):
        return False
    ledger.transfer(
        connection,
        reference=reference,
        source=ledger.spent_account(job.guild_id),
        destination=ledger.member_account(job.guild_id, job.user_id),
        amount=job.price,
        at=at,
    )
    return True


def open_jobs_of(connection: Connection, guild_id: int, user_id: int) -> list[str]:
    """The ids of a member's open jobs in this server."""
    statement = select(jobs.c.id).where(
        jobs.c.guild_id == guild_id, jobs.c.user_id == user_id, jobs.c.ended_at.is_(None)
    )
    return [row.id for row in connection.execute(statement.order_by(jobs.c.created_at))]


def _awaiting(connection: Connection, guild_id: int, job_id: str) -> Job:
    job = job_in(connection, guild_id, job_id, hold=True)
    if job.state is not JobState.AWAITING_APPROVAL:
        raise StaleJob(job_id)
    return job
