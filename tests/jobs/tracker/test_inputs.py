"""The pictures of a request: on the card where they fit, and with RunComfy whatever became of the files."""

from dataclasses import replace

import pytest

from bot.errors import DiscordUnavailable, UploadTooLarge
from bot.jobs.states import JobState
from bot.jobs.workshop import Bounds, inputs_dir
from bot.rehearsal.drawing import draw_picture
from tests.support.studio import Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = draw_picture(width=320, height=320)


def image_of(studio: Studio) -> str:
    """The address of the picture that RunComfy was given."""
    (address,) = studio.runcomfy.submits[0].payload["images"]
    return str(address)


async def test_inputs_left_by_the_desk_hang_on_the_card_and_runcomfy_gets_that_link(studio: Studio) -> None:
    item = studio.upload("a.png", PICTURE)
    await studio.open()
    job = await studio.ask(inputs=(item,))
    folder = inputs_dir(studio.workshop.data_dir, job.interaction_id)
    folder.mkdir(parents=True)
    (folder / item.filename).write_bytes(PICTURE)
    await studio.reaches(job, JobState.DELIVERED)

    (card,) = studio.board.cards
    assert card.files == {"image1.png": PICTURE}
    assert image_of(studio) == f"{studio.board.base}/cards/{card.message_id}/image1.png"
    assert not folder.exists()


async def test_inputs_whose_files_are_gone_are_fetched_again(studio: Studio) -> None:
    item = studio.upload("a.png", PICTURE)
    await studio.open()
    await studio.reaches(await studio.ask(inputs=(item,)), JobState.DELIVERED)

    assert studio.board.cards[0].files == {"image1.png": PICTURE}
    assert studio.fetched[item.url] == 1


async def test_inputs_that_cannot_be_fetched_again_are_left_to_runcomfy(studio: Studio) -> None:
    item = studio.upload("a.png", PICTURE)
    await studio.open()
    missing = replace(item, size_bytes=item.size_bytes - 1)  # more has come than was there before
    await studio.reaches(await studio.ask(inputs=(missing,)), JobState.DELIVERED)

    assert studio.board.cards[0].files == {}
    assert image_of(studio) == item.url


async def test_inputs_that_do_not_fit_together_stay_off_the_card(studio: Studio) -> None:
    studio.board.refuse("post_card", UploadTooLarge("all together"))
    item = studio.upload("a.png", PICTURE)
    await studio.open()
    await studio.reaches(await studio.ask(inputs=(item,)), JobState.DELIVERED)

    assert studio.board.cards[0].files == {}
    assert image_of(studio) == item.url


async def test_when_somebody_took_the_card_down_the_members_own_link_is_used(studio: Studio) -> None:
    item = studio.upload("a.png", PICTURE)
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=0))
    await studio.open()
    job = await studio.ask(inputs=(item,))

    async def announced() -> bool:
        return (await studio.get(job)).card_message_id is not None

    await until(announced, what="the card")
    await studio.stop()
    studio.board.take_down(studio.board.cards[0])
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=1))
    await studio.open()
    await studio.reaches(job, JobState.DELIVERED)

    assert image_of(studio) == item.url


async def test_a_card_that_discord_does_not_take_yet_keeps_its_inputs(studio: Studio) -> None:
    studio.board.refuse("post_card", DiscordUnavailable("503"), times=3)
    item = studio.upload("a.png", PICTURE)
    await studio.open()
    await studio.reaches(await studio.ask(inputs=(item,)), JobState.DELIVERED)

    assert studio.board.cards[0].files == {"image1.png": PICTURE}
    assert studio.fetched[item.url] == 1
