"""Discord fails before it has done what it was asked for, or after it: everything is there once."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from bot.jobs.states import JobState
from tests.loopback_discord import LoopbackDiscord
from tests.troubles.club import OPENING, PRICE, Club

Trouble: TypeAlias = Callable[[LoopbackDiscord, str, str], object]


def fails_before(discord: LoopbackDiscord, method: str, path: str) -> None:
    discord.fail(method, path, 503, times=2)


def fails_after(discord: LoopbackDiscord, method: str, path: str) -> None:
    discord.fail(method, path, 503, after_effect=True)


def is_repeated_by_the_library(discord: LoopbackDiscord, method: str, path: str) -> None:
    discord.fail(method, path, 502, after_effect=True)


def cut_before(discord: LoopbackDiscord, method: str, path: str) -> None:
    discord.cut(method, path, times=2)


def cut_after(discord: LoopbackDiscord, method: str, path: str) -> None:
    discord.cut(method, path, after_effect=True)


TROUBLES = pytest.mark.parametrize(
    "trouble", [fails_before, fails_after, is_repeated_by_the_library, cut_before, cut_after]
)
POSTS = "/channels/*/messages"


@TROUBLES
async def test_a_video_whose_upload_failed_is_there_once(at_work: Club, trouble: Trouble) -> None:
    job = await at_work.a_render()
    trouble(at_work.discord, "POST", POSTS)
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert len(at_work.videos()) == 1
    assert "The video is in the reply below" in at_work.cards()[0].text
    assert at_work.direct() == []
    assert await at_work.balance() == OPENING - PRICE
    assert await at_work.books_balance()
    assert at_work.errors() == []


@TROUBLES
async def test_a_card_whose_post_failed_is_there_once(at_work: Club, trouble: Trouble) -> None:
    trouble(at_work.discord, "POST", POSTS)
    job = await at_work.a_render()
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert len(at_work.cards()) == 1
    assert at_work.videos()[0].reference is at_work.cards()[0]
    assert len(at_work.runcomfy.submits) == 1
    assert at_work.errors() == []


@pytest.mark.parametrize("trouble", [fails_after, cut_after])
async def test_a_card_whose_answer_was_lost_for_minutes_is_found(at_work: Club, trouble: Trouble) -> None:
    """Longer than Discord remembers a nonce."""
    trouble(at_work.discord, "POST", POSTS)
    with at_work.discord.hold("GET", POSTS) as gate:
        await at_work.send()
        await gate.reached(10)  # it looks for what it may have posted
        at_work.discord.forget_nonces()

    await at_work.reaches(await at_work.job(), JobState.IN_PROGRESS)
    assert len(at_work.cards()) == 1


@pytest.mark.parametrize("trouble", [fails_before, fails_after, cut_before, cut_after])
async def test_a_card_whose_edit_failed_shows_the_end_all_the_same(at_work: Club, trouble: Trouble) -> None:
    job = await at_work.a_render()
    trouble(at_work.discord, "PATCH", "/channels/*/messages/*")
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert "The video is in the reply below" in at_work.cards()[0].text
    assert at_work.errors() == []
