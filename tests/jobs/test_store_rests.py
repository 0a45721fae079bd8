"""A store that was last written by a clock which ran ahead keeps no job waiting for that clock's time."""

import pytest
from sqlalchemy import Connection

from bot.database import Database
from bot.jobs import admission, claims, store
from bot.jobs.claims import LONGEST_REST_MS
from bot.jobs.states import JobState
from tests.support.clock import Clock
from tests.support.jobs import accepted_with_card, in_state, new_job

LONGEST_MS = LONGEST_REST_MS
DAY_MS = 24 * 3_600_000


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.IN_QUEUE, JobState.RENDERED])
async def test_a_job_resting_longer_than_any_pause_is_due_now(
    database: Database, clock: Clock, state: JobState
) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, state, at=clock())
        store.give_back(connection, job, due_at=clock() + LONGEST_MS + 1)

        assert claims.free_overdue_rests(connection, at=clock()) == 1
        assert store.get(connection, job.id).due_at == clock()

    await database.run(story)


async def test_a_pause_that_was_planned_is_kept(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        job = accepted_with_card(connection, at=clock())
        store.give_back(connection, job, due_at=clock() + LONGEST_MS)

        assert claims.free_overdue_rests(connection, at=clock()) == 0

    await database.run(story)


async def test_a_job_in_a_workers_hands_is_left_there(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        in_state(connection, JobState.IN_QUEUE, at=clock())
        claims.claim_due(connection, worker="one", at=clock(), lease_ms=DAY_MS, limit=1)

        assert claims.free_overdue_rests(connection, at=clock()) == 0

    await database.run(story)


async def test_moderators_keep_their_time_once_they_were_asked(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        asked, unasked = (
            store.create(connection, new_job(price=0), at=clock(), state=JobState.AWAITING_APPROVAL)
            for _ in range(2)
        )
        asked = store.note(connection, asked, at=clock(), approval_message_id=1)
        for job in (asked, unasked):
            store.give_back(connection, job, due_at=clock() + DAY_MS)

        assert claims.free_overdue_rests(connection, at=clock()) == 1
        assert store.get(connection, asked.id).due_at == clock() + DAY_MS
        assert store.get(connection, unasked.id).due_at == clock()

    await database.run(story)


async def test_what_has_ended_stays_ended(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        job, _ = admission.admit(connection, new_job(), opening_credits=100, at=clock())
        store.request_cancel(connection, job.id, by=1, at=clock())

        assert claims.free_overdue_rests(connection, at=clock() - DAY_MS) == 0

    await database.run(story)
