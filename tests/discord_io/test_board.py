"""The board of cards: few edits, the newest state, ends first, and no edit is given up too early."""

import asyncio
from dataclasses import replace

import aiohttp
import discord
import pytest
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.database import Database
from bot.discord_io.traffic import Traffic
from bot.jobs.failures import Failure
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from tests.discord_io.hall import Hall, open_hall
from tests.loopback_discord import LoopbackDiscord
from tests.loopback_discord.fixtures import loopback_discord
from tests.stories.community import closed_store
from tests.support.clock import Clock
from tests.support.waiting import until

__all__ = ["loopback_discord"]


async def test_only_what_a_person_can_see_is_worth_an_edit(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()
        await hall.show(job)
        assert hall.edits() == []

        job = await hall.moved(job, JobState.IN_QUEUE)
        for _ in range(3):
            await hall.show(job, Progress(position=2))
        assert hall.edits() == [job.card_message_id]
        assert hall.state_line(job) == "Waits at RunComfy, position 2 in its queue."

        await hall.show(job, Progress(position=1))
        assert len(hall.edits()) == 2


async def test_progress_is_edited_in_its_steps(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.IN_PROGRESS)
        for _ in range(40):
            clock.advance(1.0)
            await hall.show(job)

        # Forty looks at a render that usually takes 93 seconds: it has come to 45 percent, in steps of five.
        assert len(hall.edits()) == 10
        assert hall.state_line(job).startswith("Rendering ▰")


async def test_a_card_is_edited_without_calling_anybody(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.IN_QUEUE)
        await hall.show(job)

        [edit] = [entry.json for entry in hall.env.http_requests if entry.method == "PATCH"]
        assert edit is not None
        assert edit["allowed_mentions"] == {"parse": []}


async def test_the_newest_state_wins_and_ends_come_first(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        slow, done, other = [await hall.a_job() for _ in range(3)]
        before = await hall.moved(slow, JobState.SUBMITTING)
        after = await hall.moved(before, JobState.IN_QUEUE)
        sent = await hall.moved(other, JobState.SUBMITTING)
        ended = await hall.moved(done, JobState.FAILED)

        hall.board.show(before, Progress())
        hall.board.show(sent, Progress())
        hall.board.show(ended, Progress())
        hall.board.show(after, Progress(position=4))
        await hall.quiet()

        assert hall.edits() == [done.card_message_id, slow.card_message_id, other.card_message_id]
        assert hall.state_line(slow) == "Waits at RunComfy, position 4 in its queue."
        assert await hall.card_closed(ended)


async def test_while_the_channel_rests_newer_states_are_gathered(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.IN_QUEUE)
        board = hall.new_board(pace_s=0.2)
        for position in (9, 8, 7, 6):
            board.show(job, Progress(position=position))
            await until(lambda: hall.edits() != [])
        await board.close(patience_s=5.0)

        # The first at once, then the newest of those that came during the pause.
        assert len(hall.edits()) == 2
        assert hall.state_line(job) == "Waits at RunComfy, position 6 in its queue."


async def test_an_end_is_remembered_once_it_is_shown(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.CANCELLED)
        assert not await hall.card_closed(job)

        await hall.show(job)
        assert await hall.card_closed(job)
        assert hall.state_line(job) == "Cancelled."
        assert not hall.board._shown


@pytest.mark.parametrize(("status", "code"), [(429, 0), (413, 40005), (401, 0)])
async def test_an_edit_refused_for_now_is_made_later(
    database: Database, clock: Clock, status: int, code: int
) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.FAILED)
        hall.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, times=3)

        await hall.show(job)

        assert len(hall.edits()) == 4
        assert hall.state_line(job) == "No video this time."
        assert await hall.card_closed(job)


async def test_a_channel_that_rests_holds_no_other_channel_up(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock, rest_s=600.0) as hall:
        attic = hall.guild.create_text_channel("attic")
        stuck, free = await hall.a_job(), await hall.a_job(channel=attic)
        hall.env.inject_error("PATCH", f"/channels/{hall.channel.id}/*", status=429, times=None)
        stuck, free = [await hall.moved(job, JobState.IN_QUEUE) for job in (stuck, free)]

        hall.board.show(stuck, Progress())
        await until(lambda: hall.edits() == [stuck.card_message_id])
        hall.board.show(free, Progress())
        await until(lambda: hall.edits() == [stuck.card_message_id, free.card_message_id])

        assert hall.state_line(free) == "Waits at RunComfy."
        await hall.board.close(patience_s=0.0)


