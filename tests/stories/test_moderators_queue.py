"""The board: what is open in a server, who asked for it, and what can be done about it."""

from pathlib import Path

import discord

from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.stories.moderators import (
    NOT_PERMITTED,
    anyone_may_try,
    asked,
    forged,
    labels_of,
    moderated,
    moderator_elsewhere,
    reaches,
    said,
)
from tests.stories.quick_stage import NEVER_STARTS
from tests.stories.staff import settings_of, text_of


async def test_a_moderator_sees_who_asked_for_what_where_it_stands_and_what_it_costs(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        job = await asked(club, "Gulls over the bay")
        await club.card_says(job, "Waits at RunComfy")

        answer = await mo.answer("queue")

        assert answer.ephemeral
        lines = text_of(answer).splitlines()
        assert lines[1].endswith(f"for <@{club.member.id}>, soon")
        assert lines[2:4] == ["Gulls over the bay", f"waits at RunComfy · 5 credits · job {job.id}"]
        assert labels_of(answer.response) == ["Stop", "Refresh"]


async def test_an_empty_board_says_so(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (_, mo):
        assert "Nothing is open, and nothing waits for you." in await mo.runs("queue")


async def test_a_long_board_has_pages_and_is_refreshed(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        tomas = club.add_member("tomas")
        jobs = [await asked(club, f"Scene {n}", who=who) for who in (club.member, tomas) for n in range(5)]
        board = await mo.answer("queue")
        assert jobs[0].id in text_of(board)
        assert jobs[9].id not in text_of(board)
        assert "Page 1 of 2 · 10 requests" in text_of(board)

        await mo.presses(board, "Next")
        assert jobs[9].id in text_of(board)
        assert jobs[0].id not in text_of(board)
        await mo.presses(board, "Back")
        assert jobs[0].id in text_of(board)

        await mo.runs("cancel", job=jobs[0].id)
        await mo.presses(board, "Refresh")
        assert jobs[0].id not in text_of(board)
        assert "9 requests" in text_of(board)


async def test_a_request_is_stopped_from_the_board(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        job = await asked(club)
        await club.card_says(job, "Waits at RunComfy")
        board = await mo.answer("queue")

        answer = await mo.presses(board, "Stop")

        assert said(answer) == f"Stopped. It costs nothing, and <@{club.member.id}> has the credits back."
        await club.card_says(job, "Cancelled.")
        assert await club.balance() == 100


async def test_a_request_that_waits_for_approval_is_decided_from_the_board(tmp_path: Path) -> None:
    async with moderated(tmp_path, approve_everything=True) as (club, mo):
        job = await asked(club)
        await mo.reads("asks in")
        board = await mo.answer("queue")
        assert "waits for your yes" in text_of(board)

        shown = await mo.presses(board, "Decide")
        assert shown.ephemeral
        assert labels_of(shown.response) == ["Approve", "Reject"]
        await mo.presses(shown, "Approve")

        assert f"<@{mo.who.id}> approved the request" in text_of(shown)
        await reaches(club, job, JobState.DELIVERED)
        await mo.reads("approved the request")


async def test_an_uncertain_request_stays_on_the_board_until_it_is_settled(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        club.stage.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
        job = await reaches(club, await asked(club), JobState.UNCERTAIN)
        board = await mo.answer("queue")
        assert "submit uncertain" in text_of(board)

        shown = await mo.presses(board, "Settle")
        settled = await mo.presses(shown, "It was made")

        assert "5 credits count against the month\u2019s budget" in said(settled)
        assert (await club.job(job.id)).reconciled_at is not None
        await mo.presses(board, "Refresh")
        assert "Nothing is open" in text_of(board)


async def test_the_board_shows_nothing_of_another_server(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, _):
        job = await asked(club)
        await club.card_says(job, "Waits at RunComfy")
        stranger = moderator_elsewhere(club.stage)

        board = await stranger.answer("queue")
        await stranger.presses(board, "Refresh")
        assert "Nothing is open" in text_of(board)
        for verb in ("stop", "decide", "settle"):
            assert "This server has no such job." in await forged(stranger.who, f"board:{verb}:{job.id}")
        assert (await club.job(job.id)).state is JobState.IN_QUEUE


async def test_a_member_cannot_use_the_board_not_even_with_made_up_buttons(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, _):
        job = await asked(club)
        await club.card_says(job, "Waits at RunComfy")
        await anyone_may_try(club)
        member = club.add_member("tomas")

        assert text_of(await member.slash(club.channel, "moderate queue")) == NOT_PERMITTED
        for custom_id in ("board:refresh:0", "board:on:3", f"board:stop:{job.id}", f"board:decide:{job.id}"):
            assert await forged(member, custom_id) == NOT_PERMITTED
        assert (await club.job(job.id)).cancel_requested_at is None


async def test_somebody_who_may_only_kick_people_is_no_moderator(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, _):
        await anyone_may_try(club)
        bouncer = club.add_member("bruno", can=discord.Permissions(kick_members=True))

        assert text_of(await bouncer.slash(club.channel, "moderate pause")) == NOT_PERMITTED
        assert not (await settings_of(club)).paused


async def test_buttons_of_a_board_work_after_a_restart(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, mo):
        job = await asked(club)
        await club.card_says(job, "Waits at RunComfy")

        await club.stage.restart()

        assert "Stopped." in await forged(mo.who, f"board:stop:{job.id}")
        assert (await club.job(job.id)).state is JobState.CANCELLED
