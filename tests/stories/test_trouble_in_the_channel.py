"""A channel that closes while a video is being made: the member gets it all the same, and pays nothing."""

from pathlib import Path

import pytest

from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import lines_of
from bot.rehearsal.stage import Pace
from tests.stories.community import Community
from tests.stories.media import picture, streams_of
from tests.stories.quick_stage import NEVER_STARTS, quick_stage
from tests.support.waiting import until

SLOW_RENDER = Pace(queue_s=0.0, render_s=0.7, look_s=0.1, card_pace_s=0.05)


async def test_a_deleted_channel_means_a_direct_message(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await club.ask(prompt="Gulls over the bay", image1=picture(), duration=3)
        await club.card_says(await club.job(), "Rendering")

        club.delete_channel()
        await club.everything_ends()

        assert (await club.job()).state is JobState.UNDELIVERABLE
        [message] = club.direct_messages()
        assert message.content.startswith(f"Your video from {club.channel.mention} is here")
        assert "It was free." in message.content
        seconds, _, _ = streams_of(club.file_of(message))
        assert seconds == pytest.approx(3, abs=0.3)
        assert (await club.balance(), await club.spent()) == (100, 0)
        assert await club.books_balance()
        assert stage.unexpected_errors() == []


async def test_a_lost_permission_means_a_direct_message(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await club.ask(prompt="Gulls over the bay", image1=picture())
        job = await club.job()
        await club.card_says(job, "Rendering")

        club.forbid_the_bot("send_messages", "attach_files")
        await club.everything_ends()

        [message] = club.direct_messages()
        assert len(message.attachments) == 1
        # The card itself can still be edited, and says so to everybody else.
        lines = lines_of(await club.card_of(job))
        assert lines[3] == "The video is ready, but could not be posted here."
        assert lines[4] == "I was not allowed to post in the channel."
        assert lines[5].startswith("`/jobs resend` gets it")
        assert lines[6].startswith("Not charged")
        assert (await club.balance(), await club.spent()) == (100, 0)


async def test_with_direct_messages_closed_the_video_is_kept(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await club.ask(prompt="Gulls over the bay", image1=picture())
        await club.card_says(await club.job(), "Rendering")
        club.forbid_the_bot("send_messages")
        direct = club.member.user.dm_channel.id
        club.env.inject_error("POST", f"/channels/{direct}/messages", status=403, code=50007)

        await club.everything_ends()

        job = await club.job()
        assert job.state is JobState.UNDELIVERABLE
        assert club.direct_messages() == []
        kept = stage.data_dir / "videos" / f"{job.id}.mp4"
        assert streams_of(kept.read_bytes())[1] > 0
        assert (await club.balance(), await club.spent()) == (100, 0)
        assert stage.unexpected_errors() == []


async def test_a_deleted_card_does_not_keep_its_video_away(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await club.ask(prompt="Gulls over the bay", image1=picture())
        card = await club.card_says(await club.job(), "Rendering")

        club.env.backend.delete_message(club.channel.id, int(card["id"]))
        await club.everything_ends()

        [post] = club.public()
        assert len(post["attachments"]) == 1
        assert club.pinged(post) == ({club.member.id}, set(), False)
        assert (await club.job()).state is JobState.DELIVERED
        assert await club.spent() == 5
        assert club.direct_messages() == []


async def test_a_channel_deleted_before_the_submit_costs_nothing_and_is_told(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS, places=1) as stage:
        club = Community(stage)
        attic = club.guild.create_text_channel("attic")
        await club.ask(prompt="Gulls over the bay", image1=picture(), channel=attic)
        [first] = await stage.jobs()
        await club.card_says(first, "Waits at RunComfy")
        await club.ask(prompt="Gulls over the sea", image1=picture())
        _, second = await stage.jobs()
        await club.card_of(second)

        club.delete_channel()
        await stage.showreel.bot.services.canceller.cancel(first.id, by=club.member.id)
        await club.everything_ends()
        await until(lambda: _told(club))

        assert len(stage.runcomfy.submits) == 1
        assert (await club.job(second.id)).state is JobState.FAILED
        [message] = club.direct_messages()
        assert message.content.splitlines() == [
            f"Your request in {club.channel.mention} ended without a posted video. It was free.",
            "I was not allowed to post in the channel.",
        ]
        assert (await club.balance(), await club.spent()) == (100, 0)
        assert await club.books_balance()


async def test_a_failure_whose_card_was_deleted_is_told_directly(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        stage.runcomfy.faults.add(Fault.SENSITIVE_CONTENT)
        await club.ask(prompt="Gulls over the bay", image1=picture())
        card = await club.card_says(await club.job(), "Rendering")

        club.env.backend.delete_message(club.channel.id, int(card["id"]))
        await club.everything_ends()
        await until(lambda: _told(club))

        [message] = club.direct_messages()
        assert "RunComfy\u2019s content filter stopped it." in message.content
        assert club.public() == []


async def _told(club: Community) -> bool:
    return bool(club.direct_messages())
