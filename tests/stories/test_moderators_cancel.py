"""Moderators stop requests, and are told the truth about what that cost."""

import asyncio
from pathlib import Path

from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.rehearsal.screen import lines_of
from bot.rehearsal.stage import Pace
from tests.stories.moderators import (
    NOT_PERMITTED,
    anyone_may_try,
    asked,
    moderated,
    moderator_elsewhere,
    reaches,
)
from tests.stories.quick_stage import NEVER_ENDS, NEVER_STARTS
from tests.stories.staff import text_of

SLOW_RENDER = Pace(queue_s=0.0, render_s=1.2, look_s=0.1, card_pace_s=0.05)


async def test_open_requests_are_offered_while_a_moderator_types(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        gulls = await asked(club, "Gulls over the bay")
        lamp = await asked(club, "A lamp that nobody needs")
        for job in (gulls, lamp):
            await club.card_says(job, "Waits at RunComfy")

        everything = await mo.is_offered("cancel", "job")
        only_gulls = await mo.is_offered("cancel", "job", "GULLS")

        assert [choice["value"] for choice in everything] == [lamp.id, gulls.id]
        assert [choice["name"] for choice in only_gulls] == [
            f"{gulls.id} · waits at RunComfy · seedance-1-0-lite · Gulls over the bay"
        ]
        assert await mo.is_offered("cancel", "job", "nothing like it") == []


async def test_nothing_is_offered_to_a_member_or_from_another_server(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, _):
        job = await asked(club)
        await anyone_may_try(club)
        stranger = moderator_elsewhere(club.stage)

        assert await club.member.autocomplete(club.channel, "moderate cancel", "job", "") == []
        assert await stranger.is_offered("cancel", "job") == []
        assert "no such job" in await stranger.runs("cancel", job=job.id)
        said = text_of(await club.member.slash(club.channel, "moderate cancel", job=job.id))
        assert said == NOT_PERMITTED
        assert (await club.job(job.id)).cancel_requested_at is None


async def test_a_waiting_request_is_stopped_and_free(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        job = await asked(club)
        await club.card_says(job, "Waits at RunComfy")

        answer = await mo.runs("cancel", job=job.id)

        assert answer == f"Stopped. It costs nothing, and <@{club.member.id}> has the credits back."
        assert await club.balance() == 100
        assert (await mo.budget()).spent == 0
        await mo.reads(f"<@{mo.who.id}> cancelled a request of <@{club.member.id}>")
        assert await mo.runs("cancel", job=job.id) == "It had already ended."


async def test_a_rendering_video_is_withheld_free_for_the_member_and_paid_by_the_budget(
    tmp_path: Path,
) -> None:
    async with moderated(tmp_path, pace=SLOW_RENDER, budget=50) as (club, mo):
        job = await asked(club)
        await club.card_says(job, "Rendering")
        assert await club.balance() == 95

        answer = await mo.runs("cancel", job=job.id)

        assert answer.startswith("RunComfy is already making it and charges you for it")
        assert (await club.job(job.id)).failure == Failure.WITHHELD
        assert await club.balance() == 100
        standing = await mo.budget()
        assert (standing.held, standing.spent, standing.left) == (0, 5, 45)
        card = await club.card_says(job, "A moderator kept it back.")
        assert lines_of(card)[-1].startswith("Not charged")
        await mo.reads(f"<@{mo.who.id}> kept back a video of <@{club.member.id}>")
        await asyncio.sleep(1.5)  # RunComfy finishes it meanwhile
        assert club.posts() == []
        assert (await club.job(job.id)).state is JobState.CANCELLED


async def test_after_the_end_the_moderator_is_told_so(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job = await reaches(club, await asked(club), JobState.DELIVERED)

        assert await mo.runs("cancel", job=job.id) == "It had already ended."
        assert "no such job" in await mo.runs("cancel", job="whatever")
        assert await club.spent() == 5


async def test_all_requests_of_one_member_are_stopped_and_nobody_elses(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_ENDS, places=1) as (club, mo):
        rendering = await asked(club)
        await club.card_says(rendering, "Rendering")
        waiting = await asked(club)
        tomas = club.add_member("tomas")
        others = await asked(club, who=tomas)
        await club.card_says(others, "Waits here")

        answer = await mo.runs("cancel-member", member=club.member)

        assert answer.splitlines() == [
            f"<@{club.member.id}>: 2 open requests.",
            "- 1 stopped; no cost",
            "- 1 already being made: not posted, charged to you and not to the member",
        ]
        assert await club.balance() == 100
        assert (await club.job(waiting.id)).state is JobState.CANCELLED
        assert not (await club.job(others.id)).ended
        assert "has no open requests" in await mo.runs("cancel-member", member=club.member)


async def test_a_members_own_second_thoughts_do_not_trouble_the_moderators(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        first, second = await asked(club), await asked(club)
        for job in (first, second):
            await club.card_says(job, "Waits at RunComfy")

        await club.press_cancel(await club.card_of(first))
        await club.press_cancel(await club.card_of(second), who=mo.who)

        await mo.reads(second.id)
        assert len(mo.notices()) == 2  # the settings, and what the moderator did
