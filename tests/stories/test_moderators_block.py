"""Members who may not ask for a while, and a desk that is closed for everybody."""

from pathlib import Path

import pytest

from bot.jobs.states import JobState
from tests.stories.media import picture
from tests.stories.moderators import (
    NOT_PERMITTED,
    anyone_may_try,
    asked,
    moderated,
    moderator_elsewhere,
    reaches,
)
from tests.stories.staff import text_of


async def test_a_blocked_member_is_told_why_and_until_when(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        answer = await mo.runs("block", member=club.member, duration="12h", reason="Spam *again*")
        assert answer.startswith(f"<@{club.member.id}> may not ask for videos until <t:")

        refused = await club.ask(prompt="Gulls", image1=picture())

        assert "Reason: Spam \\*again\\*" in refused.text
        assert await club.stage.jobs() == []
        notice = await mo.reads(f"<@{mo.who.id}> blocked <@{club.member.id}> until")
        assert club.pinged(notice) == (set(), set(), False)


async def test_a_block_is_lifted(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await mo.runs("block", member=club.member, duration="forever", reason="Enough")
        assert (
            await mo.runs("unblock", member=club.member) == f"<@{club.member.id}> may ask for videos again."
        )
        assert "is not blocked" in await mo.runs("unblock", member=club.member)

        await reaches(club, await asked(club), JobState.DELIVERED)


@pytest.mark.parametrize("duration", ["soon", "0d", "-3h", "99999w", "3 months", "1e9d"])
async def test_a_duration_that_is_none_is_refused_with_examples(tmp_path: Path, duration: str) -> None:
    async with moderated(tmp_path) as (club, mo):
        answer = await mo.runs("block", member=club.member, duration=duration, reason="Enough")

        assert "is no duration I understand" in answer
        assert "30m, 12h, 7d or 2w" in answer
        assert "is not blocked" in await mo.runs("unblock", member=club.member)


async def test_a_block_reaches_no_other_server(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, _):
        stranger = moderator_elsewhere(club.stage)
        who = stranger.club.guild.add_member(club.member.user)

        await stranger.runs("block", member=who, duration="7d", reason="Enough")

        await reaches(club, await asked(club), JobState.DELIVERED)


async def test_a_member_can_block_and_pause_nobody(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await anyone_may_try(club)
        who = {"member": mo.who}

        for command, options in (
            ("block", {**who, "duration": "7d", "reason": "Revenge"}),
            ("unblock", who),
            ("cancel-member", who),
            ("pause", {}),
            ("resume", {}),
        ):
            said = text_of(await club.member.slash(club.channel, f"moderate {command}", **options))
            assert said == NOT_PERMITTED, command
        await reaches(club, await asked(club, who=mo.who), JobState.DELIVERED)


async def test_a_closed_desk_takes_nothing_new_and_finishes_what_it_took(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job = await asked(club)

        assert (await mo.runs("pause")).startswith("New requests are refused from now on.")
        assert await mo.runs("pause") == "New requests were paused already."
        refused = await club.ask(prompt="Gulls", image1=picture())
        assert "New requests are paused by the moderators." in refused.text
        await reaches(club, job, JobState.DELIVERED)

        assert await mo.runs("resume") == "New requests are taken again."
        assert await mo.runs("resume") == "New requests were not paused."
        await reaches(club, await asked(club), JobState.DELIVERED)
        await mo.reads("opened the desk")
        history = [line for line in mo.history() if "desk" in line or "paused" in line]
        assert history == [
            f"<@{mo.who.id}> paused new requests.",
            f"<@{mo.who.id}> opened the desk for new requests again.",
        ]
