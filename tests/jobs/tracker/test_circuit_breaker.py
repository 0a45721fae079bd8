"""The circuit breaker at work: an outage of RunComfy costs a few submits, and then everything goes on."""

import asyncio
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.errors import ChannelUnavailable
from bot.jobs import breaker
from bot.jobs.circuit import MOST_LOST, PAUSE_S, Cause, CircuitState, Notice
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.jobs.tracker import Tracker
from bot.jobs.workshop import Bounds
from bot.rehearsal.runcomfy import Fault
from tests.support.jobs import moved_to
from tests.support.studio import OPENING, RHYTHM, Studio, through_turnstile
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def asked(studio: Studio, count: int) -> list[Job]:
    """So many requests, each of another member."""
    return [await studio.ask(user_id=number) for number in range(1, count + 1)]


async def in_state(studio: Studio, jobs: Iterable[Job], state: JobState) -> list[Job]:
    fresh = [await studio.get(job) for job in jobs]
    return [job for job in fresh if job.state is state]


def shown(studio: Studio, job: Job) -> str | None:
    """What the job's card says now that it waits for."""
    return studio.board.shown[job.id][-1][1].obstacle if studio.board.shown[job.id] else None


async def come_to_rest(studio: Studio, jobs: Iterable[Job], cause: Cause) -> list[Job]:
    """Wait until all that wait are let go of and say why; they."""
    jobs = list(jobs)

    async def rest() -> bool:
        submitting = await in_state(studio, jobs, JobState.SUBMITTING)
        waiting = await in_state(studio, jobs, JobState.QUEUED)
        return not submitting and all(
            job.worker is None and job.due_at and job.due_at > studio.clock() and shown(studio, job) == cause
            for job in waiting
        )

    await until(rest, what=f"jobs that wait and say {cause}")
    return await in_state(studio, jobs, JobState.QUEUED)


async def a_pause_later(studio: Studio, call: str, calls: int = 1) -> None:
    """Let a pause pass, and wait for its probe: so many calls of a kind."""
    before = studio.runcomfy.calls[call]
    studio.clock.advance(PAUSE_S)
    studio.tracker.wake()
    await until(lambda: studio.runcomfy.calls[call] >= before + calls, what="a probe")


async def all_delivered(studio: Studio, jobs: Iterable[Job]) -> None:
    for job in jobs:
        await studio.reaches(job, JobState.DELIVERED)
        assert studio.submits_of(job) == 1


async def told(studio: Studio, *notices: Notice) -> None:
    await until(lambda: len(studio.board.operator) >= len(notices), what="word to the operator")
    assert studio.board.operator == list(notices)


async def state_of(studio: Studio) -> CircuitState:
    return (await studio.database.run(breaker.read)).state


# --- answers that are lost ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "places"),
    [(Fault.SUBMIT_RESET_AFTER, 1), (Fault.SUBMIT_502_HTML, 4), (Fault.SUBMIT_HANG, 20)],
)
async def test_an_outage_costs_three_submits_however_many_wait(
    studio: Studio, fault: Fault, places: int
) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=places))
    studio.runcomfy.faults.add(fault, times=None)
    jobs = await asked(studio, 20)
    await studio.open()
    waiting = await come_to_rest(studio, jobs, Cause.UNREACHABLE)
    assert len(waiting) == 17
    assert len(await in_state(studio, jobs, JobState.UNCERTAIN)) == MOST_LOST
    assert studio.runcomfy.calls["submit"] == MOST_LOST

    studio.runcomfy.faults.clear()
    await a_pause_later(studio, "model")
    await all_delivered(studio, waiting)

    assert studio.runcomfy.calls["submit"] == 20
    await told(studio, Notice.UNREACHABLE, Notice.RESUMED)
    assert await state_of(studio) is CircuitState.CLOSED


async def test_while_reads_fail_too_nothing_is_submitted_and_waiting_jobs_are_left_alone(
    studio: Studio,
) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER, times=None)
    studio.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    jobs = await asked(studio, 10)
    await studio.open()
    before = await come_to_rest(studio, jobs, Cause.UNREACHABLE)
    for _ in range(5):
        await a_pause_later(studio, "model", calls=2)  # the client asks twice

    after = await come_to_rest(studio, before, Cause.UNREACHABLE)
    assert studio.runcomfy.calls["submit"] == MOST_LOST
    # Each claim counts the fence up: a look a pause at the most.
    assert all(new.fence - old.fence <= 5 for old, new in zip(before, after, strict=True))

    studio.runcomfy.faults.clear()
    await a_pause_later(studio, "model")
    await all_delivered(studio, before)


