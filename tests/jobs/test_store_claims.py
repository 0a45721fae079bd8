"""Claims: nobody works on what another has, everyone gets a turn, and what is dropped is picked up."""

import asyncio

import pytest
from sqlalchemy import Connection, update

from bot.database import Database
from bot.errors import StaleJob
from bot.jobs import claims, store
from bot.jobs.job import Job
from bot.jobs.states import AT_RUNCOMFY, ENDED, JobState
from bot.schema import jobs
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.clock import Clock
from tests.support.jobs import (
    GUILD,
    REACHABLE,
    accepted,
    accepted_with_card,
    in_state,
    moved_to,
    new_job,
)

LEASE_MS = 30_000


def claim_due(connection: Connection, worker: str, clock: Clock, limit: int = 500) -> list[Job]:
    return claims.claim_due(connection, worker=worker, at=clock(), lease_ms=LEASE_MS, limit=limit)


def claim_queued(connection: Connection, worker: str, clock: Clock, places: int) -> list[Job]:
    return claims.claim_queued(connection, worker=worker, at=clock(), lease_ms=LEASE_MS, places=places)


def ask(connection: Connection, clock: Clock, *users: int) -> list[Job]:
    """One job after the other, each a moment later, all with their cards."""
    return [accepted_with_card(connection, new_job(user_id=user), at=clock.advance(0.001)) for user in users]


@pytest.mark.parametrize("state", REACHABLE)
async def test_whatever_is_open_is_claimed_when_due(
    database: Database, clock: Clock, state: JobState
) -> None:
    """A new job for its card, too. Only what has one waits for a place, and what has ended for nothing."""

    def story(connection: Connection) -> None:
        job = in_state(connection, state, at=clock())
        claimed = claim_due(connection, "one", clock)

        assert [found.id for found in claimed] == ([] if state in ENDED else [job.id])
        if claimed:
            assert (claimed[0].worker, claimed[0].fence) == ("one", job.fence + 1)
            assert claimed[0].due_at == clock() + LEASE_MS

    await database.run(story)


async def test_what_is_not_due_yet_is_left_alone(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.IN_QUEUE, at=clock())
        store.give_back(connection, job, due_at=clock() + 1)
        assert claim_due(connection, "one", clock) == []

        clock.advance(0.001)
        assert len(claim_due(connection, "one", clock)) == 1

    await database.run(story)


