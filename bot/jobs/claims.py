"""Claims: which worker has which job in hand, until when, and whose turn it is.

A claim sets the worker, counts the fence up and puts `due_at` to the end of the lease. Each function takes
the caller's transaction. Workers that claim at the same moment never get the same job: on PostgreSQL each
skips the rows that another one is about to claim (SKIP LOCKED).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select, update

from bot import turns
from bot.errors import StaleJob
from bot.jobs import circuit
from bot.jobs.job import Job
from bot.jobs.schedule import LONGEST_PAUSE_S
from bot.jobs.states import AT_RUNCOMFY, JobState
from bot.schema import jobs

#: States a worker takes up as soon as they are due. `queued` needs a free place too: see `claim_queued`.
_CLAIMED_WHEN_DUE = (
    JobState.IN_QUEUE,
    JobState.IN_PROGRESS,
    JobState.RENDERED,
    # Due at first for its card and the moderators' question, then when it has waited too long.
    JobState.AWAITING_APPROVAL,
)

#: The longest that a job in nobody's hands ever rests (ms): at an open circuit, until after its next probe.
LONGEST_REST_MS = int((max(LONGEST_PAUSE_S, circuit.LONGEST_PAUSE_S) + 60) * 1000)
#: A submit may have its answer for this long (ms), which is more than the client waits for one: until then
#: its worker may be alive and about to write it down, though its lease has run out.
SUBMIT_MS = 75_000
#: SQLite takes this many bound values in any version.
_IN_ONE_STATEMENT = 900


def claim_due(connection: Connection, *, worker: str, at: int, lease_ms: int, limit: int) -> list[Job]:
    """Take up jobs that are due and wait for no place. Their leases end at `at + lease_ms`."""
    due = select(jobs.c.id).where(
        (jobs.c.state.in_(_CLAIMED_WHEN_DUE) & (jobs.c.due_at <= at))
        # A new job gets its card at once, long before there may be a place for it.
        | ((jobs.c.state == JobState.QUEUED) & (jobs.c.due_at <= at) & jobs.c.card_message_id.is_(None))
        | _left_in_a_submit(at)
    )
    mine = due.order_by(jobs.c.due_at).limit(limit).with_for_update(skip_locked=True)
    return _claim(connection, mine, worker, at=at, until=at + lease_ms)


def _left_in_a_submit(at: int) -> ColumnElement[bool]:
    """Nobody is sending the job any more: its worker gave it back, or has been silent for too long."""
    long_ago = jobs.c.submitted_at.is_(None) | (jobs.c.submitted_at <= at - SUBMIT_MS)
    nobody = jobs.c.worker.is_(None) | long_ago
    return (jobs.c.state == JobState.SUBMITTING) & (jobs.c.due_at <= at) & nobody


def claim_queued(connection: Connection, *, worker: str, at: int, lease_ms: int, places: int) -> list[Job]:
    """Take up waiting jobs for the free ones of `places` at RunComfy: first come, first served, but fairly.

    Fairly: a higher priority goes first; among equals everyone's first job comes before anyone's second,
    counting those already at RunComfy; then the oldest.
    """
    turns.of_places(connection)
    taken = connection.scalar(select(func.count()).select_from(jobs).where(_takes_a_place(jobs, at)))
    free = places - (taken or 0)
    if free <= 0:
        return []
    return _claim(connection, _fair_queue(at).limit(free), worker, at=at, until=at + lease_ms)


def _takes_a_place(table: FromClause, at: int) -> ColumnElement[bool]:
    """The job is at RunComfy, or in the hands of a worker that is about to send it there."""
    in_hand = (
        (table.c.state == JobState.QUEUED)
        & table.c.worker.is_not(None)
        & (table.c.due_at > at)
        & table.c.card_message_id.is_not(None)
    )
    return table.c.state.in_(list(AT_RUNCOMFY)) | in_hand


def _fair_queue(at: int) -> Select[str]:
    others = jobs.alias("others")
    running = (
        select(func.count())
        .select_from(others)
        .where(
            others.c.guild_id == jobs.c.guild_id,
            others.c.user_id == jobs.c.user_id,
            _takes_a_place(others, at),
        )
        .scalar_subquery()
    )
    own_turn = func.row_number().over(
        partition_by=(jobs.c.guild_id, jobs.c.user_id),
        order_by=(jobs.c.priority.desc(), jobs.c.created_at, jobs.c.id),
    )
    waiting = (
        select(jobs.c.id, jobs.c.priority, jobs.c.created_at, (own_turn + running).label("turn"))
        .where(jobs.c.state == JobState.QUEUED, jobs.c.due_at <= at, jobs.c.card_message_id.is_not(None))
        .subquery()
    )
    return select(waiting.c.id).order_by(
        waiting.c.priority.desc(), waiting.c.turn, waiting.c.created_at, waiting.c.id
    )


def _claim(connection: Connection, ids: Select[str], worker: str, *, at: int, until: int) -> list[Job]:
    chosen = [row.id for row in connection.execute(ids)]
    if not chosen:
        return []
    rows = connection.execute(
        update(jobs)
        # Still due: between the choice and this somebody may have cancelled one.
        .where(jobs.c.id.in_(chosen), jobs.c.due_at <= at)
        .values(worker=worker, fence=jobs.c.fence + 1, due_at=until)
        .returning(jobs)
    )
    return sorted((Job.from_row(row) for row in rows.mappings()), key=lambda job: job.created_at)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What came of a renewal, by the jobs' ids.

    Attributes:
        kept: still this worker's, until the end of the new lease.
        wanted: those of them that somebody wants cancelled.
        lost: in another worker's hands by now, or ended there. Never one that is being submitted: its answer
            is worth waiting for whoever has the job.
    """

    kept: AbstractSet[str]
    wanted: AbstractSet[str]
    lost: AbstractSet[str]


