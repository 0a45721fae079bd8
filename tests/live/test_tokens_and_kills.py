"""A token that is taken away from the running process, and a process that dies with a message unsent."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.rehearsal.runcomfy import StandIn
from tests.live.conftest import Start
from tests.live.test_start_and_stop import ask
from tests.live.test_whole_way import videos_in
from tests.loopback_discord import Channel, LoopbackDiscord, Member


def held_jobs(folder: Path) -> int:
    """Jobs that a worker still holds, as the store says."""
    with closing(sqlite3.connect(folder / "data" / "showreel.db")) as store:
        return int(store.execute("SELECT count(*) FROM jobs WHERE worker IS NOT NULL").fetchone()[0])


@pytest.mark.parametrize("by", ["gateway", "rest"])
async def test_a_token_taken_away_ends_the_process_in_words_and_the_next_goes_on(
    start: Start,
    loopback_discord: LoopbackDiscord,
    runcomfy: StandIn,
    channel: Channel,
    member: Member,
    tmp_path: Path,
    by: str,
) -> None:
    """Either the gateway closes with 4004, or the next request is answered 401: whichever comes first."""
    bot = await start()
    with loopback_discord.hold("POST", "/channels/*/messages") as gate:
        await ask(loopback_discord, member, channel)
        await gate.reached(20)
        await loopback_discord.reset_token("the-new-token", gateway_too=by == "gateway")

    assert await bot.ended(20) == 2
    assert "DISCORD_TOKEN is not accepted by Discord" in bot.printed
    assert "Traceback" not in bot.printed
    assert held_jobs(tmp_path) == 0

    await loopback_discord.wait_until_disconnected()
    await start()  # with the new token
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    assert len(runcomfy.submits) == 1


async def test_a_process_killed_before_it_has_sent_an_unpostable_video_sends_it_at_the_next_start(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, channel: Channel, member: Member
) -> None:
    bot = await start()
    await ask(loopback_discord, member, channel)
    await loopback_discord.wait_for(lambda: len(runcomfy.submits) == 1, timeout=20)
    direct = loopback_discord.dm(member)
    place = f"/channels/{direct.id}/messages"
    loopback_discord.fail("POST", place, 503, times=None)
    channel.delete()
    await loopback_discord.wait_for(lambda: loopback_discord.requests_to("POST", place), timeout=30)
    await bot.kill()
    await loopback_discord.wait_until_disconnected()
    assert direct.messages == []
    loopback_discord.end_troubles()

    await start()
    await loopback_discord.wait_for(lambda: direct.messages, timeout=30)
    [message] = direct.messages
    assert message.text.startswith(f"Your video from {channel.mention} is here")
    assert message.attachments[0].filename.endswith(".mp4")
