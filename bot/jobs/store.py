"""The store of jobs: every statement about `jobs` and `job_events`.

Each function takes the caller's transaction. A write on a job that is in a worker's hands carries the fence
the worker got with its claim; where no row matches, somebody else has the job now: `StaleJob` is raised.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from bot.credits import ledger
from bot.errors import StaleJob
from bot.jobs.job import Job, NewJob, inputs_as_json, mark_attached, new_job_id
from bot.jobs.states import AT_RUNCOMFY, ENDED, JobState, check_transition
from bot.schema import job_events, jobs

#: States a worker takes up as soon as they are due. `queued` needs a free place too: see `claim_queued`.
_CLAIMED_WHEN_DUE = (
    JobState.SUBMITTING,
    JobState.IN_QUEUE,
    JobState.IN_PROGRESS,
    JobState.RENDERED,
)


#: SQLite takes this many bound values in any version.
_IN_ONE_STATEMENT = 900


def create(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> tuple[Job, bool]:
    """Accept a request: hold its price and write the job, or find the job of the same interaction.

    Returns the job, and whether it is new.

    Raises:
        InsufficientCredits: the member's balance does not cover the price; nothing is written.
    """
    known = by_interaction(connection, new.interaction_id)
    if known is not None:
        return known, False
    job_id = new_job_id()
    ledger.open_wallet(connection, guild_id=new.guild_id, user_id=new.user_id, grant=opening_credits, at=at)
    ledger.hold(
        connection, job_id=job_id, guild_id=new.guild_id, user_id=new.user_id, amount=new.price, at=at
    )
    state = JobState.QUEUED
    row = {
        "id": job_id,
        **{name: getattr(new, name) for name in NewJob.__slots__},
        "options": dict(new.options),
        "inputs": inputs_as_json(new.inputs),
        "state": state,
        "created_at": at,
        "updated_at": at,
        "due_at": at,
    }
    connection.execute(jobs.insert().values(row))
    _record(connection, job_id, None, state, detail={"price": new.price}, at=at)
    return get(connection, job_id), True


def get(connection: Connection, job_id: str) -> Job:
    """The job with this id.

    Raises:
        StaleJob: there is none.
    """
    job = find(connection, job_id)
    if job is None:
        raise StaleJob(job_id)
    return job


def find(connection: Connection, job_id: str) -> Job | None:
    """The job with this id, if there is one."""
    return _first(connection, select(jobs).where(jobs.c.id == job_id))


def by_interaction(connection: Connection, interaction_id: int) -> Job | None:
    """The job that this interaction asked for, if it was accepted."""
    return _first(connection, select(jobs).where(jobs.c.interaction_id == interaction_id))


def in_states(connection: Connection, states: Iterable[JobState]) -> list[Job]:
    """All jobs in these states, oldest first."""
    statement = select(jobs).where(jobs.c.state.in_(list(states))).order_by(jobs.c.created_at)
    return _all(connection, statement)


def with_open_cards(connection: Connection, limit: int) -> list[Job]:
    """Ended jobs whose card has not shown the end yet."""
    return _all(
        connection,
        select(jobs)
        .where(jobs.c.card_closed_at.is_(None), jobs.c.ended_at.is_not(None))
        .order_by(jobs.c.ended_at)
        .limit(limit),
    )


def set_card(
    connection: Connection, job: Job, *, message_id: int, attached: AbstractSet[str], at: int
) -> None:
    """Remember the job's card, whoever holds the job by now: the message exists."""
    inputs = mark_attached(job.inputs, attached)
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id, jobs.c.card_message_id.is_(None))
        .values(card_message_id=message_id, inputs=inputs_as_json(inputs), updated_at=at)
    )


def count_unfinished(connection: Connection) -> int:
    """Jobs that have not ended, or whose card does not say so yet."""
    unfinished = jobs.c.ended_at.is_(None) | jobs.c.card_closed_at.is_(None)
    return connection.scalar(select(func.count()).select_from(jobs).where(unfinished)) or 0


def close_card(connection: Connection, job_id: str, *, at: int) -> None:
    """Remember that the card shows how the job ended, or that there is no card to show it."""
    connection.execute(
        update(jobs).where(jobs.c.id == job_id, jobs.c.ended_at.is_not(None)).values(card_closed_at=at)
    )


# --- claims -------------------------------------------------------------------------------------------