async def test_where_reads_succeed_and_submits_do_not_each_trial_makes_the_next_pause_longer(
    studio: Studio,
) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER, times=None)
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.UNREACHABLE)
    await a_pause_later(studio, "submit")
    await come_to_rest(studio, jobs, Cause.UNREACHABLE)
    circuit = await studio.database.run(breaker.read)

    assert studio.runcomfy.calls["submit"] == MOST_LOST + 1
    assert circuit.probe_at == studio.clock() + 2 * PAUSE_S * 1000
    await told(studio, Notice.UNREACHABLE)


async def test_after_a_probe_one_is_tried_alone_until_it_is_accepted(studio: Studio) -> None:
    async with AsyncExitStack() as stack:
        await through_turnstile(studio, stack)
        studio.turnstile.answer("submit", 502)
        jobs = await asked(studio, 10)
        await studio.open()
        waiting = await come_to_rest(studio, jobs, Cause.UNREACHABLE)
        studio.turnstile.answer("submit", None)
        trial = studio.turnstile.pause("submit")
        studio.clock.advance(PAUSE_S)
        studio.tracker.wake()
        await trial.reached.wait()
        await until(lambda: studio.tracker.in_hand == 4, what="others that wait for a place")
        # They look again and again whether there is room by now.
        for _ in range(10):
            await asyncio.sleep(0.01)
            assert len(await in_state(studio, jobs, JobState.SUBMITTING)) == 1
        assert studio.turnstile.passed["submit"] == MOST_LOST
        trial.go_on.set()

        await all_delivered(studio, waiting)
        await studio.stop()


async def test_two_trackers_on_one_store_share_one_circuit(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER, times=None)
    studio.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    jobs = await asked(studio, 20)
    await studio.open()
    second = Tracker(studio.workshop, rhythm=RHYTHM)
    working = asyncio.create_task(second.run())
    waiting = await come_to_rest(studio, jobs, Cause.UNREACHABLE)
    assert studio.runcomfy.calls["submit"] == MOST_LOST
    for _ in range(3):
        await a_pause_later(studio, "model", calls=2)
        second.wake()
    assert studio.runcomfy.calls["model"] == 3 * 2  # one worker probes, not both

    studio.runcomfy.faults.clear()
    await a_pause_later(studio, "model")
    await all_delivered(studio, waiting)
    await told(studio, Notice.UNREACHABLE, Notice.RESUMED)
    await second.stop()
    await working

    assert studio.runcomfy.calls["submit"] == 20


async def test_a_restart_in_the_middle_of_an_outage_costs_nothing_more(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER, times=None)
    studio.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    jobs = await asked(studio, 20)
    for _ in range(3):
        await studio.open()
        waiting = await come_to_rest(studio, jobs, Cause.UNREACHABLE)
        await studio.stop()
        studio.clock.advance(PAUSE_S)
    assert (len(waiting), studio.runcomfy.calls["submit"]) == (17, MOST_LOST)

    studio.runcomfy.faults.clear()
    studio.clock.advance(PAUSE_S)
    await studio.open()
    await all_delivered(studio, waiting)
    await told(studio, Notice.UNREACHABLE, Notice.RESUMED)


async def test_jobs_found_after_a_crash_are_no_outage_of_runcomfys(studio: Studio) -> None:
    jobs = await asked(studio, 5)
    for job in jobs:
        await studio.database.run(moved_to, job, JobState.SUBMITTING, at=studio.clock())
    await studio.open()
    for job in jobs:
        await studio.reaches(job, JobState.UNCERTAIN)
    await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (await state_of(studio), studio.board.operator) == (CircuitState.CLOSED, [])


async def test_a_few_lost_answers_between_accepted_submits_stop_nothing(studio: Studio) -> None:
    await studio.open()
    for _ in range(MOST_LOST):
        studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
        await studio.reaches(await studio.ask(), JobState.UNCERTAIN)
        await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (await state_of(studio), studio.board.operator) == (CircuitState.CLOSED, [])


# --- what the operator has to settle ------------------------------------------------------------------


async def test_without_funds_nobody_tries_until_the_account_is_topped_up(studio: Studio) -> None:
    dollars = studio.runcomfy.balance_usd
    studio.runcomfy.balance_usd = dollars * 0
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    tried = studio.runcomfy.calls["submit"]
    for _ in range(3):
        await a_pause_later(studio, "balance")
        assert len(await come_to_rest(studio, jobs, Cause.NO_FUNDS)) == 10
    assert studio.runcomfy.calls["submit"] == tried <= MOST_LOST
    await told(studio, Notice.NO_FUNDS)

    studio.runcomfy.balance_usd = dollars
    await a_pause_later(studio, "balance")
    await all_delivered(studio, jobs)

    assert studio.runcomfy.calls["submit"] == tried + 10
    await told(studio, Notice.NO_FUNDS, Notice.RESUMED)


