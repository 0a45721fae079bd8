"""A channel, a card, a server or a permission that goes while a job waits, renders or is being posted."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

import pytest

from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.loopback_discord import Permission
from tests.troubles.club import OPENING, PRICE, Club

WAITS, RENDERS, IS_POSTED = "it waits", "it renders", "it is being posted"
MOMENTS = pytest.mark.parametrize("moment", [WAITS, RENDERS, IS_POSTED])

Happens: TypeAlias = Callable[[Club], None]


def channel_deleted(club: Club) -> None:
    club.channel.delete()


def server_deleted(club: Club) -> None:
    club.guild.delete()


def bot_kicked(club: Club) -> None:
    club.guild.remove_bot()


def card_deleted(club: Club) -> None:
    club.discord.delete_message(club.cards()[0])


@asynccontextmanager
async def at_the_moment(club: Club, moment: str) -> AsyncIterator[Job]:
    """A job that is held up at a moment for as long as the block runs, and goes on after it."""
    if moment == WAITS:
        with club.discord.hold("GET", "/channels/*/messages/*") as gate:  # right before it is submitted
            await club.send()
            await gate.reached(10)
            yield await club.job()
        return
    job = await club.a_render()
    if moment == RENDERS:
        yield job
        club.renders_finish()
        return
    with club.discord.hold("POST", f"/channels/{club.channel.id}/messages") as gate:
        club.renders_finish()
        await gate.reached(10)
        yield job


def ended_free_of_charge(job: Job, moment: str) -> bool:
    """A place that is gone before the submit means a failure, and nothing is spent at RunComfy, either."""
    state = JobState.FAILED if moment == WAITS else JobState.UNDELIVERABLE
    return (job.state, job.failure) == (state, Failure.CANNOT_POST)


@MOMENTS
async def test_a_channel_deleted_while_a_job_is_under_way(at_work: Club, moment: str) -> None:
    async with at_the_moment(at_work, moment) as job:
        channel_deleted(at_work)

    job = await at_work.closes(job)
    assert ended_free_of_charge(job, moment)
    [message] = at_work.direct()
    sent = [item.filename.endswith(".mp4") for item in message.attachments]
    if moment == WAITS:
        assert message.text.startswith(f"Your request in {at_work.channel.mention} ended without a posted")
        assert sent == []
        assert at_work.runcomfy.submits == []
    else:
        assert message.text.startswith(f"Your video from {at_work.channel.mention} is here")
        assert sent == [True]
    assert await at_work.free()
    assert at_work.errors() == []


@MOMENTS
@pytest.mark.parametrize("happens", [server_deleted, bot_kicked])
async def test_a_server_that_is_gone_while_a_job_is_under_way(
    at_work: Club, moment: str, happens: Happens
) -> None:
    """Nobody there can be told: without a server in common Discord takes no direct message, either."""
    async with at_the_moment(at_work, moment) as job:
        happens(at_work)

    job = await at_work.closes(job)
    assert ended_free_of_charge(job, moment)
    assert at_work.direct() == []
    assert (at_work.folder / "videos" / f"{job.id}.mp4").exists() == (moment != WAITS)
    assert len(at_work.runcomfy.submits) == (moment != WAITS)
    assert await at_work.free()
    assert at_work.errors() == []


@MOMENTS
async def test_a_card_deleted_while_its_job_is_under_way(at_work: Club, moment: str) -> None:
    async with at_the_moment(at_work, moment) as job:
        card_deleted(at_work)
    if moment == WAITS:
        await at_work.reaches(job, JobState.IN_PROGRESS)
        at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert len(at_work.videos()) == 1
    assert at_work.videos()[0].pinged == [at_work.member.user]
    assert at_work.direct() == []
    assert await at_work.balance() == OPENING - PRICE
    assert await at_work.books_balance()
    assert at_work.errors() == []


@pytest.mark.parametrize("moment", [RENDERS, IS_POSTED])
@pytest.mark.parametrize("permission", [Permission.SEND_MESSAGES, Permission.ATTACH_FILES])
async def test_a_permission_taken_while_a_job_is_under_way(
    at_work: Club, moment: str, permission: Permission
) -> None:
    async with at_the_moment(at_work, moment) as job:
        at_work.channel.deny(at_work.guild.me, permission)

    job = await at_work.closes(job)
    assert ended_free_of_charge(job, moment)
    [card] = at_work.channel.messages
    assert "The video is ready, but could not be posted here." in card.text
    assert "I was not allowed to post in the channel." in card.text
    [message] = at_work.direct()
    assert message.attachments[0].filename.endswith(".mp4")
    assert await at_work.free()
    assert at_work.errors() == []


@MOMENTS
async def test_a_channel_hidden_from_the_bot_while_a_job_is_under_way(at_work: Club, moment: str) -> None:
    async with at_the_moment(at_work, moment) as job:
        at_work.channel.deny(at_work.guild.me, Permission.VIEW_CHANNEL)

    assert ended_free_of_charge(await at_work.closes(job), moment)
    [message] = at_work.direct()
    assert len(message.attachments) == (moment != WAITS)
    assert len(at_work.runcomfy.submits) == (moment != WAITS)
    assert await at_work.free()
    assert at_work.errors() == []
