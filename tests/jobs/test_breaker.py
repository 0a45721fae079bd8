"""The circuit breaker's row: whoever comes at the same time, one of them decides."""

import asyncio

from bot.database import Database
from bot.jobs import breaker, store
from bot.jobs.circuit import MOST_LOST, PAUSE_S, Cause, Circuit, CircuitState, Notice
from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.support.clock import Clock
from tests.support.jobs import accepted_with_card, moved_to, new_job


async def waiting_jobs(database: Database, clock: Clock, count: int) -> list[Job]:
    return [
        await database.run(accepted_with_card, new_job(user_id=number), at=clock())
        for number in range(1, count + 1)
    ]


async def open_circuit(database: Database, clock: Clock, cause: Cause = Cause.NO_FUNDS) -> Circuit:
    """A circuit that a refused submit has opened."""
    [job] = await waiting_jobs(database, clock, 1)
    job = await database.run(moved_to, job, JobState.SUBMITTING, at=clock())
    await database.run(breaker.refused, job, cause, at=clock())
    return await database.run(breaker.read)


async def test_of_many_that_begin_at_once_as_many_get_through_as_may_be_lost(
    database: Database, clock: Clock
) -> None:
    jobs = await waiting_jobs(database, clock, 12)

    gates = await asyncio.gather(*(database.run(breaker.begin_submit, job, at=clock()) for job in jobs))

    through = [gate.job for gate in gates if gate.room]
    assert [job.state for job in through] == [JobState.SUBMITTING] * MOST_LOST
    assert sum(gate.job.state is JobState.QUEUED for gate in gates) == 12 - MOST_LOST


async def test_one_of_many_workers_probes_and_one_tells(database: Database, clock: Clock) -> None:
    await open_circuit(database, clock)
    at = clock.advance(PAUSE_S)

    probes = await asyncio.gather(*(database.run(breaker.claim_probe, at=at) for _ in range(5)))
    notices = await asyncio.gather(*(database.run(breaker.claim_notice, at=at) for _ in range(5)))

    assert sum(probe is not None for probe in probes) == 1
    assert [notice for notice in notices if notice is not None] == [Notice.NO_FUNDS]


async def test_a_probe_that_outlasted_its_turn_changes_nothing(database: Database, clock: Clock) -> None:
    await open_circuit(database, clock)
    slow = await database.run(breaker.claim_probe, at=clock.advance(PAUSE_S))
    assert slow is not None
    assert await database.run(breaker.claim_probe, at=clock.advance(PAUSE_S)) is not None

    after = await database.run(breaker.probed, slow, None, at=clock())

    assert after.state is CircuitState.OPEN


async def test_a_job_that_finds_it_open_rests_and_a_good_probe_makes_it_due(
    database: Database, clock: Clock
) -> None:
    circuit = await open_circuit(database, clock)
    [job] = await waiting_jobs(database, clock, 1)
    gate = await database.run(breaker.look, job, at=clock())
    assert not gate.room
    assert (gate.job.due_at or 0) > clock() + PAUSE_S * 1000

    await database.run(breaker.probed, circuit, None, at=clock.advance(1))

    assert (await database.run(store.get, job.id)).due_at == clock()


async def test_a_rest_that_runcomfy_asked_for_is_not_cut_short(database: Database, clock: Clock) -> None:
    circuit = await open_circuit(database, clock)
    [job] = await waiting_jobs(database, clock, 1)
    due_at = clock() + 600_000
    await database.run(store.give_back, job, due_at=due_at)

    await database.run(breaker.probed, circuit, None, at=clock.advance(1))

    assert (await database.run(store.get, job.id)).due_at == due_at


async def test_a_job_in_a_workers_hands_keeps_its_lease_when_others_are_woken(
    database: Database, clock: Clock
) -> None:
    circuit = await open_circuit(database, clock)
    [job] = await waiting_jobs(database, clock, 1)
    held = await database.run(store.note, job, at=clock(), worker="one", due_at=clock() + 30_000)

    await database.run(breaker.probed, circuit, None, at=clock.advance(1))

    assert (await database.run(store.get, job.id)).due_at == held.due_at


async def test_what_is_kept_is_read_again(database: Database, clock: Clock) -> None:
    """Every part of it: this is what a restart finds."""
    opened = await open_circuit(database, clock, Cause.TOKEN)
    expected = Circuit().after_refusal(Cause.TOKEN, clock())
    assert opened == expected
    await database.run(breaker.claim_notice, at=clock())
    [job] = await waiting_jobs(database, clock, 1)
    job = await database.run(moved_to, job, JobState.SUBMITTING, at=clock())
    await database.run(breaker.lost, job, reason="cut off", at=clock())

    assert await database.run(breaker.read) == expected.after_telling().after_loss(clock())
