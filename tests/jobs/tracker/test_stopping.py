"""Stopping in the middle of anything, and starting again on the same store: once, and all of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import Connection
from sqlalchemy.util import await_only

from bot.database import Database
from bot.errors import ChannelUnavailable
from bot.jobs import store
from bot.jobs import tracker as tracker_room
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import ENDED, JobState
from bot.jobs.tracker import Rhythm, Tracker
from bot.media import MediaWorker
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import PRICE
from tests.support.studio import OPENING, RHYTHM, Studio, through_turnstile
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: A process that may not wait for anything when it is told to end.
HASTY = Rhythm(look_s=0.02, lease_s=30.0, grace_s=0.02, stumble_s=30.0)


@pytest_asyncio.fixture(loop_scope="session")
async def gated(slow_studio: Studio) -> AsyncIterator[Studio]:
    """A slow studio whose calls to RunComfy can be held up."""
    async with AsyncExitStack() as stack:
        await through_turnstile(slow_studio, stack)
        yield slow_studio
        await slow_studio.stop()


@asynccontextmanager
async def busy(database: Database) -> AsyncIterator[None]:
    """The store works on something else as long as the block runs."""
    started, go_on = asyncio.Event(), asyncio.Event()

    def slow(_connection: Connection) -> None:
        started.set()
        await_only(go_on.wait())

    working = asyncio.create_task(database.run(slow))
    await started.wait()
    yield
    go_on.set()
    await working


async def is_delivered_after_a_restart(studio: Studio, job: Job) -> None:
    await studio.open()
    await studio.reaches(job, JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await studio.balance() == OPENING - PRICE


async def test_a_submit_under_way_is_finished_before_the_end(gated: Studio) -> None:
    submitting = gated.turnstile.pause("submit", after=True)
    await gated.open()
    job = await gated.ask()
    await submitting.reached.wait()
    stopping = asyncio.create_task(gated.stop())
    await asyncio.sleep(0.02)
    assert not stopping.done()
    submitting.go_on.set()
    await stopping

    assert (await gated.get(job)).state is JobState.IN_QUEUE
    await is_delivered_after_a_restart(gated, job)


async def test_a_submit_that_outlasts_the_grace_is_uncertain_afterwards(gated: Studio) -> None:
    submitting = gated.turnstile.pause("submit", after=True)
    await gated.open(rhythm=HASTY)
    job = await gated.ask()
    await submitting.reached.wait()
    await gated.stop()
    submitting.go_on.set()
    await gated.open()
    await gated.reaches(job, JobState.UNCERTAIN)

    assert (gated.submits_of(job), gated.turnstile.passed["submit"]) == (1, 1)
    assert await gated.balance() == OPENING


async def test_a_submit_is_not_cut_off_between_its_writing_and_its_sending(slow_studio: Studio) -> None:
    """Cut off there it would count as uncertain, though nothing was ever sent."""
    studio = slow_studio
    asking = studio.board.pause("input_links")
    await studio.open(rhythm=Rhythm(look_s=60))  # it looks only when it is woken
    job = await studio.ask()
    await asking.reached.wait()
    await asyncio.sleep(0.05)  # the look that found the job comes to its end
    async with busy(studio.database):
        asking.go_on.set()  # the write waits for the busy store now
        await asyncio.sleep(0.01)
        stopping = asyncio.create_task(studio.stop())
        await asyncio.sleep(0.01)
    await stopping

    assert (await studio.get(job)).state is JobState.IN_QUEUE
    await is_delivered_after_a_restart(studio, job)


async def test_a_job_that_is_watched_is_let_go_at_once_and_watched_by_the_next(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await studio.stop()
    assert (await studio.get(job)).worker is None

    await is_delivered_after_a_restart(studio, job)


async def test_a_delivery_under_way_is_finished_before_the_end(studio: Studio) -> None:
    posting = studio.board.pause("post_video")
    await studio.open()
    job = await studio.ask()
    await posting.reached.wait()
    stopping = asyncio.create_task(studio.stop())
    await asyncio.sleep(0.02)
    assert not stopping.done()
    posting.go_on.set()
    await stopping

    assert (await studio.get(job)).state is JobState.DELIVERED
    assert studio.videos_of(job) == 1


@pytest.mark.parametrize("posted", [False, True])
async def test_a_delivery_that_outlasts_the_grace_is_posted_once_by_the_next(
    studio: Studio, *, posted: bool
) -> None:
    posting = studio.board.pause("post_video", after=posted)
    await studio.open(rhythm=HASTY)
    job = await studio.ask()
    await posting.reached.wait()
    await studio.stop()
    assert (await studio.get(job)).state is JobState.RENDERED
    await studio.open()
    job = await studio.reaches(job, JobState.DELIVERED)

    assert studio.videos_of(job) == 1
    assert job.result_message_id == studio.board.videos[0].message_id
    assert studio.board.calls["post_video"] == (1 if posted else 2)
    assert studio.runcomfy.calls["output"] == 1


@pytest.mark.parametrize("posted", [False, True])
async def test_a_card_that_outlasts_the_grace_is_posted_once(studio: Studio, *, posted: bool) -> None:
    posting = studio.board.pause("post_card", after=posted)
    await studio.open(rhythm=HASTY)
    job = await studio.ask()
    await posting.reached.wait()
    await studio.stop()
    await studio.open()
    await studio.reaches(job, JobState.DELIVERED)

    assert len(studio.board.cards) == 1


async def test_a_video_is_looked_at_even_where_the_stop_came_before_the_look(
    studio: Studio, media: MediaWorker
) -> None:
    """The file is there, whole, and nobody has seen yet that it is a web page."""
    studio.runcomfy.faults.add(Fault.OUTPUT_NOT_A_VIDEO)
    await media.start()
    busy = asyncio.create_task(media.run(time.sleep, 60, timeout_s=90))
    await studio.open(rhythm=HASTY)
    job = await studio.ask()
    await until(lambda: any(studio.workshop.data_dir.glob("videos/*.unseen")), what="the fetched file")
    await studio.stop()
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    await studio.open()
    job = await studio.reaches(job, JobState.FAILED)

    assert job.failure == Failure.NOT_A_VIDEO
    assert studio.board.videos == []


async def test_what_a_look_at_the_store_still_claims_is_given_back(slow_studio: Studio) -> None:
    studio = slow_studio
    jobs = [await studio.ask() for _ in range(3)]
    tracker = Tracker(studio.workshop, rhythm=RHYTHM)
    async with busy(studio.database):
        working = asyncio.create_task(tracker.run())
        await asyncio.sleep(0.01)
        stopping = asyncio.create_task(tracker.stop())
        await asyncio.sleep(0.01)
    await stopping

    assert tracker.in_hand == 0
    assert [(await studio.get(job)).worker for job in jobs] == [None] * 3
    await working


async def test_a_stop_waits_for_nobody_who_does_not_answer(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A direct message that hangs, and a card that hangs: the process ends all the same."""
    monkeypatch.setattr(tracker_room, "_LAST_WORDS_S", 0.02)
    studio.board.refuse("post_card", ChannelUnavailable("gone"))
    sending = studio.board.pause("send_directly")
    await studio.open(rhythm=HASTY)
    await studio.reaches(await studio.ask(), JobState.FAILED)
    await sending.reached.wait()
    posting = studio.board.pause("post_card")
    job = await studio.ask()
    await posting.reached.wait()
    await studio.stop()

    assert (await studio.get(job)).worker is None


async def test_a_busy_process_stopped_at_any_moment_loses_nothing(studio: Studio) -> None:
    """Restarted over and over, with jobs in every state: each is submitted once and posted once."""
    jobs = [await studio.ask(user_id=number % 3) for number in range(9)]
    for moment in range(12):
        await studio.open()
        await asyncio.sleep(0.012 * moment)
        await studio.stop()
        found = [await studio.get(job) for job in jobs]
        assert all(job.worker is None or job.ended for job in found)
        assert not any(job.state is JobState.SUBMITTING for job in found)
    await studio.open()
    for job in jobs:
        await studio.reaches(job, JobState.DELIVERED)

    assert [studio.submits_of(job) for job in jobs] == [studio.videos_of(job) for job in jobs] == [1] * 9


async def test_a_tracker_that_never_ran_can_be_stopped(studio: Studio) -> None:
    await studio.tracker.stop()

    assert studio.tracker.in_hand == 0


async def test_nothing_is_taken_up_after_the_stop(studio: Studio) -> None:
    await studio.open()
    await studio.stop()
    job = await studio.ask()
    await asyncio.sleep(0.05)

    assert (await studio.get(job)).fence == 0
    assert await studio.database.run(store.in_states, ENDED) == []
