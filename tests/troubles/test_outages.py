"""The gateway gone for a moment, Discord for a while: jobs go on, and nothing is missed or done twice."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.loopback_discord import CloseCode
from tests.troubles.club import OPENING, PRICE, Club


async def delivered_once(club: Club, job: Job) -> bool:
    await club.closes(job)
    return (
        len(club.videos()) == len(club.cards()) == len(club.runcomfy.submits) == 1
        and club.direct() == []
        and await club.balance() == OPENING - PRICE
        and await club.books_balance()
    )


# --- the gateway ------------------------------------------------------------------------------------------


async def drops(club: Club) -> None:
    club.discord.gateway.drop()


async def asks_to_reconnect(club: Club) -> None:
    club.discord.gateway.ask_to_reconnect()


async def closes_for_an_unknown_error(club: Club) -> None:
    await club.discord.gateway.close(CloseCode.UNKNOWN_ERROR)


async def closes_for_too_many_messages(club: Club) -> None:
    await club.discord.gateway.close(CloseCode.RATE_LIMITED)


async def times_the_session_out(club: Club) -> None:
    await club.discord.gateway.close(CloseCode.SESSION_TIMED_OUT)


async def invalidates_the_session(club: Club) -> None:
    club.discord.gateway.invalidate_sessions()


async def forgets_the_session(club: Club) -> None:
    club.discord.gateway.refuse_resume = True
    club.discord.gateway.drop()


Breaks: TypeAlias = Callable[[Club], object]


@pytest.mark.parametrize(
    "breaks", [drops, asks_to_reconnect, closes_for_an_unknown_error, closes_for_too_many_messages]
)
async def test_a_connection_that_breaks_is_resumed_and_no_command_is_missed(
    at_work: Club, breaks: Breaks
) -> None:
    await breaks(at_work)  # type: ignore[misc]  # each of them is a coroutine function
    await at_work.ask()
    job = await at_work.reaches(await at_work.job(), JobState.IN_PROGRESS)
    at_work.renders_finish()

    assert await delivered_once(at_work, job)
    assert (at_work.discord.gateway.resumed, len(at_work.discord.gateway.sessions)) == (1, 1)
    assert at_work.errors() == []


@pytest.mark.parametrize("breaks", [times_the_session_out, invalidates_the_session, forgets_the_session])
async def test_a_session_that_is_over_is_begun_anew_and_its_jobs_go_on(at_work: Club, breaks: Breaks) -> None:
    job = await at_work.a_render()
    first = list(at_work.discord.gateway.sessions)
    await breaks(at_work)  # type: ignore[misc]  # each of them is a coroutine function
    await at_work.sees(lambda: [s for s in at_work.discord.gateway.connected if s not in first])
    at_work.renders_finish()

    assert await delivered_once(at_work, job)
    await at_work.ask("Gulls again")
    assert at_work.errors() == []


async def test_without_a_gateway_videos_are_delivered_all_the_same(at_work: Club) -> None:
    job = await at_work.a_render()
    at_work.discord.gateway.refuse_connections = True
    at_work.discord.gateway.drop()
    at_work.renders_finish()

    assert await delivered_once(at_work, job)
    at_work.discord.gateway.refuse_connections = False
    await at_work.discord.wait_until_ready()


# --- all of Discord ---------------------------------------------------------------------------------------


async def test_a_discord_that_goes_away_gets_the_video_when_it_is_back(at_work: Club) -> None:
    job = await at_work.a_render()
    await at_work.discord.stop()
    at_work.renders_finish()
    await at_work.reaches(job, JobState.RENDERED)
    await at_work.discord.start()

    assert await delivered_once(at_work, job)


async def test_a_discord_that_is_away_at_the_start_keeps_no_render_waiting(club: Club) -> None:
    async with club.open():
        job = await club.a_render()
        await club.showreel.bot.wait_until_ready()
    await club.discord.stop()
    club.renders_finish()

    async with club.open(connected=False):
        # Nobody has logged in yet, and what RunComfy has finished is fetched already.
        job = await club.reaches(job, JobState.RENDERED)
        assert not club.discord.gateway.connected
        await club.discord.start()
        assert await delivered_once(club, job)
        await club.discord.wait_until_ready()
        await club.ask("Gulls again")


async def test_nothing_is_submitted_that_nobody_could_be_shown(club: Club) -> None:
    """A job that waited through a restart, while Discord is away: RunComfy is asked when its card is seen."""
    async with club.open():
        await club.showreel.bot.wait_until_ready()
        with club.discord.hold("GET", "/channels/*/messages/*") as gate:
            await club.send()
            await gate.reached(10)
            job = await club.job()
            await club.discord.stop()
    async with club.open(connected=False):
        await club.logs("step has to wait")
        assert club.runcomfy.submits == []
        await club.discord.start()
        await club.reaches(job, JobState.IN_PROGRESS)
        assert len(club.runcomfy.submits) == 1
