"""A question to RunComfy goes wrong while it works: nobody sees a thing, and the video comes."""

import pytest

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.jobs.faults.runcomfy import unconnectable
from tests.support.jobs import PRICE
from tests.support.looks import Books, books_of, card_says, looks_of, told_to_moderators
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

BROKEN = [fault for fault in Fault if fault.startswith("read-")] + [
    Fault.UNKNOWN_STATUS_WORD,
    Fault.SOMEBODY_ELSES,
]
#: What a card may say first of a job that goes well.
ORDINARY = ("Waits at RunComfy", "Rendering ", "Rendered. Bringing it here.", "Done. The video is in")


async def is_delivered_as_if_nothing_had_been(studio: Studio, job: Job) -> None:
    job = await studio.reaches(job, JobState.DELIVERED)
    assert await card_says(studio, job, "Done.") == [
        "Done. The video is in the reply below.",
        f"{PRICE} credits spent · job {job.id}",
    ]
    assert all(look[0].startswith(ORDINARY) for look in looks_of(studio, job))
    assert (studio.submits_of(job), studio.videos_of(job), studio.direct_to(job)) == (1, 1, [])
    assert await books_of(studio, job) == Books(OPENING - PRICE, held=0, budget_spent=PRICE, budget_held=0)
    assert await told_to_moderators(studio) == []


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_answer_is_seen_by_nobody(slow_studio: Studio, fault: Fault) -> None:
    studio = slow_studio
    studio.runcomfy.faults.retry_after = "0"
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    times = 2 if fault is Fault.READ_HANG else 6
    studio.runcomfy.faults.add(fault, times=times)
    await until(lambda: studio.runcomfy.faults.hits[fault] == times, what="every broken answer")
    studio.rendering.advance(QUEUE_S + RENDER_S)

    await is_delivered_as_if_nothing_had_been(studio, job)


async def test_a_runcomfy_that_refuses_connections_for_a_while_is_seen_by_nobody(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await studio.runcomfy.refuse_connections()
    await until(lambda: failed_questions(studio, job) >= 2, what="questions without an answer")
    await studio.runcomfy.accept_connections()
    studio.rendering.advance(QUEUE_S + RENDER_S)

    await is_delivered_as_if_nothing_had_been(studio, job)


async def test_a_connection_that_is_never_made_is_seen_by_nobody(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await studio.stop()
    async with unconnectable(studio):
        await until(lambda: failed_questions(studio, job) >= 2, what="questions without an answer")
    await studio.open()
    studio.rendering.advance(QUEUE_S + RENDER_S)

    await is_delivered_as_if_nothing_had_been(studio, job)


def failed_questions(studio: Studio, job: Job) -> int:
    held = studio.tracker._held.get(job.id)
    return held.failures if held else 0
