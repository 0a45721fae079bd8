"""The system's clock is turned back: nothing waits for a moment that had come already."""

from dataclasses import replace

import pytest

from bot.clock import ForwardClock
from bot.jobs import store
from bot.jobs.circuit import PAUSE_S
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.support.clock import Clock
from tests.support.jobs import PRICE
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR_S = 3600.0


async def test_a_clock_that_goes_back_an_hour_while_the_bot_works_delays_nothing(studio: Studio) -> None:
    elapsed = Clock(0)
    studio.workshop = replace(studio.workshop, now=ForwardClock(studio.clock, elapsed))
    studio.runcomfy.faults.add(Fault.PAYMENT_REQUIRED_402)
    await studio.open()
    job = await studio.ask()
    await until(lambda: bool(studio.obstacles(job)), what="a pause")
    studio.clock.advance(-HOUR_S)
    elapsed.advance(PAUSE_S)
    studio.tracker.wake()

    await studio.reaches(job, JobState.DELIVERED)
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await studio.balance() == OPENING - PRICE


@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.IN_QUEUE])
async def test_a_store_written_by_a_clock_that_ran_ahead_goes_on_at_the_next_start(
    slow_studio: Studio, state: JobState
) -> None:
    """The bot stopped with the clock an hour ahead, which was put right before it started again."""
    studio = slow_studio
    job = await studio.ask()
    if state is JobState.IN_QUEUE:
        await studio.open()
        job = await studio.reaches(job, JobState.IN_QUEUE)
        await studio.stop()
    job = await studio.get(job)
    await studio.database.run(store.give_back, job, due_at=studio.clock() + int(HOUR_S * 1000))

    await studio.open()
    await studio.reaches(job, JobState.IN_QUEUE)
    studio.rendering.advance(HOUR_S)
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