async def test_while_a_video_is_posted_its_channel_shows_ends_and_no_progress(
    database: Database, clock: Clock
) -> None:
    async with open_hall(database, clock) as hall:
        rendering, failed = [await hall.a_job() for _ in range(2)]
        rendering = await hall.moved(rendering, JobState.IN_QUEUE)
        failed = await hall.moved(failed, JobState.FAILED)
        with hall.board.delivering(hall.channel.id), hall.board.delivering(hall.channel.id):
            hall.board.show(rendering, Progress())
            await until(lambda: bool(hall.board._standing_back), what="the progress to stand back")
            hall.board.show(failed, Progress())
            await until(lambda: hall.card_closed(failed))
            assert hall.edits() == [failed.card_message_id]
        await hall.quiet()

        assert hall.edits() == [failed.card_message_id, rendering.card_message_id]


async def test_a_video_posted_in_one_channel_holds_no_card_of_another_up(
    database: Database, clock: Clock
) -> None:
    async with open_hall(database, clock) as hall:
        attic = hall.guild.create_text_channel("attic")
        job = await hall.moved(await hall.a_job(channel=attic), JobState.IN_QUEUE)
        with hall.board.delivering(hall.channel.id):
            await hall.show(job)

        assert hall.edits() == [job.card_message_id]


async def test_cards_wait_while_the_bots_global_limit_is_used_up(
    database: Database, clock: Clock, loopback_discord: LoopbackDiscord
) -> None:
    async with open_hall(database, clock) as hall:
        limited = Traffic()
        async with aiohttp.ClientSession(trace_configs=[limited.trace]) as session:
            loopback_discord.rate_limit("GET", "/gateway", 3600.0)
            await session.get(f"{loopback_discord.api_base}/gateway")
            assert limited.limited_s() == 0.0  # a route's own limit is nobody else's
            loopback_discord.rate_limit("GET", "/gateway", 3600.0, scope="global")
            await session.get(f"{loopback_discord.api_base}/gateway")
            assert 3500 < limited.limited_s() <= 3600
        waiting, other = [await hall.moved(await hall.a_job(), JobState.IN_QUEUE) for _ in range(2)]
        board = hall.new_board(traffic=limited)
        board.show(waiting, Progress())
        await hall.show(other)

        assert hall.edits() == [other.card_message_id]
        await board.close(patience_s=0.0)


async def test_a_deleted_card_is_not_asked_for_again_and_again(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.IN_QUEUE)
        hall.env.backend.delete_message(job.channel_id, job.card_message_id or 0)

        for position in range(5):
            await hall.show(job, Progress(position=position))
        assert len(hall.edits()) == 1

        ended = await hall.moved(await hall.moved(job, JobState.RENDERED), JobState.DELIVERED)
        await hall.show(ended)
        assert len(hall.edits()) == 2
        assert await hall.card_closed(ended)
        assert _direct_messages(hall) == []


async def test_an_end_whose_card_is_gone_is_told_to_the_requester_once(
    database: Database, clock: Clock
) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.FAILED)
        job = replace(job, failure=Failure.SENSITIVE)
        hall.env.backend.delete_message(job.channel_id, job.card_message_id or 0)

        await hall.show(job)

        [message] = _direct_messages(hall)
        assert message.content.startswith(
            f"Your request in <#{hall.channel.id}> ended without a posted video."
        )
        assert "content filter" in message.content


async def test_a_card_that_was_out_of_reach_shows_the_end_after_all(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.IN_QUEUE)
        _let_the_bot_see(hall, allowed=False)
        await hall.show(job)
        assert len(hall.edits()) == 1
        _let_the_bot_see(hall, allowed=True)

        await hall.show(await hall.moved(job, JobState.FAILED))

        assert hall.state_line(job) == "No video this time."
        assert _direct_messages(hall) == []


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_while_the_books_are_closed_the_end_is_kept_in_mind(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.moved(await hall.a_job(), JobState.FAILED)
        async with closed_store(database):
            hall.board.show(job, Progress())
            await until(lambda: hall.edits() != [])
            assert hall.board._tasks

        await hall.quiet()
        assert len(hall.edits()) == 1
        assert await hall.card_closed(job)


async def test_a_job_without_a_card_has_nothing_to_show(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = replace(await hall.a_job(), card_message_id=None)

        hall.board.show(job, Progress())

        assert not hall.board._tasks


async def test_closing_shows_what_can_still_be_shown(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        jobs = [await hall.moved(await hall.a_job(), JobState.FAILED) for _ in range(5)]
        board = hall.new_board()
        for job in jobs:
            board.show(job, Progress())

        await board.close()

        assert {hall.state_line(job) for job in jobs} == {"No video this time."}
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("cards-")]


def _direct_messages(hall: Hall) -> list[discord.Message]:
    if hall.member.id not in hall.env.backend.dm_channels:
        return []
    return hall.member.user.dm_channel.history()


def _let_the_bot_see(hall: Hall, *, allowed: bool) -> None:
    flag = discord.Permissions(view_channel=True).value
    bot_id = hall.env.backend.bot_user.id
    overwrite = Overwrite(
        target_id=bot_id, type=OverwriteType.MEMBER, allow=flag if allowed else 0, deny=0 if allowed else flag
    )
    hall.env.backend.set_overwrite(hall.channel.id, overwrite)