async def test_a_balance_that_covers_no_video_is_tried_once_a_pause_and_told_once(studio: Studio) -> None:
    dollars = studio.runcomfy.balance_usd
    studio.runcomfy.balance_usd = dollars / 10_000_000
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    tried = studio.runcomfy.calls["submit"]
    for _ in range(3):
        await a_pause_later(studio, "submit")
        await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    assert studio.runcomfy.calls["submit"] == tried + 3
    await told(studio, Notice.NO_FUNDS)

    studio.runcomfy.balance_usd = dollars
    await a_pause_later(studio, "balance")
    await all_delivered(studio, jobs)


async def test_where_the_balance_cannot_be_read_one_job_tries_once_a_pause(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.OUT_OF_FUNDS, times=None)
    studio.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    tried = studio.runcomfy.calls["submit"]
    await a_pause_later(studio, "submit")
    await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    assert studio.runcomfy.calls["submit"] == tried + 1

    studio.runcomfy.faults.clear()
    await a_pause_later(studio, "balance")
    await all_delivered(studio, jobs)


async def test_with_a_refused_token_nobody_tries_until_it_is_accepted(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.TOKEN_EXPIRED, times=None)
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.TOKEN)
    tried = studio.runcomfy.calls["submit"]
    for _ in range(3):
        await a_pause_later(studio, "model")
        assert len(await come_to_rest(studio, jobs, Cause.TOKEN)) == 10
    assert studio.runcomfy.calls["submit"] == tried <= MOST_LOST
    await told(studio, Notice.TOKEN)

    studio.runcomfy.faults.clear()
    await a_pause_later(studio, "model")
    await all_delivered(studio, jobs)
    await told(studio, Notice.TOKEN, Notice.RESUMED)


async def test_an_operator_who_takes_no_messages_finds_it_in_the_log(studio: Studio) -> None:
    studio.board.refuse("tell_operator", ChannelUnavailable("closed"), times=None)
    studio.runcomfy.faults.add(Fault.OUT_OF_FUNDS)
    with capture_logs() as logged:
        job = await studio.ask()
        await studio.open()
        await come_to_rest(studio, [job], Cause.NO_FUNDS)
        await until(lambda: studio.board.calls["tell_operator"] == 1, what="word to the operator")
        await a_pause_later(studio, "balance")
        await studio.reaches(job, JobState.DELIVERED)
        await until(lambda: studio.board.calls["tell_operator"] == 2, what="word to the operator")

    errors = [entry for entry in logged if entry["log_level"] == "error"]
    assert [entry.get("cause") for entry in errors] == [Cause.NO_FUNDS]
    assert [entry["event"] for entry in logged].count("operator could not be told") == 2


# --- what the cards say afterwards --------------------------------------------------------------------


async def test_whoever_still_waits_for_a_place_afterwards_is_not_said_to_wait_for_runcomfy(
    slow_studio: Studio,
) -> None:
    studio = slow_studio
    studio.runcomfy.faults.add(Fault.OUT_OF_FUNDS, times=1)
    jobs = await asked(studio, 10)
    await studio.open()
    await come_to_rest(studio, jobs, Cause.NO_FUNDS)
    # Cards are gone back to their normal words although four places are taken for long.
    await a_pause_later(studio, "balance")

    async def normal() -> bool:
        waiting = await in_state(studio, jobs, JobState.QUEUED)
        return len(waiting) == 6 and all(shown(studio, job) is None for job in waiting)

    await until(normal, what="cards that say nothing of funds")


async def test_a_job_that_runcomfy_had_no_time_for_is_not_said_to_wait_for_it_once_it_takes_others(
    slow_studio: Studio,
) -> None:
    studio = slow_studio
    studio.runcomfy.faults.add(Fault.SUBMIT_429)
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=1))
    unlucky = await studio.ask()
    await studio.open()
    await until(lambda: shown(studio, unlucky) == Cause.UNREACHABLE, what="the obstacle on the card")
    await studio.reaches(await studio.ask(), JobState.IN_QUEUE)

    await until(lambda: shown(studio, unlucky) is None, what="a card that says nothing of it")
    assert (await studio.get(unlucky)).state is JobState.QUEUED


async def test_a_process_that_died_before_the_cards_went_back_is_made_up_for_by_the_next(
    studio: Studio,
) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=1))
    studio.runcomfy.faults.add(Fault.OUT_OF_FUNDS)
    job = await studio.ask()
    await studio.open()
    await come_to_rest(studio, [job], Cause.NO_FUNDS)
    await studio.stop()
    circuit = await studio.database.run(breaker.read)
    at = studio.clock.advance(PAUSE_S)
    # The dead process got as far as the store.
    await studio.database.run(breaker.probed, circuit, None, at=at)
    other = await studio.ask(user_id=7)
    moved = await studio.database.run(moved_to, other, JobState.SUBMITTING, at=at)
    await studio.database.run(breaker.accepted, moved, request_id="r", at=at)
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=0))
    await studio.open()

    await until(lambda: shown(studio, job) is None, what="a card that says nothing of funds")
    assert await studio.balance() == OPENING - job.price
