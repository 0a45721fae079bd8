"""Who did what to whom, when and why: in the moderators' channel, as a list, as a file."""

import csv
import io
from pathlib import Path
from typing import Any

import discord

from bot.moderation import audit
from bot.moderation.audit import Action
from tests.stories.community import Community
from tests.stories.moderators import (
    NOT_PERMITTED,
    anyone_may_try,
    forged,
    labels_of,
    moderated,
    moderator_elsewhere,
)
from tests.stories.staff import set_up, text_of
from tests.support.waiting import until


async def happened(club: Community, times: int, **detail: Any) -> None:
    """Write entries down, as something that was done does."""
    run, now = club.stage.showreel.database.run, club.stage.showreel.bot.services.now
    for _ in range(times):
        await run(
            audit.record, club.guild.id, Action.UNBLOCKED, actor=club.member.id, at=now(), target=7, **detail
        )


async def untold(club: Community) -> int:
    entries = await club.stage.showreel.database.run(audit.untold, club.guild.id, limit=1000)
    return len(entries)


async def all_told(club: Community) -> None:
    async def done() -> bool:
        return await untold(club) == 0

    await until(done)


async def test_everything_is_told_once_and_in_order(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await mo.runs("pause")
        await mo.runs("resume")
        await mo.runs("block", member=club.member, duration="7d", reason="Read the rules")
        await mo.runs("unblock", member=club.member)
        await all_told(club)
        await club.stage.restart()
        await mo.runs("pause")
        await all_told(club)

        who, whom = f"<@{mo.who.id}>", f"<@{club.member.id}>"
        history = mo.history()[1:]
        assert history[2].startswith(f"{who} blocked {whom} until <t:")
        assert [*history[:2], *history[3:]] == [
            f"{who} paused new requests.",
            f"{who} opened the desk for new requests again.",
            f"{who} unblocked {whom}.",
            f"{who} paused new requests.",
        ]


async def test_what_happened_while_discord_was_away_is_told_when_it_is_back(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await all_told(club)
        path = f"/channels/{mo.room.id}/messages"
        club.env.inject_error("POST", path, status=429, times=3)

        await happened(club, 2)

        await all_told(club)
        assert sum("unblocked" in line for line in mo.history()) == 2


async def test_a_channel_that_is_gone_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await all_told(club)
        club.env.backend.delete_channel(mo.room.id)

        await happened(club, 1)
        await all_told(club)


async def test_a_server_in_trouble_keeps_no_other_waiting(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await all_told(club)
        stranger = moderator_elsewhere(club.stage)
        await stranger.opens_the_room()
        club.env.inject_error("POST", f"/channels/{mo.room.id}/messages", status=429, times=None)

        await happened(club, 30)
        await stranger.runs("pause")

        await stranger.reads("paused new requests")
        assert await untold(club) == 30
        club.env.backend.faults.clear()


async def test_a_server_without_a_channel_is_told_nothing_later_either(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await set_up(club, moderators_channel=None)
        await happened(club, 3)
        await all_told(club)

        await set_up(club, moderators_channel=mo.room.id)
        await mo.reads("changed the settings")
        assert not any("unblocked" in line for line in mo.history())


async def test_the_list_turns_its_pages(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await happened(club, 12)
        await mo.runs("pause")

        shown = await mo.answer("audit")
        assert shown.ephemeral
        newest = text_of(shown)
        assert newest.splitlines()[1].endswith(f"<@{mo.who.id}> paused new requests.")
        assert labels_of(shown.response) == ["Older"]

        await mo.presses(shown, "Older")
        assert "paused" not in text_of(shown)
        assert "changed the settings" in text_of(shown)
        assert labels_of(shown.response) == ["Newest"]
        await mo.presses(shown, "Newest")
        assert text_of(shown) == newest


async def test_long_reasons_still_fit_into_a_message(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await happened(club, 10, reason="why " * 200)

        shown = await mo.answer("audit")
        pages = 1
        while "Older" in labels_of(shown.response):
            await mo.presses(shown, "Older")
            pages += 1

        assert pages > 1
        assert "changed the settings" in text_of(shown)


async def test_the_file_holds_everything_and_no_formula(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await mo.runs(
            "block", member=club.member, duration="forever", reason='=HYPERLINK("http://x.test","win")'
        )
        await happened(club, 1, reason="@SUM(1+1)*cmd|' /C calc'!A0", text="é")

        shown = await mo.answer("audit", export=True)

        assert shown.response is not None
        [attached] = shown.response.attachments
        data = club.env.backend.cdn.get(attached.url)
        assert data is not None
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
        assert [row["action"] for row in rows] == ["unblocked", "blocked", "settings-changed"]
        assert rows[1]["actor"] == str(mo.who.id)
        assert rows[1]["target"] == str(club.member.id)
        assert [row["reason"][:2] for row in rows] == ["'@", "'=", ""]
        assert '"é"' in rows[0]["detail"]


async def test_nothing_of_another_server_is_in_the_trail(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await mo.runs("pause")
        stranger = moderator_elsewhere(club.stage)

        assert "Nothing has happened yet." in await stranger.runs("audit")
        shown = await stranger.answer("audit", export=True)
        assert shown.response is not None
        assert shown.response.content == "The audit trail, newest first, 0 entries."


async def test_only_moderators_read_it(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, _):
        await anyone_may_try(club)
        manager = club.add_member("ruth", can=discord.Permissions(kick_members=True))

        for who in (club.member, manager):
            assert text_of(await who.slash(club.channel, "moderate audit")) == NOT_PERMITTED
            assert text_of(await who.slash(club.channel, "moderate audit", export=True)) == NOT_PERMITTED
            assert await forged(who, "audit:before:0") == NOT_PERMITTED