async def test_a_job_with_a_card_waits_for_a_place(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        without = accepted(connection, at=clock())
        ask(connection, clock, 1)

        assert [job.id for job in claim_due(connection, "one", clock)] == [without.id]
        assert claim_queued(connection, "one", clock, places=0) == []

    await database.run(story)


async def test_at_one_look_no_more_is_claimed_than_asked_for_longest_due_first(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        jobs = [accepted(connection, at=clock.advance(1)) for _ in range(5)]

        assert [job.id for job in claim_due(connection, "one", clock, limit=2)] == [
            jobs[0].id,
            jobs[1].id,
        ]

    await database.run(story)


@pytest.mark.parametrize("state", [JobState.IN_QUEUE, JobState.RENDERED, JobState.SUBMITTING])
async def test_a_job_in_other_hands_is_claimed_when_its_lease_runs_out_with_a_higher_fence(
    database: Database, clock: Clock, state: JobState
) -> None:
    def story(connection: Connection) -> None:
        in_state(connection, state, at=clock())
        (first,) = claim_due(connection, "one", clock)
        assert claim_due(connection, "two", clock) == []

        clock.advance(LEASE_MS / 1000)
        (second,) = claim_due(connection, "two", clock)
        assert (second.id, second.worker, second.fence) == (first.id, "two", first.fence + 1)

    await database.run(story)


async def test_two_workers_never_claim_the_same_job(database: Database, clock: Clock) -> None:
    def many(connection: Connection) -> None:
        for number in range(30):
            accepted(connection, new_job(user_id=number), at=clock())
            accepted_with_card(connection, new_job(user_id=number), at=clock())

    await database.run(many)
    looks = [
        database.run(look, worker, clock, number)
        for worker in ("one", "two", "three", "four")
        for look, number in ((claim_due, 4), (claim_queued, 20), (claim_due, 7))
    ]
    claimed = [job.id for found in await asyncio.gather(*looks) for job in found]
    # A job that another worker was about to claim is passed over: the next look finds what is left.
    left = [job.id for job in await database.run(claim_due, "five", clock, 30)]

    assert len(claimed) + len(left) == len({*claimed, *left}) == 50
    assert len(claimed) > 20


async def test_first_come_first_served(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        jobs = ask(connection, clock, 1, 2, 3, 4)

        assert [job.id for job in claim_queued(connection, "w", clock, places=2)] == [
            jobs[0].id,
            jobs[1].id,
        ]

    await database.run(story)


async def test_everyones_first_comes_before_anyones_second(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        ask(connection, clock, 1, 1, 1, 2, 2, 3)
        claimed = claim_queued(connection, "w", clock, places=5)

        assert sorted(job.user_id for job in claimed) == [1, 1, 2, 2, 3]
        assert [job.user_id for job in claim_queued(connection, "w", clock, places=6)] == [1]

    await database.run(story)


async def test_a_higher_priority_goes_first_and_equals_take_turns(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        plain = ask(connection, clock, 1, 2)
        first_tier = Tier(role_id=7, priority=5, jobs_at_once=10)
        everyone = Tier(jobs_at_once=10)
        servers.save(connection, GUILD, ServerSettings(tiers=(first_tier, everyone)), at=clock())
        patrons = [
            accepted_with_card(connection, new_job(user_id=user, role_ids=(7,)), at=clock.advance(0.001))
            for user in (3, 3, 4)
        ]

        order = [claim_queued(connection, "one", clock, places=places)[0].id for places in range(1, 6)]

        assert [job.priority for job in (*plain, *patrons)] == [0, 0, 5, 5, 5]
        assert order == [job.id for job in (patrons[0], patrons[2], patrons[1], *plain)]

    await database.run(story)


async def test_a_members_own_jobs_go_by_priority_too(database: Database, clock: Clock) -> None:
    """Else the second, which goes first, would count as a second turn behind everyone's first."""

    def story(connection: Connection) -> None:
        mine, own, other = ask(connection, clock, 1, 1, 2)
        raised = update(jobs).where(jobs.c.id.in_([own.id, other.id])).values(priority=5)
        connection.execute(raised)

        order = [claim_queued(connection, "one", clock, places=places)[0].id for places in range(1, 4)]

        assert order == [own.id, other.id, mine.id]

    await database.run(story)


@pytest.mark.parametrize("state", sorted(AT_RUNCOMFY))
async def test_what_a_member_has_at_runcomfy_counts_as_a_turn(
    database: Database, clock: Clock, state: JobState
) -> None:
    def story(connection: Connection) -> None:
        moved_to(connection, ask(connection, clock, 1)[0], state, at=clock())
        ask(connection, clock, 1, 2)

        assert [job.user_id for job in claim_queued(connection, "w", clock, places=2)] == [2]

    await database.run(story)


async def test_what_a_worker_is_about_to_submit_counts_as_a_turn_and_as_a_place(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        ask(connection, clock, 1, 1, 2)
        assert [job.user_id for job in claim_queued(connection, "w", clock, places=1)] == [1]
        assert claim_queued(connection, "w", clock, places=1) == []

        assert [job.user_id for job in claim_queued(connection, "w", clock, places=2)] == [2]

    await database.run(story)


async def test_the_same_person_in_two_servers_is_two_members(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        for guild in (GUILD, GUILD, GUILD + 1):
            accepted_with_card(connection, new_job(guild_id=guild, user_id=1), at=clock.advance(0.001))

        claimed = claim_queued(connection, "w", clock, places=2)
        assert sorted(job.guild_id for job in claimed) == [GUILD, GUILD + 1]

    await database.run(story)


async def test_no_more_is_sent_to_runcomfy_than_there_are_places(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        for state in (*sorted(AT_RUNCOMFY), JobState.RENDERED, JobState.DELIVERED):
            in_state(connection, state, at=clock())
        ask(connection, clock, *range(10))

        assert claim_queued(connection, "w", clock, places=3) == []
        assert len(claim_queued(connection, "w", clock, places=5)) == 2
        assert claim_queued(connection, "w", clock, places=5) == []

    await database.run(story)


async def test_a_place_is_free_again_when_its_worker_has_gone_silent(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        (job,) = ask(connection, clock, 1)
        claim_queued(connection, "one", clock, places=1)
        clock.advance(LEASE_MS / 1000)

        assert [found.id for found in claim_queued(connection, "two", clock, places=1)] == [job.id]

    await database.run(story)


async def test_a_worker_prolongs_its_own_leases_on_the_jobs_it_names(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        for _ in range(3):
            in_state(connection, JobState.IN_QUEUE, at=clock())
        mine, lost = claim_due(connection, "one", clock, limit=2)
        (other,) = claim_due(connection, "two", clock)

        claims.renew(connection, [mine.id, other.id], worker="one", until=clock() + 99_000)

        assert store.get(connection, mine.id).due_at == clock() + 99_000
        assert store.get(connection, lost.id).due_at == clock() + LEASE_MS
        assert store.get(connection, other.id).due_at == clock() + LEASE_MS

    await database.run(story)


async def test_thousands_of_leases_are_prolonged_at_once(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        (job,) = [in_state(connection, JobState.IN_QUEUE, at=clock())]
        claim_due(connection, "one", clock)
        store.request_cancel(connection, job.id, by=1, at=clock())
        names = [f"other-{number}" for number in range(3000)]

        assert claims.renew(connection, [*names, job.id], worker="one", until=clock() + 1) == {job.id}

    await database.run(story)


async def test_renewing_tells_which_jobs_somebody_wants_cancelled(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        for _ in range(2):
            in_state(connection, JobState.IN_QUEUE, at=clock())
        wanted, other = claim_due(connection, "one", clock)
        store.request_cancel(connection, wanted.id, by=1, at=clock())

        assert claims.renew(connection, [wanted.id, other.id], worker="one", until=clock() + 1) == {wanted.id}
        assert claims.renew(connection, [wanted.id], worker="two", until=clock() + 1) == set()

    await database.run(story)


async def test_an_ended_job_has_no_lease_to_prolong(database: Database, clock: Clock) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, JobState.DELIVERED, at=clock())
        claims.renew(connection, [job.id], worker="one", until=clock() + 1)

        assert store.get(connection, job.id) == job

    await database.run(story)


async def test_the_only_process_takes_over_everything_that_somebody_held(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        in_state(connection, JobState.IN_QUEUE, at=clock())
        accepted(connection, at=clock())
        ended = in_state(connection, JobState.DELIVERED, at=clock())
        held = claim_due(connection, "dead", clock)
        resting = store.give_back(
            connection, in_state(connection, JobState.RENDERED, at=clock()), due_at=clock() + 5000
        )

        assert claims.take_over_all(connection, at=clock()) == 2

        claimed = {job.id: job.fence for job in claim_due(connection, "new", clock)}
        assert claimed == {job.id: job.fence + 2 for job in held}
        assert store.get(connection, ended.id) == ended
        assert store.get(connection, resting.id) == resting
        with pytest.raises(StaleJob):
            store.note(connection, held[0], at=clock())

    await database.run(story)
