"""The store of jobs: every statement about `jobs` and `job_events`.

Each function takes the caller's transaction. A write on a job that is in a worker's hands carries the fence
the worker got with its claim; where no row matches, somebody else has the job now: `StaleJob` is raised.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, update

from bot import turns, wakes
from bot.credits import budget, ledger
from bot.credits.budget import Month
from bot.errors import StaleJob
from bot.jobs import trail
from bot.jobs.failures import Failure
from bot.jobs.job import Job, NewJob, inputs_as_json, mark_attached, new_job_id
from bot.jobs.states import ENDED, JobState, check_transition
from bot.schema import job_events, jobs
from bot.servers import store as servers


def create(
    connection: Connection,
    new: NewJob,
    *,
    at: int,
    state: JobState = JobState.QUEUED,
    priority: int = 0,
    approval_reason: str | None = None,
) -> Job:
    """Write a job and hold its price. Whether it may be is for `bot.jobs.admission` to decide.

    Raises:
        InsufficientCredits: the member's balance does not cover the price; nothing is written.
    """
    job_id = new_job_id()
    ledger.hold(
        connection, job_id=job_id, guild_id=new.guild_id, user_id=new.user_id, amount=new.price, at=at
    )
    row = {
        "id": job_id,
        **{name: getattr(new, name) for name in NewJob.__slots__ if name in jobs.c},
        "options": dict(new.options),
        "inputs": inputs_as_json(new.inputs),
        "priority": priority,
        "approval_reason": approval_reason,
        "state": state,
        "created_at": at,
        "updated_at": at,
        "due_at": at,
    }
    connection.execute(jobs.insert().values(row))
    _record(connection, job_id, None, state, detail={"price": new.price}, at=at)
    wakes.notify(connection)
    return get(connection, job_id)


def get(connection: Connection, job_id: str, *, hold: bool = False) -> Job:
    """The job with this id; with `hold` nobody else changes it until the caller's transaction ends.

    Raises:
        StaleJob: there is none.
    """
    statement = select(jobs).where(jobs.c.id == job_id)
    job = _first(connection, statement.with_for_update() if hold else statement)
    if job is None:
        raise StaleJob(job_id)
    return job


def find(connection: Connection, job_id: str) -> Job | None:
    """The job with this id, if there is one. What is typed for an id may be no text a store can look for."""
    if not (job_id.isascii() and job_id.isprintable()):
        return None
    return _first(connection, select(jobs).where(jobs.c.id == job_id))


def by_interaction(connection: Connection, interaction_id: int) -> Job | None:
    """The job that this interaction asked for, if it was accepted."""
    return _first(connection, select(jobs).where(jobs.c.interaction_id == interaction_id))


def in_states(connection: Connection, states: Iterable[JobState]) -> list[Job]:
    """All jobs in these states, oldest first."""
    statement = select(jobs).where(jobs.c.state.in_(list(states))).order_by(jobs.c.created_at)
    return _all(connection, statement)


def on_the_board(connection: Connection, guild_id: int) -> list[Job]:
    """A server's open jobs, and its uncertain ones that nobody has settled; oldest first."""
    unsettled = (jobs.c.state == JobState.UNCERTAIN) & jobs.c.reconciled_at.is_(None)
    own = (jobs.c.guild_id == guild_id) & (jobs.c.ended_at.is_(None) | unsettled)
    return _all(connection, select(jobs).where(own).order_by(jobs.c.created_at, jobs.c.id))


def of_member(connection: Connection, guild_id: int, user_id: int, *, limit: int, skip: int = 0) -> list[Job]:
    """A member's jobs in a server, newest first, without the `skip` newest."""
    own = (jobs.c.guild_id == guild_id) & (jobs.c.user_id == user_id)
    newest = select(jobs).where(own).order_by(jobs.c.created_at.desc(), jobs.c.id)
    return _all(connection, newest.limit(limit).offset(skip))


def with_open_cards(
    connection: Connection, *, worker: str, limit: int, others_before: int | None
) -> list[Job]:
    """Ended jobs whose card has not shown the end yet: those that this worker ended.

    With a time (ms) in `others_before` also what nobody's worker ended, and what another worker ended before
    then and has not shown since.
    """
    mine = jobs.c.worker == worker
    if others_before is not None:
        mine |= jobs.c.worker.is_(None) | (jobs.c.ended_at <= others_before)
    unshown = jobs.c.card_closed_at.is_(None) & jobs.c.ended_at.is_not(None)
    return _all(connection, select(jobs).where(unshown, mine).order_by(jobs.c.ended_at).limit(limit))


def set_card(
    connection: Connection, job: Job, *, message_id: int, attached: AbstractSet[str], at: int
) -> None:
    """Remember the job's card, whoever holds the job by now: the message exists.

    A card posted for a job that ended meanwhile is open again, until it shows the end.
    """
    inputs = mark_attached(job.inputs, attached)
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job.id, jobs.c.card_message_id.is_(None))
        .values(card_message_id=message_id, inputs=inputs_as_json(inputs), card_closed_at=None, updated_at=at)
    )


def count_unfinished(connection: Connection) -> int:
    """Jobs that have not ended, or whose card does not say so yet."""
    unfinished = jobs.c.ended_at.is_(None) | jobs.c.card_closed_at.is_(None)
    return connection.scalar(select(func.count()).select_from(jobs).where(unfinished)) or 0


def of_ids(connection: Connection, job_ids: Iterable[str]) -> dict[str, Job]:
    """The jobs with these ids; ids of none are left out."""
    return {job.id: job for job in _all(connection, select(jobs).where(jobs.c.id.in_(list(job_ids))))}


