"""From an accepted request to the posted video, and nothing twice on the way."""

from dataclasses import replace
from functools import partial

import pytest

from bot.jobs import store
from bot.jobs.states import JobState
from bot.jobs.workshop import Bounds
from bot.media import MediaWorker
from bot.rehearsal.drawing import draw_picture
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import PRICE
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_request_becomes_a_posted_video_and_is_paid(studio: Studio, media: MediaWorker) -> None:
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.submits_of(job) == studio.videos_of(job) == len(studio.board.cards) == 1
    assert await studio.balance() == OPENING - PRICE
    (posted,) = studio.board.videos
    assert (posted.message_id, posted.job.card_message_id) == (job.result_message_id, job.card_message_id)
    copy = studio.workshop.data_dir / "copy.mp4"
    copy.write_bytes(next(iter(posted.files.values())))
    assert (await media.probe(copy)).duration_s == pytest.approx(4, abs=0.2)


async def test_the_history_of_a_job_goes_along_the_diagram(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.ask()
    await studio.reaches(job, JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S)
    job = await studio.reaches(job, JobState.IN_PROGRESS)
    assert job.started_at == studio.clock()
    studio.rendering.advance(RENDER_S)
    job = await studio.reaches(job, JobState.DELIVERED)

    assert await studio.history(job) == [
        "queued",
        "submitting",
        "in_queue",
        "in_progress",
        "rendered",
        "delivered",
    ]


async def test_the_card_shows_the_way_and_then_the_end(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.ask()
    shown = studio.board.shown[job.id]
    await until(lambda: any(progress.position == 0 for _, progress in shown), what="a place in the queue")
    studio.rendering.advance(QUEUE_S)
    await studio.reaches(job, JobState.IN_PROGRESS)
    studio.rendering.advance(RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)

    async def closed() -> bool:
        return await studio.database.run(store.count_unfinished) == 0

    await until(closed, what="a card that shows the end")
    states = list(dict.fromkeys(shown_job.state for shown_job, _ in shown))
    assert states == [JobState.IN_QUEUE, JobState.IN_PROGRESS, JobState.RENDERED, JobState.DELIVERED]


async def test_nothing_is_kept_of_a_delivered_video_or_its_inputs(studio: Studio) -> None:
    item = studio.upload("a.png", draw_picture(width=320, height=320))
    await studio.open()
    job = await studio.reaches(await studio.ask(inputs=(item,)), JobState.DELIVERED)

    def files() -> list[str]:
        return [path.name for path in studio.workshop.data_dir.rglob("*.*") if ".db" not in path.name]

    assert not studio.workshop.video_path(job).exists()
    await until(lambda: files() == [], what="an empty folder")


async def test_what_runcomfy_charged_is_written_down(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.COST_MISSING)
    await studio.open()
    untold = await studio.reaches(await studio.ask(), JobState.DELIVERED)
    told = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (untold.cost_microusd, told.cost_microusd) == (None, 80_000)


@pytest.mark.parametrize(
    "fault", [Fault.RESULT_VIDEOS, Fault.RESULT_BOTH, Fault.ODD_SPELLING, Fault.UPPER_CASE]
)
async def test_of_whatever_shape_the_answer_is_one_video_is_posted(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.videos_of(job) == 1


async def test_never_more_jobs_are_at_runcomfy_than_there_are_places(slow_studio: Studio) -> None:
    studio = slow_studio
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=2))
    await studio.open()
    jobs = [await studio.ask(user_id=user) for user in range(1, 6)]

    for finished in (2, 4, 5):
        await until(partial(_submitted, studio, finished), what="full places")
        at_work = [job for job in jobs if (await studio.get(job)).at_runcomfy]
        assert len(at_work) <= 2
        studio.rendering.advance(QUEUE_S + RENDER_S)
        for job in jobs[:finished]:
            await studio.reaches(job, JobState.DELIVERED)


async def test_many_jobs_of_many_members_are_all_delivered_once(studio: Studio) -> None:
    await studio.open()
    jobs = [await studio.ask(user_id=number % 5) for number in range(15)]
    for job in jobs:
        await studio.reaches(job, JobState.DELIVERED)

    assert [studio.videos_of(job) for job in jobs] == [1] * 15
    assert [await studio.balance(user) for user in range(5)] == [OPENING - 3 * PRICE] * 5


def _submitted(studio: Studio, times: int) -> bool:
    return len(studio.runcomfy.submits) == times