def claim_due(connection: Connection, *, worker: str, at: int, lease_ms: int, limit: int) -> list[Job]:
    """Take up jobs that are due and wait for no place. Their leases end at `at + lease_ms`."""
    due = select(jobs.c.id).where(
        (jobs.c.state.in_(_CLAIMED_WHEN_DUE) & (jobs.c.due_at <= at))
        # A new job gets its card at once, long before there may be a place for it.
        | ((jobs.c.state == JobState.QUEUED) & (jobs.c.due_at <= at) & jobs.c.card_message_id.is_(None))
    )
    return _claim(connection, due.order_by(jobs.c.due_at).limit(limit), worker, at + lease_ms)


def claim_queued(connection: Connection, *, worker: str, at: int, lease_ms: int, places: int) -> list[Job]:
    """Take up waiting jobs for the free ones of `places` at RunComfy: first come, first served, but fairly.

    Fairly: everyone's first job comes before anyone's second, counting those already at RunComfy.
    """
    in_hand = (
        (jobs.c.state == JobState.QUEUED)
        & jobs.c.worker.is_not(None)
        & (jobs.c.due_at > at)
        & jobs.c.card_message_id.is_not(None)
    )
    taken = connection.scalar(
        select(func.count()).select_from(jobs).where(jobs.c.state.in_(list(AT_RUNCOMFY)) | in_hand)
    )
    free = places - (taken or 0)
    if free <= 0:
        return []
    return _claim(connection, _fair_queue(at).limit(free), worker, at + lease_ms)


def _fair_queue(at: int) -> Select[str]:
    others = jobs.alias("others")
    running = (
        select(func.count())
        .select_from(others)
        .where(
            others.c.guild_id == jobs.c.guild_id,
            others.c.user_id == jobs.c.user_id,
            others.c.state.in_(list(AT_RUNCOMFY)),
        )
        .scalar_subquery()
    )
    own_turn = func.row_number().over(
        partition_by=(jobs.c.guild_id, jobs.c.user_id), order_by=(jobs.c.created_at, jobs.c.id)
    )
    waiting = (
        select(jobs.c.id, jobs.c.created_at, (own_turn + running).label("turn"))
        .where(jobs.c.state == JobState.QUEUED, jobs.c.due_at <= at, jobs.c.card_message_id.is_not(None))
        .subquery()
    )
    return select(waiting.c.id).order_by(waiting.c.turn, waiting.c.created_at, waiting.c.id)


def _claim(connection: Connection, ids: Select[str], worker: str, until: int) -> list[Job]:
    chosen = [row.id for row in connection.execute(ids)]
    if not chosen:
        return []
    rows = connection.execute(
        update(jobs)
        .where(jobs.c.id.in_(chosen))
        .values(worker=worker, fence=jobs.c.fence + 1, due_at=until)
        .returning(jobs)
    )
    return sorted((Job.from_row(row) for row in rows.mappings()), key=lambda job: job.created_at)


def renew(connection: Connection, job_ids: Iterable[str], *, worker: str, until: int) -> set[str]:
    """Prolong this worker's leases on these jobs; returns the ids of those that somebody wants cancelled.

    A job that is not named keeps its lease as it is: one that was lost sight of is claimed again in time.
    """
    wanted: set[str] = set()
    left = iter(job_ids)
    while ids := list(islice(left, _IN_ONE_STATEMENT)):
        mine = jobs.c.id.in_(ids) & (jobs.c.worker == worker) & jobs.c.due_at.is_not(None)
        connection.execute(update(jobs).where(mine).values(due_at=until))
        asked = select(jobs.c.id).where(mine, jobs.c.cancel_requested_at.is_not(None))
        wanted |= {row.id for row in connection.execute(asked)}
    return wanted


def take_over_all(connection: Connection, *, at: int) -> int:
    """Make every open job due now. Only for a process that knows it is the only one; returns how many."""
    held = jobs.c.due_at.is_not(None) & jobs.c.worker.is_not(None)
    result = connection.execute(
        update(jobs).where(held).values(worker=None, due_at=at, fence=jobs.c.fence + 1)
    )
    return result.rowcount


def give_back(connection: Connection, job: Job, *, due_at: int) -> Job:
    """Let go of a job; it may be claimed again from `due_at` on.

    Raises:
        StaleJob: it has ended or is in other hands already.
    """
    return _guarded_update(connection, job, {"worker": None, "due_at": due_at})


# --- writes on a job in hand --------------------------------------------------------------------------


