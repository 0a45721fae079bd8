"""Writes on a job: all of it in one transaction, by whoever holds it, along the diagram, or not at all."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.errors import InvalidTransition, StaleJob
from bot.jobs import admission, claims, store
from bot.jobs.job import Job
from bot.jobs.states import ENDED, JobState
from bot.schema import job_events, jobs
from tests.support.clock import Clock
from tests.support.jobs import (
    GUILD,
    MEMBER,
    PRICE,
    REACHABLE,
    accepted,
    accepted_with_card,
    in_state,
    moved_to,
    new_job,
)

LEASE_MS = 30_000


def claimed_twice(connection: Connection, clock: Clock) -> tuple[Job, Job]:
    """A job as the first worker knows it, and as the second one that took it over does."""
    accepted_with_card(connection, at=clock())
    (first,) = claims.claim_queued(connection, worker="one", at=clock(), lease_ms=LEASE_MS, places=1)
    (second,) = claims.claim_queued(
        connection, worker="two", at=clock.advance(31), lease_ms=LEASE_MS, places=1
    )
    return first, second


def history(connection: Connection, job: Job) -> list[tuple[str | None, str]]:
    return [(event["before"], event["after"]) for event in store.events(connection, job.id)]


async def test_the_same_interaction_twice_is_the_same_job_and_one_hold(database: Database) -> None:
    new = new_job()
    first, is_new = await database.run(admission.admit, new, opening_credits=100, at=1)
    second, is_new_again = await database.run(admission.admit, new, opening_credits=100, at=2)

    assert (second, is_new, is_new_again) == (first, True, False)
    assert await database.run(ledger.balance, ledger.member_account(GUILD, MEMBER)) == 100 - PRICE
    assert await database.run(lambda c: c.scalar(select(func.count()).select_from(job_events))) == 1


async def test_a_job_is_found_by_its_id_and_by_its_interaction(database: Database) -> None:
    job = await database.run(accepted, at=1)

    assert await database.run(store.find, job.id) == job
    assert await database.run(store.get, job.id) == job
    assert await database.run(store.by_interaction, job.interaction_id) == job
    assert await database.run(store.find, "nobody") is None
    assert await database.run(store.by_interaction, -1) is None
    with pytest.raises(StaleJob):
        await database.run(store.get, "nobody")


async def test_jobs_are_listed_by_state_oldest_first(database: Database) -> None:
    def story(connection: Connection) -> None:
        late = in_state(connection, JobState.IN_QUEUE, at=30)
        early = in_state(connection, JobState.RENDERED, at=10)
        in_state(connection, JobState.DELIVERED, at=20)

        assert store.in_states(connection, [JobState.RENDERED, JobState.IN_QUEUE]) == [early, late]

    await database.run(story)


async def test_every_move_is_one_line_of_history(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.DELIVERED, at=1)

        assert history(connection, job) == [
            (None, "queued"),
            ("queued", "submitting"),
            ("submitting", "in_queue"),
            ("in_queue", "rendered"),
            ("rendered", "delivered"),
        ]

    await database.run(story)


@pytest.mark.parametrize("state", [state for state in REACHABLE if state in ENDED])
async def test_an_ended_job_is_due_never_and_belongs_to_nobody(database: Database, state: JobState) -> None:
    job = await database.run(in_state, state, at=7)

    assert (job.due_at, job.worker, job.ended_at) == (None, None, 7)
    for write in (notes, gives_back):
        with pytest.raises(StaleJob):
            await database.run(write, job)


async def test_a_move_against_the_arrows_writes_nothing(database: Database) -> None:
    job = await database.run(accepted, at=1)
    with pytest.raises(InvalidTransition):
        await database.run(store.move, job, JobState.DELIVERED, at=2)

    assert await database.run(store.get, job.id) == job
    assert await database.run(history, job) == [(None, "queued")]
    assert await database.run(audit) == []


Write = Callable[[Connection, Job], object]


def ends(connection: Connection, job: Job) -> object:
    return store.move(connection, job, JobState.CANCELLED, at=1)


def submits(connection: Connection, job: Job) -> object:
    return store.move(connection, job, JobState.SUBMITTING, at=1)


def notes(connection: Connection, job: Job) -> object:
    return store.note(connection, job, at=1, posting_since=1)


def gives_back(connection: Connection, job: Job) -> object:
    return store.give_back(connection, job, due_at=1)


def refuses_to_cancel(connection: Connection, job: Job) -> object:
    return store.refuse_cancel(connection, job, at=1)


WRITES: tuple[Write, ...] = (ends, submits, notes, gives_back, refuses_to_cancel)


@pytest.mark.parametrize("write", WRITES)
async def test_a_worker_that_lost_the_job_writes_nothing(
    database: Database, clock: Clock, write: Write
) -> None:
    first, second = await database.run(claimed_twice, clock)
    before = await database.run(store.events, first.id)

    with pytest.raises(StaleJob) as stale:
        await database.run(write, first)

    assert stale.value.job_id == first.id
    assert await database.run(store.get, first.id) == second
    assert await database.run(store.events, first.id) == before
    assert await database.run(audit) == []


@pytest.mark.parametrize("write", WRITES)
async def test_the_worker_that_took_over_writes(database: Database, clock: Clock, write: Write) -> None:
    _, second = await database.run(claimed_twice, clock)

    await database.run(write, second)

    assert await database.run(store.get, second.id) != second


async def test_of_two_moves_from_the_same_state_one_happens(database: Database) -> None:
    job = await database.run(in_state, JobState.IN_QUEUE, at=1)
    await database.run(store.move, job, JobState.RENDERED, at=2)

    with pytest.raises(StaleJob):
        await database.run(store.move, job, JobState.CANCELLED, at=3)

    assert (await database.run(store.get, job.id)).state is JobState.RENDERED
    assert await database.run(audit) == []


async def test_a_job_is_given_back_wherever_it_stands_by_now(database: Database, clock: Clock) -> None:
    """The worker may not know of its own last step: it was cancelled while that was being written."""

    def story(connection: Connection) -> None:
        accepted_with_card(connection, at=clock())
        (known,) = claims.claim_queued(connection, worker="one", at=clock(), lease_ms=LEASE_MS, places=1)
        store.move(connection, known, JobState.SUBMITTING, at=clock())

        given = store.give_back(connection, known, due_at=clock())

        assert (given.state, given.worker, given.due_at) == (JobState.SUBMITTING, None, clock())

    await database.run(story)


async def test_a_refused_submit_goes_back_to_the_queue_with_its_obstacle(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.SUBMITTING, at=1)
        waiting = store.back_to_queue(connection, job, obstacle="no-funds", at=2, due_at=60)

        assert (waiting.state, waiting.due_at, waiting.worker) == (JobState.QUEUED, 60, None)
        assert waiting.submitted_at is None
        assert store.events(connection, job.id)[-1]["detail"] == {"obstacle": "no-funds"}
        assert audit(connection) == []

    await database.run(story)


async def test_a_refused_submit_that_was_to_be_cancelled_is_cancelled(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.SUBMITTING, at=1)
        asked = store.request_cancel(connection, job.id, by=MEMBER, at=2)
        assert asked.state is JobState.SUBMITTING

        ended = store.back_to_queue(connection, job, obstacle="unreachable", at=3, due_at=60)

        assert ended.state is JobState.CANCELLED
        assert history(connection, job)[-2:] == [("submitting", "queued"), ("queued", "cancelled")]
        assert audit(connection) == []

    await database.run(story)


@pytest.mark.parametrize("state", REACHABLE)
async def test_a_wish_to_cancel_means_something_else_in_each_state(
    database: Database, state: JobState
) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, state, at=1)
        asked = store.request_cancel(connection, job.id, by=MEMBER, at=2)

        if state is JobState.QUEUED:
            assert (asked.state, asked.fence) == (JobState.CANCELLED, job.fence + 1)
            assert store.events(connection, job.id)[-1]["detail"] == {"by": MEMBER}
        elif state in ENDED:
            assert asked == job
        else:
            assert (asked.state, asked.cancel_requested_at, asked.fence) == (state, 2, job.fence)
            assert store.events(connection, job.id)[-1]["detail"] == {"cancel_requested_by": MEMBER}
        assert store.request_cancel(connection, job.id, by=MEMBER, at=3) == asked
        assert audit(connection) == []

    await database.run(story)


async def test_a_queued_job_cancelled_in_a_workers_hands_is_lost_to_the_worker(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        accepted_with_card(connection, at=clock())
        (held,) = claims.claim_queued(connection, worker="one", at=clock(), lease_ms=LEASE_MS, places=1)
        store.request_cancel(connection, held.id, by=MEMBER, at=clock())

        with pytest.raises(StaleJob):
            store.move(connection, held, JobState.SUBMITTING, at=clock())

    await database.run(story)


async def test_there_is_nothing_to_cancel_in_a_job_that_does_not_exist(database: Database) -> None:
    with pytest.raises(StaleJob):
        await database.run(store.request_cancel, "nobody", by=MEMBER, at=1)


async def test_a_refused_wish_to_cancel_can_be_uttered_again(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.IN_PROGRESS, at=1)
        asked = store.request_cancel(connection, job.id, by=MEMBER, at=2)
        going_on = store.refuse_cancel(connection, asked, at=3)
        assert (going_on.state, going_on.cancel_requested_at) == (JobState.IN_PROGRESS, None)

        assert store.request_cancel(connection, job.id, by=MEMBER, at=4).cancel_requested_at == 4

    await database.run(story)


async def test_one_request_of_runcomfy_belongs_to_one_job(database: Database) -> None:
    def story(connection: Connection) -> None:
        one = in_state(connection, JobState.IN_QUEUE, at=1)
        other = moved_to(connection, accepted(connection, at=1), JobState.SUBMITTING, at=1)
        store.move(connection, other, JobState.IN_QUEUE, at=2, request_id=one.request_id)

    with pytest.raises(IntegrityError, match="request_id"):
        await database.run(story)


async def test_the_store_itself_refuses_an_open_job_that_is_due_never(database: Database) -> None:
    job = await database.run(accepted, at=1)
    for damage in (update(jobs).values(due_at=None), update(jobs).values(ended_at=1)):
        with pytest.raises(IntegrityError, match="ended_is_not_due"):
            await database.run(Connection.execute, damage)

    assert await database.run(store.get, job.id) == job
