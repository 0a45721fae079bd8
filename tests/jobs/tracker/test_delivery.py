"""Fetching and posting: one video, never two, never something else, and the member gets it somehow."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import ChannelUnavailable, DiscordUnavailable, UploadTooLarge
from bot.jobs.delivering import QUICK_TRIES
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.schedule import LONGEST_PAUSE_S
from bot.jobs.states import JobState
from bot.jobs.workshop import Bounds
from bot.rehearsal.runcomfy import Fault
from tests.support.jobs import PRICE
from tests.support.pauses import Remembering
from tests.support.studio import OPENING, RHYTHM, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def video_files(studio: Studio) -> list[Path]:
    return sorted((studio.workshop.data_dir / "videos").glob("*"))


async def fails(studio: Studio, failure: Failure) -> Job:
    """A request whose video cannot be had: nothing is posted, nothing is kept, nothing is paid."""
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert job.failure == failure
    assert job.failure_detail
    assert await studio.balance() == OPENING
    assert studio.board.videos == []
    assert video_files(studio) == []
    return job


# --- fetching -----------------------------------------------------------------------------------------


async def test_a_dead_link_is_not_asked_for_again(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.OUTPUT_DEAD)
    await fails(studio, Failure.VIDEO_GONE)

    assert studio.runcomfy.calls["output"] == 1


async def test_a_slow_video_is_waited_for(studio: Studio) -> None:
    studio.runcomfy.faults.slow_pause_s = 0.005
    studio.runcomfy.faults.add(Fault.OUTPUT_SLOW)
    await studio.open()

    await studio.reaches(await studio.ask(), JobState.DELIVERED)


async def test_a_video_that_is_cut_off_is_fetched_again(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.OUTPUT_CUT)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["output"] >= 2, what="a second attempt")
    studio.runcomfy.faults.clear()

    await studio.reaches(job, JobState.DELIVERED)


@pytest.mark.parametrize("fault", [Fault.OUTPUT_CUT, Fault.OUTPUT_UNAVAILABLE])
async def test_a_video_that_does_not_come_is_asked_for_for_hours_and_then_given_up(
    studio: Studio, fault: Fault
) -> None:
    """A host that is away for a while must not cost a video that is made and paid for."""
    studio.runcomfy.faults.add(fault)
    backoff = Remembering(first_s=0.01, longest_s=0.02)
    studio.workshop = replace(studio.workshop, backoff=backoff)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["output"] > 2 * QUICK_TRIES, what="many attempts")
    assert (await studio.get(job)).state is JobState.RENDERED
    assert set(backoff.asked) == {None, LONGEST_PAUSE_S}
    assert backoff.asked.index(LONGEST_PAUSE_S) == QUICK_TRIES - 1

    studio.clock.advance(studio.workshop.bounds.delivery_patience_s + 1)
    job = await studio.reaches(job, JobState.FAILED)
    assert job.failure == Failure.VIDEO_GONE
    assert await studio.balance() == OPENING
    assert video_files(studio) == []


async def test_what_is_not_a_video_is_never_posted(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.OUTPUT_NOT_A_VIDEO)

    await fails(studio, Failure.NOT_A_VIDEO)


@pytest.mark.parametrize("fault", [Fault.OUTPUT_TOO_LARGE, Fault.OUTPUT_ENDLESS, Fault.OUTPUT_REDIRECTED])
async def test_what_is_too_large_or_leads_elsewhere_is_not_fetched(studio: Studio, fault: Fault) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(video_bytes=1_000_000))
    studio.runcomfy.faults.add(fault)

    await fails(studio, Failure.VIDEO_GONE)


# --- posting ------------------------------------------------------------------------------------------


async def test_a_discord_that_does_not_answer_gets_the_video_later(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("503"), times=3)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.board.calls["post_video"] == 4
    assert (studio.videos_of(job), studio.runcomfy.calls["output"]) == (1, 1)
    assert await studio.balance() == OPENING - PRICE


async def test_a_video_that_was_posted_though_discord_did_not_say_so_is_found(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("lost"), after=True)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (studio.board.calls["post_video"], studio.board.calls["find_video"]) == (1, 1)
    assert job.result_message_id == studio.board.videos[0].message_id


async def test_after_hours_too_a_video_that_may_be_there_is_looked_for_first(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("lost"), after=True)
    attempt = studio.board.pause("post_video")
    await studio.open()
    job = await studio.ask()
    await attempt.reached.wait()
    studio.clock.advance(studio.workshop.bounds.delivery_patience_s + 1)
    attempt.go_on.set()

    job = await studio.reaches(job, JobState.DELIVERED)
    assert (studio.videos_of(job), studio.direct_to(job)) == (1, [])


async def test_while_nobody_can_say_whether_it_was_posted_it_is_not_posted_again(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("lost"), after=True)
    studio.board.refuse("find_video", DiscordUnavailable("503"), times=3)
    await studio.open()
    await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (studio.board.calls["post_video"], studio.board.calls["find_video"]) == (1, 4)


async def undeliverable(studio: Studio, failure: Failure) -> Job:
    """A request whose video cannot be posted where it was asked for: it is free."""
    job = await studio.reaches(await studio.ask(), JobState.UNDELIVERABLE)

    assert job.failure == failure
    assert await studio.balance() == OPENING
    assert studio.videos_of(job) == 0
    return job


async def test_when_the_channel_is_gone_the_member_gets_the_video_directly(studio: Studio) -> None:
    studio.board.refuse("post_video", ChannelUnavailable("gone"), times=None)
    await studio.open()
    job = await undeliverable(studio, Failure.CANNOT_POST)

    await until(lambda: studio.direct_to(job) != [], what="a direct message")
    (files,) = studio.direct_to(job)
    assert files == {f"{job.id}.mp4": studio.workshop.video_path(job).read_bytes()}


async def test_a_video_over_the_servers_limit_is_sent_directly(studio: Studio) -> None:
    studio.board.refuse("post_video", UploadTooLarge("26 MB"))
    await studio.open()
    job = await undeliverable(studio, Failure.UPLOAD_TOO_LARGE)

    await until(lambda: len(studio.direct_to(job)) == 1, what="a direct message")


async def test_a_video_that_is_too_large_even_for_a_direct_message_is_told_of(studio: Studio) -> None:
    studio.board.refuse("post_video", UploadTooLarge("26 MB"))
    studio.board.refuse("send_directly", UploadTooLarge("26 MB"))
    await studio.open()
    job = await undeliverable(studio, Failure.UPLOAD_TOO_LARGE)

    await until(lambda: studio.direct_to(job) == [{}], what="a direct message without a file")
    assert studio.workshop.video_path(job).exists()


async def test_a_video_that_nobody_takes_is_kept(studio: Studio) -> None:
    studio.board.refuse("post_video", ChannelUnavailable("gone"))
    studio.board.refuse("send_directly", ChannelUnavailable("closed"), times=None)
    await studio.open()
    job = await undeliverable(studio, Failure.CANNOT_POST)

    await until(lambda: studio.board.calls["send_directly"] == 1, what="an attempt to send it")
    assert studio.workshop.video_path(job).stat().st_size > 1000
    # Nobody is asked over and over.
    await studio.reaches(await studio.ask(), JobState.DELIVERED)
    assert studio.board.calls["send_directly"] == 1


async def test_a_direct_message_waits_for_a_discord_that_does_not_answer(studio: Studio) -> None:
    studio.board.refuse("post_video", ChannelUnavailable("gone"))
    studio.board.refuse("send_directly", DiscordUnavailable("503"), times=3)
    await studio.open()
    job = await undeliverable(studio, Failure.CANNOT_POST)

    await until(lambda: len(studio.direct_to(job)) == 1, what="a direct message")
    assert studio.direct_to(job)[0].keys() == {f"{job.id}.mp4"}


@pytest.mark.parametrize("after", [False, True])
async def test_a_process_that_ends_before_it_has_told_leaves_it_to_the_next(
    studio: Studio, *, after: bool
) -> None:
    """Stopped between the job's end and its direct message, or before that message was written down."""
    studio.board.refuse("post_video", ChannelUnavailable("gone"))
    sending = studio.board.pause("send_directly", after=after)
    await studio.open(rhythm=replace(RHYTHM, grace_s=0.02))
    job = await undeliverable(studio, Failure.CANNOT_POST)
    await sending.reached.wait()
    assert (await studio.get(job)).card_closed_at is None
    await studio.stop()

    await studio.open()
    await until(lambda: len(studio.direct_to(job)) == 1 + after, what="the direct message")
    await until(lambda: _closed(studio, job), what="the card to be closed")
    # The first message was not known to be sent: the second has its nonce, and Discord makes one of them.
    assert all(files.keys() == {f"{job.id}.mp4"} for files in studio.direct_to(job))


async def _closed(studio: Studio, job: Job) -> bool:
    return (await studio.get(job)).card_closed_at is not None


async def test_a_discord_that_never_answers_is_given_up_after_hours(studio: Studio) -> None:
    studio.board.refuse("post_video", DiscordUnavailable("503"), times=None)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.board.calls["post_video"] >= 3, what="three attempts")
    studio.clock.advance(studio.workshop.bounds.delivery_patience_s + 1)

    job = await studio.reaches(job, JobState.UNDELIVERABLE)
    await until(lambda: len(studio.direct_to(job)) == 1, what="a direct message")


async def test_no_more_videos_are_delivered_at_once_than_allowed(studio: Studio) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(deliveries=1))
    first = studio.board.pause("post_video")
    await studio.open()
    jobs = [await studio.ask() for _ in range(3)]
    await first.reached.wait()
    for job in jobs:
        await studio.reaches(job, JobState.RENDERED)
    assert studio.board.calls["post_video"] == 1
    assert studio.runcomfy.calls["output"] == 1
    first.go_on.set()

    for job in jobs:
        await studio.reaches(job, JobState.DELIVERED)
