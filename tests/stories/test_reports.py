"""Members report a video; moderators take it down, refund it, block its maker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simcord.actors import MemberActor

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.screen import lines_of
from tests.stories.community import Community, Message
from tests.stories.media import picture
from tests.stories.moderators import (
    NOT_PERMITTED,
    Moderator,
    asked,
    forged,
    labels_of,
    moderated,
    moderator_elsewhere,
    reaches,
    said,
)
from tests.support.waiting import until


@asynccontextmanager
async def posted(folder: Path) -> AsyncIterator[tuple[Community, Moderator, Job, MemberActor]]:
    """A video in the channel, and somebody who looks at it."""
    async with moderated(folder) as (club, mo):
        job = await reaches(club, await asked(club), JobState.DELIVERED)
        yield club, mo, job, club.add_member("tomas")


async def report(club: Community, who: MemberActor, reason: str = "Not @everyone's taste") -> str:
    [video] = club.posts()
    form = await who.click(club.message(video), label="Report")
    return said(await who.submit_modal(form, {"reason": reason}))


async def video_is_there(club: Community, job: Job) -> bool:
    return (job.result_message_id or 0) in club.env.backend.messages[club.channel.id]


async def told_in_channel(club: Community, words: str) -> Message:
    async def told() -> bool:
        return any(words in "\n".join(lines_of(message)) for message in club.public())

    await until(told)
    return next(message for message in club.public() if words in "\n".join(lines_of(message)))


async def test_the_moderators_read_who_reported_what_and_why(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)

        notice = await mo.reads(f"<@{tomas.id}> reported a video of <@{club.member.id}>")
        link = f"https://discord.com/channels/{club.guild.id}/{club.channel.id}/{job.result_message_id}"
        assert f"[job {job.id}]({link})" in notice["content"]
        assert lines_of(notice)[1] == "Not @everyone's taste"
        assert labels_of(notice) == ["Take down", "Take down and refund", "Block member"]
        assert club.pinged(notice) == (set(), set(), False)


async def test_the_same_member_reports_it_once(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, _, tomas):
        first, second = await report(club, tomas), await report(club, tomas)

        assert first != second
        await mo.reads("reported a video")
        assert sum("reported" in line for line in mo.history()) == 1


async def test_a_video_is_taken_down_and_its_member_told(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")

        await mo.presses(notice, "Take down")

        assert not await video_is_there(club, job)
        handled = await mo.reads(f"✔ <@{mo.who.id}> took it down.")
        assert handled["id"] == notice["id"]
        assert labels_of(handled) == ["Block member"]
        await club.card_says(job, "The video was taken down.")
        reply = await told_in_channel(club, "a moderator took your video down.")
        assert club.pinged(reply) == ({club.member.id}, set(), False)
        assert (await club.balance(), await club.spent()) == (95, 5)


async def test_a_video_is_taken_down_and_refunded_once(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")

        await mo.presses(notice, "Take down and refund")
        again = await forged(mo.who, f"report:refund:{job.id}")

        assert again == ""
        assert not await video_is_there(club, job)
        assert (await club.balance(), await club.spent()) == (100, 0)
        await told_in_channel(club, "You have the 5 credits back.")
        await mo.reads(f"gave <@{club.member.id}> back 5 credits")
        assert (await mo.budget()).spent == 5


async def test_the_maker_is_blocked_from_the_report(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, _, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")

        form = await mo.presses(notice, "Block member")
        answer = await mo.who.submit_modal(form, {"duration": "2w", "reason": "Read the rules"})

        assert said(answer).startswith(f"<@{club.member.id}> may not ask for videos until")
        refused = await club.ask(prompt="Gulls", image1=picture())
        assert "Reason: Read the rules" in refused.text
        await mo.reads(f"<@{mo.who.id}> blocked <@{club.member.id}>")


async def test_a_slip_in_the_duration_blocks_nobody(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, _):
        typed = [("duration", "a while"), ("reason", "Read the rules")]

        assert "is no duration I understand" in await forged(mo.who, f"report:blocked:{job.id}", typed=typed)
        assert "is not blocked" in await mo.runs("unblock", member=club.member)


async def test_the_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")
        await club.stage.restart()

        await mo.presses(notice, "Take down")

        assert not await video_is_there(club, job)


async def test_nobody_else_can_press_them_not_even_made_up_ones(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, _, job, tomas):
        stranger = moderator_elsewhere(club.stage)
        typed = [("duration", "forever"), ("reason", "x")]
        for who in (club.member, tomas):
            for verb in ("down", "refund"):
                assert NOT_PERMITTED in await forged(who, f"report:{verb}:{job.id}")
            assert NOT_PERMITTED in await forged(who, f"report:block:{job.id}")
            assert NOT_PERMITTED in await forged(who, f"report:blocked:{job.id}", typed=typed)

        gone = "That video is not there any more."
        assert gone in await forged(stranger.who, f"report:refund:{job.id}")
        assert gone in await forged(stranger.who, f"report:blocked:{job.id}", typed=typed)
        assert gone in await forged(stranger.who, "report:down:0123456789")

        assert await video_is_there(club, job)
        assert await club.balance() == 95
        await reaches(club, await asked(club), JobState.DELIVERED)


async def test_where_discord_will_not_delete_it_nothing_is_refunded(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")
        path = f"/channels/{club.channel.id}/messages/{job.result_message_id}"
        club.env.inject_error("DELETE", path, status=403, code=50001)

        answer = await mo.presses(notice, "Take down and refund")

        assert "Discord does not let me delete it" in said(answer)
        assert await video_is_there(club, job)
        assert (await club.balance(), (await club.job(job.id)).taken_down_at) == (95, None)


async def test_a_video_that_somebody_deleted_by_hand_is_refunded_all_the_same(tmp_path: Path) -> None:
    async with posted(tmp_path) as (club, mo, job, tomas):
        await report(club, tomas)
        notice = await mo.reads("reported a video")
        club.env.backend.delete_message(club.channel.id, job.result_message_id or 0)

        await mo.presses(notice, "Take down and refund")

        assert await club.balance() == 100
