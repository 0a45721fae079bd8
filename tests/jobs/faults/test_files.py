"""The finished file does not come, or is not what it should be: what the card says, and who pays."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.jobs.workshop import Bounds
from bot.media import AllowedHosts, Downloader, DownloadTimeouts
from bot.rehearsal.runcomfy import Fault
from tests.support.jobs import PRICE
from tests.support.looks import Books, books_of, buttons_on, card_says
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_FETCHED = "The finished video could not be fetched from RunComfy. Ask again."
NO_VIDEO = "What RunComfy sent is not a video. Ask again."
WAITS = "Rendered, but RunComfy does not hand the file over yet. I keep trying for some hours."

GIVEN_UP = {
    Fault.OUTPUT_DEAD: NOT_FETCHED,
    Fault.OUTPUT_TOO_LARGE: NOT_FETCHED,
    Fault.OUTPUT_ENDLESS: NOT_FETCHED,
    Fault.OUTPUT_REDIRECTED: NOT_FETCHED,
    Fault.OUTPUT_REDIRECTED_PRIVATE: NOT_FETCHED,
    Fault.OUTPUT_NOT_A_VIDEO: NO_VIDEO,
}
WAITED_FOR = [Fault.OUTPUT_UNAVAILABLE, Fault.OUTPUT_CUT, Fault.OUTPUT_SILENT, Fault.OUTPUT_SLOW]


@pytest_asyncio.fixture(loop_scope="session")
async def hasty(studio: Studio) -> AsyncIterator[Studio]:
    """A studio that waits for a file's next bytes for moments only, and for all of it not much longer."""
    outputs = Downloader(AllowedHosts.parse(["127.0.0.1"]), timeouts=DownloadTimeouts(5, 0.2, 0.4))
    studio.runcomfy.faults.slow_pause_s = 0.1
    studio.workshop = replace(studio.workshop, outputs=outputs, bounds=Bounds(video_bytes=1_000_000))
    yield studio
    await studio.stop()
    await outputs.aclose()


@pytest.mark.parametrize("fault", GIVEN_UP)
async def test_a_file_that_cannot_be_had_is_told_and_the_member_does_not_pay(
    hasty: Studio, fault: Fault
) -> None:
    studio = hasty
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert await card_says(studio, job, "No video") == [
        "No video this time.",
        GIVEN_UP[fault],
        f"Not charged · job {job.id}",
    ]
    assert buttons_on(studio, job) == []
    # RunComfy made it and charges the operator, so it counts against the month's budget.
    assert await books_of(studio, job) == Books(OPENING, held=0, budget_spent=PRICE, budget_held=0)
    assert (studio.videos_of(job), studio.direct_to(job)) == (0, [])
    assert list((studio.workshop.data_dir / "videos").iterdir()) == []


async def waits_with_its_credits_set_aside(studio: Studio, job: Job) -> None:
    assert await card_says(studio, job, "does not hand the file over") == [
        WAITS,
        f"{PRICE} credits set aside · job {job.id}",
    ]
    assert await books_of(studio, job) == Books(
        OPENING - PRICE, held=PRICE, budget_spent=0, budget_held=PRICE
    )


async def comes_after_all(studio: Studio, job: Job) -> None:
    job = await studio.reaches(job, JobState.DELIVERED)
    assert await card_says(studio, job, "Done.") == [
        "Done. The video is in the reply below.",
        f"{PRICE} credits spent · job {job.id}",
    ]
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await books_of(studio, job) == Books(OPENING - PRICE, held=0, budget_spent=PRICE, budget_held=0)


@pytest.mark.parametrize("fault", WAITED_FOR)
async def test_a_file_that_does_not_come_yet_is_waited_for_and_the_card_says_so(
    hasty: Studio, fault: Fault
) -> None:
    """Cut off, answered with 503, silent for too long, too slow for the time there is for all of it."""
    studio = hasty
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.ask()
    await waits_with_its_credits_set_aside(studio, job)
    studio.runcomfy.faults.clear()

    await comes_after_all(studio, job)


async def test_a_file_host_that_refuses_connections_is_waited_for(hasty: Studio) -> None:
    studio = hasty
    studio.runcomfy.faults.add(Fault.OUTPUT_UNAVAILABLE)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["output"] >= 1, what="a first attempt")
    await studio.runcomfy.refuse_connections()
    studio.runcomfy.faults.clear()
    await waits_with_its_credits_set_aside(studio, job)
    await studio.runcomfy.accept_connections()

    await comes_after_all(studio, job)
