"""A file that keeps its decoder busy for ever: the process beside it goes on."""

import os
import signal
from pathlib import Path

import pytest

from tests.live.conftest import Start
from tests.live.process import BotProcess
from tests.live.test_whole_way import picture, videos_in
from tests.loopback_discord import Channel, Guild, LoopbackDiscord, Member, Upload


def media_process_of(bot: BotProcess) -> int:
    """The one process that the bot has started."""
    pid = bot._process.pid
    [child] = {
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    }
    return child


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for a process's children")
async def test_while_a_decoder_hangs_everybody_else_is_answered(
    start: Start, loopback_discord: LoopbackDiscord, guild: Guild, channel: Channel, member: Member
) -> None:
    bot = await start()
    lie = Upload("photo.png", b"not a picture at all", "image/png", width=640, height=480)
    first = await loopback_discord.slash(member, channel, "seedance-1-5-pro", prompt="A kite.", image=lie)
    assert "could not be read" in (await first.response()).text
    worker = media_process_of(bot)  # the one for members' files: there was no video to look at
    os.kill(worker, signal.SIGSTOP)
    try:
        hanging = await loopback_discord.slash(
            member, channel, "seedance-1-5-pro", prompt="A kite.", image=picture()
        )
        tomas = guild.add_member("tomas")
        balance = await loopback_discord.slash(tomas, channel, "credits balance")
        without_files = await loopback_discord.slash(tomas, channel, "seedance-2-pro", prompt="A kite.")

        assert "100 credits" in (await balance.response()).text
        assert "set aside" in (await without_files.response()).text
        # Videos have a decoder of their own: this one is delivered.
        await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
        assert hanging.original is None or hanging.original.loading
    finally:
        os.kill(worker, signal.SIGKILL)
    # The process died of it: that file is refused, and the next one is looked at by another process.
    assert "**image** could not be read" in (await hanging.response()).text
    again = await loopback_discord.slash(
        member, channel, "seedance-1-5-pro", prompt="A kite.", image=picture()
    )
    assert "set aside" in (await again.response()).text
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 2, timeout=30)