def close_card(connection: Connection, job_id: str, *, at: int) -> None:
    """Remember that the card shows how the job ended."""
    ended = (jobs.c.id == job_id) & jobs.c.ended_at.is_not(None)
    connection.execute(update(jobs).where(ended).values(card_closed_at=at))


def do_without_card(connection: Connection, job_id: str, *, at: int) -> None:
    """Remember that the end was told, and that there is no card to show it. One posted meanwhile has to."""
    ended = (jobs.c.id == job_id) & jobs.c.ended_at.is_not(None) & jobs.c.card_message_id.is_(None)
    connection.execute(update(jobs).where(ended).values(card_closed_at=at))


def give_back(connection: Connection, job: Job, *, due_at: int) -> Job:
    """Let go of a job, wherever it stands by now; it may be claimed again from `due_at` on.

    Raises:
        StaleJob: it has ended or is in other hands already.
    """
    now = same_hands(get(connection, job.id, hold=True), job)
    return _guarded_update(connection, now, {"worker": None, "due_at": due_at})


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
        turns.of_server(connection, job.guild_id)  # what settles the job decides about the server's budget
        changes |= {"due_at": None, "ended_at": at}
    moved = _guarded_update(connection, job, changes)
    _record(connection, job.id, job.state, after, detail=detail or {}, at=at)
    trail.record_move(connection, job.state, moved, at=at)
    if after in ENDED:
        _settle(connection, moved, at)
    return moved


def _settle(connection: Connection, job: Job, at: int) -> None:
    """A member pays only for a video that was delivered; the server's budget for what RunComfy made."""
    if job.state is JobState.DELIVERED:
        ledger.capture(connection, job_id=job.id, guild_id=job.guild_id, at=at)
    else:
        ledger.release(connection, job_id=job.id, guild_id=job.guild_id, user_id=job.user_id, at=at)
    month = Month.at(job.guild_id, job.created_at)
    if _was_made(job):
        budget.capture(connection, month, job_id=job.id, amount=job.price, at=at)
    elif job.state is not JobState.UNCERTAIN:
        # An uncertain one stays held until staff have found out: see `moderation.interventions`.
        limit = servers.load(connection, job.guild_id).budget
        budget.release(connection, month, limit, job_id=job.id, amount=job.price, at=at)


def _was_made(job: Job) -> bool:
    """Whether RunComfy made the video, or may well have: then the operator pays for it."""
    charged = bool(job.cost_microusd) or job.rendered_at is not None
    abandoned = job.failure in (Failure.WITHHELD, Failure.TIMED_OUT)
    return charged or abandoned or job.state in (JobState.DELIVERED, JobState.UNDELIVERABLE)


def back_to_queue(connection: Connection, job: Job, *, obstacle: str, at: int, due_at: int) -> Job:
    """RunComfy has certainly taken nothing on: the job waits for another submit, until `due_at` at least.

    If somebody asked meanwhile to cancel it, there is nothing left to wait for.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    turns.of_server(connection, job.guild_id)
    waiting = move(
        connection,
        job,
        JobState.QUEUED,
        at=at,
        detail={"obstacle": obstacle},
        due_at=due_at,
        worker=None,
        submitted_at=None,
    )
    if waiting.cancel_requested_at is None:
        return waiting
    return move(connection, waiting, JobState.CANCELLED, at=at, failure=Failure.CANCELLED)


def keep_request_id(connection: Connection, job: Job, *, request_id: str) -> None:
    """Keep the id of a request that turned out to run after its job had been called uncertain, for staff."""
    lost = (jobs.c.id == job.id) & (jobs.c.state == JobState.UNCERTAIN) & jobs.c.request_id.is_(None)
    same_submit = jobs.c.submitted_at == job.submitted_at
    changed = connection.execute(update(jobs).where(lost & same_submit).values(request_id=request_id))
    if changed.rowcount:
        detail = {"request_id": request_id}
        at = job.submitted_at or job.updated_at
        _record(connection, job.id, JobState.UNCERTAIN, JobState.UNCERTAIN, detail=detail, at=at)


# --- interventions from outside -----------------------------------------------------------------------


def request_cancel(connection: Connection, job_id: str, *, by: int, at: int, withhold: bool = False) -> Job:
    """Cancel a waiting job at once; ask the worker of any other to try. Returns the job as it is now.

    With `withhold`, what can no longer be stopped is not posted: a finished video that has not begun to be
    posted is kept back at once.

    Raises:
        StaleJob: there is no such job.
    """
    turns.of_server(connection, get(connection, job_id).guild_id)
    job = get(connection, job_id, hold=True)
    if job.ended or (job.cancel_requested_at is not None and job.withhold >= withhold):
        return job
    wakes.notify(connection, job.id)
    keeps_back = withhold and job.state is JobState.RENDERED and job.posting_since is None
    if keeps_back or job.state in (JobState.AWAITING_APPROVAL, JobState.QUEUED):
        # A new fence: a worker that was about to submit or post this job finds out and drops it.
        return move(
            connection,
            job,
            JobState.CANCELLED,
            at=at,
            detail={"by": by},
            failure=Failure.WITHHELD if keeps_back else Failure.CANCELLED,
            cancel_requested_at=at,
            withhold=withhold,
            fence=job.fence + 1,
            worker=None,
        )
    asked = note(connection, job, at=at, cancel_requested_at=at, withhold=withhold)
    _record(connection, job.id, job.state, job.state, detail={"cancel_requested_by": by}, at=at)
    return asked


def refuse_cancel(connection: Connection, job: Job, *, at: int) -> Job:
    """RunComfy would not cancel this job any more: it goes on.

    Unless a moderator has asked in between that it must not be posted: then the wish stands.
    """
    fresh = same_hands(get(connection, job.id, hold=True), job)
    if fresh.withhold:
        return fresh
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