def renew(connection: Connection, job_ids: Iterable[str], *, worker: str, until: int) -> Renewed:
    """Prolong this worker's leases on these jobs.

    A job that is not named keeps its lease as it is: one that was lost sight of is claimed again in time.
    """
    kept: set[str] = set()
    wanted: set[str] = set()
    lost: set[str] = set()
    left = iter(job_ids)
    while ids := list(islice(left, _IN_ONE_STATEMENT)):
        mine = jobs.c.id.in_(ids) & (jobs.c.worker == worker) & jobs.c.due_at.is_not(None)
        # One that somebody is changing at this moment has its turn at the next renewal: nothing waits here.
        free = list(connection.scalars(select(jobs.c.id).where(mine).with_for_update(skip_locked=True)))
        columns = (jobs.c.id, jobs.c.cancel_requested_at)
        renewed = update(jobs).where(jobs.c.id.in_(free)).values(due_at=until).returning(*columns)
        for row in connection.execute(renewed) if free else ():
            kept.add(row.id)
            if row.cancel_requested_at is not None:
                wanted.add(row.id)
        gone = jobs.c.id.in_(ids) & jobs.c.worker.is_distinct_from(worker)
        lost.update(connection.scalars(select(jobs.c.id).where(gone)))
    return Renewed(kept, wanted, lost)


def prolong(connection: Connection, job: Job, *, until: int) -> None:
    """Prolong one lease that has run out, if nobody else has taken the job meanwhile.

    Raises:
        StaleJob: somebody has, or the job has ended.
    """
    mine = (
        (jobs.c.id == job.id)
        & (jobs.c.worker == job.worker)
        & (jobs.c.fence == job.fence)
        & jobs.c.due_at.is_not(None)
    )
    if connection.execute(update(jobs).where(mine).values(due_at=until)).rowcount != 1:
        raise StaleJob(job.id)


def take_over_all(connection: Connection, *, at: int) -> int:
    """Make every open job due now. Only for a process that knows it is the only one; returns how many."""
    held = jobs.c.due_at.is_not(None) & jobs.c.worker.is_not(None)
    result = connection.execute(
        update(jobs).where(held).values(worker=None, due_at=at, fence=jobs.c.fence + 1)
    )
    # What a dead process had ended and not shown, this one shows at once.
    unshown = jobs.c.ended_at.is_not(None) & jobs.c.card_closed_at.is_(None)
    connection.execute(update(jobs).where(unshown).values(worker=None))
    return result.rowcount


def free_overdue_rests(connection: Connection, *, at: int) -> int:
    """Make due what rests until later than any pause that is ever planned; returns how many jobs.

    Their `due_at` was written by a clock that ran ahead, and they would wait for as long as that clock was
    wrong. Jobs in a worker's hands are left there; what moderators were asked about rightly waits for hours.
    """
    asked = (jobs.c.state == JobState.AWAITING_APPROVAL) & jobs.c.approval_message_id.is_not(None)
    rests = jobs.c.worker.is_(None) & (jobs.c.due_at > at + LONGEST_REST_MS) & ~asked
    return connection.execute(update(jobs).where(rests).values(due_at=at)).rowcount
