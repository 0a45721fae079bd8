"""A worker that was silent for longer than its lease: another one has its jobs, and it does nothing stale."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from bot.errors import DiscordUnavailable
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.jobs.tracker import Tracker
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.studio import RHYTHM, Studio, through_turnstile
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def another_worker(studio: Studio) -> AsyncIterator[Tracker]:
    """A second tracker on the same store, as in another process."""
    tracker = Tracker(studio.workshop, rhythm=RHYTHM)
    working = asyncio.create_task(tracker.run(), name="another-tracker")
    yield tracker
    await tracker.stop()
    await working


@asynccontextmanager
async def silent_worker(studio: Studio) -> AsyncIterator[Tracker]:
    """A tracker that can be made silent: its loop stands still, what it had begun goes on when it may."""
    tracker = studio.tracker = Tracker(studio.workshop, rhythm=RHYTHM)
    working = asyncio.create_task(tracker.run(), name="silent-tracker")
    try:
        yield tracker
    finally:
        await tracker.stop()
        await asyncio.gather(working, return_exceptions=True)


async def fall_silent(studio: Studio) -> None:
    """For longer than a lease, as a process does that is stopped (SIGSTOP)."""
    (loop,) = [task for task in asyncio.all_tasks() if task.get_name() == "silent-tracker"]
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    studio.clock.advance(RHYTHM.lease_s + 1)


async def delivered(studio: Studio, job: Job) -> None:
    await studio.reaches(job, JobState.DELIVERED)
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)


async def test_it_does_not_post_what_another_worker_has_posted(studio: Studio) -> None:
    """It had looked, found nothing, and was about to post: no write stands between that and the post."""
    studio.board.refuse("post_video", DiscordUnavailable("503"))
    looked = studio.board.pause("find_video", after=True)
    async with silent_worker(studio) as first:
        job = await studio.ask()
        await asyncio.wait_for(looked.reached.wait(), 20)
        await fall_silent(studio)
        async with another_worker(studio):
            await delivered(studio, job)
            looked.go_on.set()
            await until(lambda: first.in_hand == 0, what="the first worker to let go")

    await delivered(studio, job)


async def test_it_does_not_post_although_it_was_about_to_when_it_fell_silent(studio: Studio) -> None:
    """Between its last write and the post it had asked Discord for the upload limit, say."""
    posting = studio.board.pause("post_video")
    async with silent_worker(studio) as first:
        job = await studio.ask()
        await asyncio.wait_for(posting.reached.wait(), 20)
        await fall_silent(studio)
        async with another_worker(studio):
            await delivered(studio, job)
            posting.go_on.set()
            await until(lambda: first.in_hand == 0, what="the first worker to let go")

    await delivered(studio, job)


async def test_a_job_that_ended_elsewhere_is_dropped_too(slow_studio: Studio) -> None:
    studio = slow_studio
    async with silent_worker(studio) as first:
        job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
        await fall_silent(studio)
        async with another_worker(studio):
            studio.rendering.advance(QUEUE_S + RENDER_S)
            await delivered(studio, job)

            await first._renew()

            await until(lambda: first.in_hand == 0, what="the first worker to let go")


async def test_a_submit_under_way_is_left_to_its_worker_for_as_long_as_an_answer_may_come(
    studio: Studio,
) -> None:
    """The store was away for a lease, say: the worker lives, and its request is running and paid for."""
    async with AsyncExitStack() as stack:
        await through_turnstile(studio, stack)
        submitting = studio.turnstile.pause("submit", after=True)
        async with silent_worker(studio):
            job = await studio.ask()
            await asyncio.wait_for(submitting.reached.wait(), 20)
            await fall_silent(studio)
            async with another_worker(studio):
                await delivered(studio, await studio.ask())
                assert (await studio.get(job)).state is JobState.SUBMITTING
                submitting.go_on.set()
                await delivered(studio, job)


async def test_it_does_not_submit_what_another_worker_has_submitted(studio: Studio) -> None:
    reading = studio.board.pause("input_links")
    async with silent_worker(studio) as first:
        job = await studio.ask()
        await asyncio.wait_for(reading.reached.wait(), 20)
        await fall_silent(studio)
        async with another_worker(studio):
            await delivered(studio, job)
            reading.go_on.set()
            await until(lambda: first.in_hand == 0, what="the first worker to let go")

    await delivered(studio, job)


async def test_a_lease_that_ran_out_unnoticed_is_prolonged_where_nobody_took_the_job(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("503"))
    looked = studio.board.pause("find_video", after=True)
    async with silent_worker(studio):
        job = await studio.ask()
        await asyncio.wait_for(looked.reached.wait(), 20)
        await fall_silent(studio)
        looked.go_on.set()
        await delivered(studio, job)


async def test_when_it_is_back_it_drops_what_it_has_lost(slow_studio: Studio) -> None:
    studio = slow_studio
    async with silent_worker(studio) as first:
        job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
        await fall_silent(studio)
        async with another_worker(studio) as second:
            await until(lambda: second.in_hand == 1, what="the second worker to take over")
            assert first.in_hand == 1

            await first._renew()

            await until(lambda: first.in_hand == 0, what="the first worker to let go")
            assert (await studio.get(job)).worker == second.worker
            studio.rendering.advance(QUEUE_S + RENDER_S)
            await delivered(studio, job)