def note(connection: Connection, job: Job, /, *, at: int, **changes: Any) -> Job:
    """Write columns of a job in hand without moving it.

    Raises:
        StaleJob: the job has ended or belongs to another worker.
    """
    return _guarded_update(connection, job, {**changes, "updated_at": at})


def move(
    connection: Connection,
    job: Job,
    after: JobState,
    /,
    *,
    at: int,
    detail: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Job:
    """Move a job along one arrow of the state diagram, with its credits where it ends.

    Raises:
        InvalidTransition: there is no such arrow.
        StaleJob: the job has moved on or belongs to another worker; nothing is written.
    """
    check_transition(job.state, after)
    changes |= {"state": after, "updated_at": at}
    if after in ENDED:
        changes |= {"due_at": None, "ended_at": at, "worker": None}
    moved = _guarded_update(connection, job, changes)
    _record(connection, job.id, job.state, after, detail=detail or {}, at=at)
    if after in ENDED:
        _settle(connection, moved, at)
    return moved


def _settle(connection: Connection, job: Job, at: int) -> None:
    """A member pays only for a video that was delivered."""
    if job.state is JobState.DELIVERED:
        ledger.capture(connection, job_id=job.id, guild_id=job.guild_id, at=at)
    else:
        ledger.release(connection, job_id=job.id, guild_id=job.guild_id, user_id=job.user_id, at=at)


# --- interventions from outside -----------------------------------------------------------------------


def request_cancel(connection: Connection, job_id: str, *, by: int, at: int) -> Job:
    """Cancel a waiting job at once; ask the worker of any other to try. Returns the job as it is now.

    Raises:
        StaleJob: there is no such job.
    """
    job = get(connection, job_id)
    if job.ended or job.cancel_requested_at is not None:
        return job
    if job.state in (JobState.AWAITING_APPROVAL, JobState.QUEUED):
        # A new fence: a worker that was about to submit this job finds out and drops it.
        return move(
            connection,
            job,
            JobState.CANCELLED,
            at=at,
            detail={"by": by},
            cancel_requested_at=at,
            fence=job.fence + 1,
        )
    asked = note(connection, job, at=at, cancel_requested_at=at)
    _record(connection, job.id, job.state, job.state, detail={"cancel_requested_by": by}, at=at)
    return asked


def refuse_cancel(connection: Connection, job: Job, *, at: int) -> Job:
    """RunComfy would not cancel this job any more: it goes on."""
    going_on = note(connection, job, at=at, cancel_requested_at=None)
    _record(connection, job.id, job.state, job.state, detail={"cancel": "too late"}, at=at)
    return going_on


def same_hands(fresh: Job, known: Job) -> Job:
    """The job as just read, provided it is still in the hands that knew it before.

    Raises:
        StaleJob: it has ended or belongs to another worker.
    """
    if fresh.ended or fresh.fence != known.fence:
        raise StaleJob(known.id)
    return fresh


def events(connection: Connection, job_id: str) -> list[dict[str, Any]]:
    """A job's history, oldest first."""
    statement = select(job_events).where(job_events.c.job_id == job_id).order_by(job_events.c.id)
    return [dict(row) for row in connection.execute(statement).mappings()]


# --- the statements themselves --------------------------------------------------------------------------


def _guarded_update(connection: Connection, job: Job, changes: Mapping[str, Any]) -> Job:
    guards: tuple[ColumnElement[bool], ...] = (
        jobs.c.id == job.id,
        jobs.c.state == job.state,
        jobs.c.fence == job.fence,
        jobs.c.due_at.is_not(None),
    )
    row = connection.execute(update(jobs).where(*guards).values(**changes).returning(jobs)).mappings().first()
    if row is None:
        raise StaleJob(job.id)
    return Job.from_row(row)


def _record(
    connection: Connection,
    job_id: str,
    before: JobState | None,
    after: JobState,
    *,
    detail: Mapping[str, Any],
    at: int,
) -> None:
    connection.execute(
        job_events.insert().values(job_id=job_id, at=at, before=before, after=after, detail=dict(detail))
    )


def _first(connection: Connection, statement: Select[Any]) -> Job | None:
    row = connection.execute(statement).mappings().first()
    return None if row is None else Job.from_row(row)


def _all(connection: Connection, statement: Select[Any]) -> list[Job]:
    return [Job.from_row(row) for row in connection.execute(statement).mappings()]
