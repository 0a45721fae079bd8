"""Second thoughts: who may cancel what, and what they are told."""

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from bot.errors import StoreUnavailable
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.screen import buttons_of, lines_of
from bot.rehearsal.stage import Pace
from tests.stories.community import Community, closed_store
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_ENDS, NEVER_STARTS, quick_stage

MODERATOR = discord.Permissions(manage_messages=True)
SLOW_RENDER = Pace(queue_s=0.0, render_s=1.2, look_s=0.1, card_pace_s=0.05)


@pytest.fixture
async def waiting(tmp_path: Path) -> AsyncIterator[Community]:
    """A community whose requests wait at RunComfy for as long as the story lasts."""
    async with quick_stage(tmp_path, pace=NEVER_STARTS) as stage:
        yield Community(stage)
        assert stage.unexpected_errors() == []


async def asked(club: Community) -> Job:
    await club.ask(prompt="A lamp that nobody needs", image1=picture())
    return (await club.stage.jobs())[-1]


async def expect_cancelled(club: Community, job: Job) -> None:
    await club.everything_ends()
    card = await club.card_of(job)
    assert lines_of(card)[3] == "Cancelled."
    assert lines_of(card)[-1].startswith("Not charged")
    assert buttons_of(card) == []
    assert club.posts() == []
    assert (await club.job(job.id)).state is JobState.CANCELLED
    assert (await club.balance(), await club.spent()) == (100, 0)
    assert await club.books_balance()


async def test_a_request_that_waits_here_is_cancelled_and_never_sent(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS, places=1) as stage:
        club = Community(stage)
        first = await asked(club)
        await club.card_says(first, "Rendering")
        job = await asked(club)
        card = await club.card_says(job, "Waits here for a free place.")
        assert buttons_of(card) == ["Cancel"]

        answer = await club.press_cancel(card)

        assert answer.ephemeral
        assert answer.text == "Cancelled. It cost nothing."
        card = await club.card_says(job, "Cancelled.")
        assert buttons_of(card) == []
        assert [submit.request_id for submit in stage.runcomfy.submits] == [
            (await club.job(first.id)).request_id
        ]
        assert await club.balance() == 95


async def test_a_request_that_waits_at_runcomfy_is_taken_back(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy, next in line.")

    answer = await waiting.press_cancel(card)

    assert answer.text == "Cancelled. It cost nothing."
    assert waiting.stage.runcomfy.calls["cancel"] == 1
    await expect_cancelled(waiting, job)


async def test_another_member_cannot_cancel(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")

    answer = await waiting.press_cancel(card, who=waiting.add_member("tomas"))

    assert answer.ephemeral
    assert answer.text == "Only the person who asked for it, or a moderator, can cancel this."
    assert (await waiting.job(job.id)).cancel_requested_at is None
    assert waiting.stage.runcomfy.calls["cancel"] == 0


async def test_a_moderator_can_cancel(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")

    answer = await waiting.press_cancel(card, who=waiting.add_member("mo", can=MODERATOR))

    assert answer.text == "Cancelled. It cost nothing."
    await expect_cancelled(waiting, job)


async def test_a_moderator_of_another_server_cannot_with_a_made_up_button(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")
    elsewhere = Community(waiting.stage, name="Chess club")
    stranger = elsewhere.add_member("mo", can=MODERATOR)

    answer = await elsewhere.press_as_shown(card, who=stranger)
    about_none = await elsewhere.press_as_shown(card, who=stranger, job_id="0123456789")

    assert answer.ephemeral
    assert answer.text == about_none.text == "I do not know that job any more."
    assert (await waiting.job(job.id)).cancel_requested_at is None


async def test_pressing_twice_cancels_once(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")

    first = await waiting.press_cancel(card)
    second = await waiting.press_as_shown(card)

    assert first.text == "Cancelled. It cost nothing."
    assert second.text == "It had already ended."
    assert waiting.stage.runcomfy.calls["cancel"] == 1
    await expect_cancelled(waiting, job)


async def test_after_the_end_there_is_nothing_to_cancel(club: Community) -> None:
    job = await asked(club)
    card = await club.card_of(job)
    await club.everything_ends()

    answer = await club.press_as_shown(card)

    assert answer.text == "It had already ended."
    assert (await club.job(job.id)).state is JobState.DELIVERED
    assert (await club.balance(), await club.spent()) == (95, 5)


async def test_while_it_renders_it_is_too_late_and_the_video_still_comes(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        job = await asked(club)
        rendering = await club.card_says(job, "Rendering")
        assert buttons_of(rendering) == []

        answer = await club.press_as_shown(club.shown[int(rendering["id"])][0])

        assert answer.ephemeral
        assert answer.text.startswith("It is too late: RunComfy is already making it and does not stop.")
        await club.everything_ends()
        assert (await club.job(job.id)).state is JobState.DELIVERED
        assert len(club.posts()) == 1
        assert await club.spent() == 5


async def test_the_button_works_after_the_bot_was_restarted(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")

    await waiting.stage.restart()
    answer = await waiting.press_cancel(card)

    assert answer.text == "Cancelled. It cost nothing."
    await expect_cancelled(waiting, job)
    assert len(waiting.stage.runcomfy.submits) == 1


async def test_while_the_books_are_closed_nothing_can_be_cancelled(waiting: Community) -> None:
    job = await asked(waiting)
    card = await waiting.card_says(job, "Waits at RunComfy")

    async with closed_store(waiting.stage.showreel.database):
        answer = await waiting.press_cancel(card)

    assert answer.ephemeral
    assert answer.text.startswith("My books are closed for a moment")
    again = await waiting.press_cancel(card)
    assert again.text == "Cancelled. It cost nothing."
    await expect_cancelled(waiting, job)
    assert waiting.forgiven(StoreUnavailable) == 0
