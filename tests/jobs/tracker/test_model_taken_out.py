"""A model is taken out of the catalogue: its jobs come to an end all the same, wherever they stand."""

from dataclasses import replace

import pytest

from bot.catalog import Catalogue
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.jobs.workshop import inputs_dir
from bot.rehearsal.drawing import draw_picture
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import PRICE
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


def take_everything_out(studio: Studio) -> None:
    studio.workshop = replace(studio.workshop, catalogue=Catalogue({}))


async def test_a_request_that_had_no_card_yet_is_told_of_directly_once(studio: Studio) -> None:
    job = await studio.ask(inputs=(studio.upload("a.png", draw_picture(width=320, height=320)),))
    take_everything_out(studio)
    await studio.open()
    job = await studio.reaches(job, JobState.FAILED)

    assert job.failure == Failure.MODEL_GONE
    await until(lambda: studio.direct_to(job) == [{}], what="a direct message")
    assert studio.board.cards == []
    assert not inputs_dir(studio.workshop.data_dir, job.interaction_id).exists()
    assert await studio.balance() == OPENING
    assert studio.runcomfy.calls["submit"] == 0


async def test_a_request_under_an_id_that_is_not_offered_any_more_ends_too(studio: Studio) -> None:
    await studio.open()
    job = await studio.reaches(await studio.ask(model_id="bytedance/of-yesterday"), JobState.FAILED)

    assert job.failure == Failure.MODEL_GONE
    assert await studio.balance() == OPENING


@pytest.mark.parametrize("state", [JobState.IN_QUEUE, JobState.IN_PROGRESS])
async def test_a_request_at_runcomfy_is_watched_to_its_end(slow_studio: Studio, state: JobState) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    if state is JobState.IN_PROGRESS:
        studio.rendering.advance(QUEUE_S)
        await studio.reaches(job, state)
    await studio.stop()
    take_everything_out(studio)
    await studio.open()
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await studio.balance() == OPENING - PRICE
