"""The disk is full while a finished video is fetched: it is not lost, and comes once there is room."""

import pytest

from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import PRICE
from tests.support.looks import Books, books_of, card_says, looks_of
from tests.support.studio import OPENING, Studio
from tests.support.troubled_store import small_disk
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

NO_ROOM = "Rendered, but I have no room for the file. It comes as soon as there is some."


async def waits_for_room(studio: Studio, job: Job) -> None:
    assert await card_says(studio, job, "no room") == [
        NO_ROOM,
        f"{PRICE} credits set aside · job {job.id}",
    ]
    assert await books_of(studio, job) == Books(
        OPENING - PRICE, held=PRICE, budget_spent=0, budget_held=PRICE
    )


async def is_delivered_once(studio: Studio, job: Job) -> None:
    job = await studio.reaches(job, JobState.DELIVERED)
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await books_of(studio, job) == Books(OPENING - PRICE, held=0, budget_spent=PRICE, budget_held=0)


async def test_a_video_that_finds_no_room_is_delivered_once_there_is_some(studio: Studio) -> None:
    videos = studio.workshop.data_dir / "videos"
    with small_disk(videos, mebibytes=1) as disk:
        disk.fill()
        await studio.open()
        job = await studio.ask()
        await waits_for_room(studio, job)
        # However long it takes: the fault is here, and the video is made and paid for.
        studio.clock.advance(studio.workshop.bounds.delivery_patience_s + 1)
        tries = studio.runcomfy.calls["output"]
        await until(lambda: studio.runcomfy.calls["output"] > tries + 1, what="further attempts")
        assert (await studio.get(job)).state is JobState.RENDERED

        disk.make_room()
        await is_delivered_once(studio, job)
        await studio.stop()
        assert list(videos.iterdir()) == []


async def test_a_disk_that_is_full_for_one_write_costs_one_more_attempt(slow_studio: Studio) -> None:
    """The same without a mount: the kernel's own full device takes the first attempt's bytes."""
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    part = studio.workshop.video_path(job).with_name(f"{job.id}.mp4.{job.fence}.unseen.part")
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await is_delivered_once(studio, job)

    assert any(look[0] == NO_ROOM for look in looks_of(studio, job))
    assert studio.runcomfy.calls["output"] == 2
