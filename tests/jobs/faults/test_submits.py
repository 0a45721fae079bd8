"""A submit goes wrong: what the card says, what it costs, what moderators are told."""

import pytest

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.jobs.faults.runcomfy import unconnectable
from tests.support.jobs import PRICE
from tests.support.looks import Books, books_of, buttons_on, card_says, told_to_moderators
from tests.support.studio import OPENING, Studio

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAITS = "Waits: RunComfy does not answer right now. It goes on by itself."
RETRY_AFTER_S = 45

#: The submit left, and nobody knows what became of it.
LOST = [
    Fault.SUBMIT_RESET_BEFORE,
    Fault.SUBMIT_RESET_MIDDLE,
    Fault.SUBMIT_RESET_AFTER,
    Fault.SUBMIT_HANG,
    Fault.SUBMIT_408,
    Fault.SUBMIT_502_HTML,
    Fault.SUBMIT_500_CODE,
    Fault.SUBMIT_200_ERROR_CODE_AND_ID,
    Fault.SUBMIT_MALFORMED_JSON,
    Fault.SUBMIT_TRUNCATED_JSON,
    Fault.SUBMIT_NOT_AN_OBJECT,
    Fault.SUBMIT_EMPTY,
    Fault.SUBMIT_OVERSIZED,
    Fault.SUBMIT_WITHOUT_ID,
    Fault.SUBMIT_BAD_ID,
    Fault.SUBMIT_REDIRECT,
]


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_submit_is_free_is_not_sent_twice_and_is_left_to_the_staff(
    studio: Studio, fault: Fault
) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.UNCERTAIN)

    assert await card_says(studio, job, "broke at the wrong moment") == [
        "The connection to RunComfy broke at the wrong moment.",
        "It may or may not be running there. I do not send it twice; the staff will look into it.",
        f"Not charged · job {job.id}",
    ]
    assert buttons_on(studio, job) == []
    # The budget keeps a place for what may be running, until staff have found out.
    assert await books_of(studio, job) == Books(OPENING, held=0, budget_spent=0, budget_held=PRICE)
    assert await told_to_moderators(studio) == ["uncertain"]
    assert studio.runcomfy.calls["submit"] == 1
    assert (studio.videos_of(job), studio.direct_to(job)) == (0, [])


async def waits_with_its_credits_set_aside(studio: Studio, job: Job) -> Job:
    assert await card_says(studio, job, WAITS) == [
        WAITS,
        f"{PRICE} credits set aside · job {job.id}",
    ]
    assert buttons_on(studio, job) == ["Cancel"]
    assert await books_of(studio, job) == Books(
        OPENING - PRICE, held=PRICE, budget_spent=0, budget_held=PRICE
    )
    return await studio.reaches(job, JobState.QUEUED)


async def goes_on_by_itself(studio: Studio, job: Job) -> None:
    studio.clock.advance(RETRY_AFTER_S)
    studio.tracker.wake()
    job = await studio.reaches(job, JobState.DELIVERED)

    assert await card_says(studio, job, "Done.") == [
        "Done. The video is in the reply below.",
        f"{PRICE} credits spent · job {job.id}",
    ]
    assert await books_of(studio, job) == Books(OPENING - PRICE, held=0, budget_spent=PRICE, budget_held=0)
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await told_to_moderators(studio) == []


@pytest.mark.parametrize("fault", [Fault.SUBMIT_429, Fault.SUBMIT_429_RETRY_AFTER])
async def test_a_busy_runcomfy_is_waited_for_as_long_as_it_asks(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.retry_after = str(RETRY_AFTER_S)
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await waits_with_its_credits_set_aside(studio, await studio.ask())

    if fault is Fault.SUBMIT_429_RETRY_AFTER:
        assert job.due_at == studio.clock() + RETRY_AFTER_S * 1000
    await goes_on_by_itself(studio, job)


async def test_a_refused_connection_is_waited_out(studio: Studio) -> None:
    await studio.runcomfy.refuse_connections()
    await studio.open()
    job = await waits_with_its_credits_set_aside(studio, await studio.ask())
    await studio.runcomfy.accept_connections()

    await goes_on_by_itself(studio, job)


async def test_a_connection_that_is_never_made_is_waited_out(studio: Studio) -> None:
    async with unconnectable(studio):
        job = await waits_with_its_credits_set_aside(studio, await studio.ask())
    await studio.open()

    await goes_on_by_itself(studio, job)


@pytest.mark.parametrize("fault", [Fault.SUBMIT_200_ERROR_CODE, Fault.UNKNOWN_MODEL, Fault.INPUT_REFUSED])
async def test_a_refusal_is_told_with_advice_and_costs_nobody_anything(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert await card_says(studio, job, "No video") == [
        "No video this time.",
        "RunComfy refused the request. Change the prompt or the pictures and ask again.",
        f"Not charged · job {job.id}",
    ]
    assert await books_of(studio, job) == Books(OPENING, held=0, budget_spent=0, budget_held=0)
    assert studio.submits_of(job) == 0
