"""Trouble of our own: steps that break, a store that is shut, a process that slept, ends before the card."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot import engines as engine_room
from bot.errors import ChannelUnavailable
from bot.jobs import claims
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.jobs.tracker import Tracker
from bot.jobs.workshop import Bounds, inputs_dir
from bot.media import MediaWorker
from bot.rehearsal.drawing import draw_picture
from tests.conftest import url_of
from tests.support.jobs import MEMBER
from tests.support.studio import OPENING, RHYTHM, Studio, open_studio, through_turnstile
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def impatient(
    tmp_path: Path, store_path: Path, media: MediaWorker, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Studio]:
    """A studio whose store says at once that it is locked, and whose calls to RunComfy can be held up."""
    monkeypatch.setattr(engine_room, "BUSY_TIMEOUT_S", 0.01)
    async with AsyncExitStack() as stack, open_studio(tmp_path, url_of(store_path), media) as opened:
        await through_turnstile(opened, stack)
        yield opened
        await opened.stop()
        await opened.check()


@asynccontextmanager
async def locked(path: Path, *, until_logged: str) -> AsyncIterator[None]:
    """Somebody else holds the store, until the bot has noticed and says so in its log."""
    other = sqlite3.connect(path, isolation_level=None, timeout=0)

    def held() -> bool:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True

    await until(held, what="the store's lock")
    with capture_logs() as logged:
        yield
        await until(
            lambda: any(until_logged in entry["event"] for entry in logged),
            what=f"{until_logged!r} in the log",
        )
    other.execute("ROLLBACK")
    other.close()


# --- steps that break ---------------------------------------------------------------------------------


async def rests(studio: Studio, job: Job) -> bool:
    """Whether the job has been let go for as long as a broken step costs."""
    found = await studio.get(job)
    return found.worker is None and found.due_at == studio.clock() + RHYTHM.stumble_s * 1000


async def test_a_step_that_breaks_rests_and_is_tried_again(studio: Studio) -> None:
    studio.board.refuse("input_links", ZeroDivisionError("nobody expected this"))
    await studio.open()
    job = await studio.ask()

    await until(partial(rests, studio, job), what="a rest")
    # Others go on meanwhile.
    await studio.reaches(await studio.ask(), JobState.DELIVERED)
    studio.clock.advance(RHYTHM.stumble_s)
    studio.tracker.wake()
    await studio.reaches(job, JobState.DELIVERED)

    assert studio.submits_of(job) == 1


async def test_a_delivery_that_breaks_after_posting_is_settled_by_the_next_attempt(studio: Studio) -> None:
    studio.board.refuse("post_video", ZeroDivisionError("nobody expected this"), after=True)
    await studio.open()
    job = await studio.ask()
    await until(partial(rests, studio, job), what="a rest")
    assert studio.videos_of(job) == 1
    studio.clock.advance(RHYTHM.stumble_s)
    studio.tracker.wake()

    await studio.reaches(job, JobState.DELIVERED)


# --- the store ----------------------------------------------------------------------------------------


async def test_while_the_store_is_shut_nothing_is_taken_up(impatient: Studio, store_path: Path) -> None:
    impatient.workshop = replace(impatient.workshop, bounds=Bounds(places=0))
    await impatient.open()
    job = await impatient.ask()
    await until(lambda: len(impatient.board.cards) == 1, what="the card")
    await impatient.stop()
    impatient.workshop = replace(impatient.workshop, bounds=Bounds(places=1))
    await impatient.open()
    async with locked(store_path, until_logged="nothing is taken up"):
        impatient.tracker.wake()
    impatient.clock.advance(RHYTHM.stumble_s + RHYTHM.lease_s)

    await impatient.reaches(job, JobState.DELIVERED)


async def test_the_id_of_a_running_request_is_not_lost_to_a_shut_store(
    impatient: Studio, store_path: Path
) -> None:
    submitting = impatient.turnstile.pause("submit", after=True)
    await impatient.open()
    job = await impatient.ask()
    await submitting.reached.wait()
    async with locked(store_path, until_logged="not written down yet"):
        submitting.go_on.set()
    job = await impatient.reaches(job, JobState.DELIVERED)

    assert job.request_id == impatient.runcomfy.submits[0].request_id


# --- leases -------------------------------------------------------------------------------------------


async def test_a_process_that_slept_through_its_leases_does_not_take_its_jobs_from_itself(
    studio: Studio,
) -> None:
    """Taken twice by the same process, the video would be posted twice."""
    posting = studio.board.pause("post_video")
    await studio.open()
    job = await studio.ask()
    await posting.reached.wait()
    before = await studio.get(job)
    studio.clock.advance(RHYTHM.lease_s * 3)
    studio.tracker.wake()

    async def renewed() -> bool:
        return ((await studio.get(job)).due_at or 0) > studio.clock()

    await until(renewed, what="a longer lease")
    assert (await studio.get(job)).fence == before.fence
    posting.go_on.set()
    await studio.reaches(job, JobState.DELIVERED)


async def test_a_job_that_another_worker_has_taken_over_is_dropped(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await studio.database.run(claims.take_over_all, at=studio.clock() + 1_000_000)
    studio.tracker.wake(job.id)
    await until(lambda: studio.tracker.in_hand == 0, what="empty hands")

    taken = await studio.get(job)
    assert (taken.state, taken.worker) == (JobState.IN_QUEUE, None)


async def test_two_trackers_on_one_store_do_everything_once(studio: Studio) -> None:
    await studio.open()
    second = Tracker(studio.workshop, rhythm=RHYTHM)
    working = asyncio.create_task(second.run())
    jobs = [await studio.ask(user_id=number) for number in range(10)]
    for job in jobs:
        await studio.reaches(job, JobState.DELIVERED)
    await second.stop()
    await working

    assert [studio.videos_of(job) for job in jobs] == [1] * 10


# --- ends before the card -----------------------------------------------------------------------------


async def test_a_job_that_ended_before_it_had_a_card_is_told_of_directly_once(studio: Studio) -> None:
    studio.board.refuse("post_card", ChannelUnavailable("gone"))
    item = studio.upload("a.png", draw_picture(width=320, height=320))
    await studio.open()
    job = await studio.reaches(await studio.ask(inputs=(item,)), JobState.FAILED)
    assert job.failure == Failure.CANNOT_POST
    await until(lambda: studio.direct_to(job) == [{}], what="a direct message")
    for _ in range(2):
        await studio.stop()
        await studio.open()
        await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.direct_to(job) == [{}]
    assert not inputs_dir(studio.workshop.data_dir, job.interaction_id).exists()


async def test_a_requester_who_takes_no_messages_is_asked_once(studio: Studio) -> None:
    studio.board.refuse("post_card", ChannelUnavailable("gone"))
    studio.board.refuse("send_directly", ChannelUnavailable("closed"), times=None)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)
    await until(lambda: studio.board.calls["send_directly"] == 1, what="an attempt")
    await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.board.calls["send_directly"] == 1
    assert (await studio.get(job)).card_closed_at is not None


async def test_a_job_cancelled_while_its_card_is_being_posted_shows_it_there(studio: Studio) -> None:
    posting = studio.board.pause("post_card", after=True)
    await studio.open()
    job = await studio.ask()
    await posting.reached.wait()
    await studio.canceller().cancel(job.id, by=MEMBER)
    posting.go_on.set()

    def shown() -> bool:
        return any(shown.state is JobState.CANCELLED for shown, _ in studio.board.shown[job.id])

    await until(shown, what="the end on the card")
    assert studio.runcomfy.calls["submit"] == 0
    assert await studio.balance() == OPENING
