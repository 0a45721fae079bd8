"""Takes the pictures of the documentation: what members see, drawn by a real browser from the running bot.

Run by `make pictures`. It needs Debian's Chromium (`apt-get install chromium`).
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
import simcord
from playwright.async_api import FloatRect, async_playwright

from bot.logs import configure_logging
from bot.rehearsal.drawing import draw_picture
from bot.rehearsal.stage import open_stage
from bot.servers.settings import ServerSettings

CHROMIUM = "/usr/bin/chromium"
PICTURES = Path(__file__).parent / "pictures"
#: The window, and the part of it that is the conversation (pixels).
WIDTH, HEIGHT = 1000, 1660
CONVERSATION: FloatRect = {"x": 256, "y": 76, "width": WIDTH - 256, "height": HEIGHT - 76}
MODERATORS: FloatRect = {"x": 256, "y": 50, "width": WIDTH - 256, "height": 430}
SERVER: FloatRect = {"x": 256, "y": 76, "width": WIDTH - 256, "height": 1040}


async def take_pictures() -> None:
    """One evening in a channel: a video that is there, one that is being made."""
    with TemporaryDirectory(prefix="showreel-pictures-") as folder:
        async with open_stage(Path(folder)) as stage:
            guild = stage.env.create_guild("Film club")
            channel = guild.create_text_channel("studio")
            member = guild.add_member(stage.env.create_user("member"))
            await _ask(member, channel, "The tide comes in around the lighthouse while gulls circle.", 3)
            await stage.settled()
            await _ask(member, channel, "Slow pan over the hills at dawn, mist lifting.", 8)
            await _until_shown(channel, "▰")
            now = datetime.now(UTC)
            preview = stage.env.preview(channel, viewers=[member], layout="channel", presentation_time=now)
            async with preview:
                await _photograph(preview.url, PICTURES / "channel.png")


async def take_pictures_of_moderators() -> None:
    """What moderators see: a reported video, and a request that waits for their yes."""
    with TemporaryDirectory(prefix="showreel-pictures-") as folder:
        async with open_stage(Path(folder)) as stage:
            guild = stage.env.create_guild("Film club")
            channel = guild.create_text_channel("studio")
            room = guild.create_text_channel("moderators")
            rights = guild.create_role("moderators", permissions=discord.Permissions(manage_messages=True))
            moderator = guild.add_member(stage.env.create_user("moderator"), roles=[rights])
            member, other = (guild.add_member(stage.env.create_user(name)) for name in ("member", "other"))
            desk = stage.showreel.bot.services.moderators
            asks = ServerSettings(moderators_channel=room.id, approve_above=10)
            await desk.change_settings(guild.id, asks, by=moderator.id)
            await _ask(member, channel, "Slow pan over the hills at dawn, mist lifting.", 8)
            await stage.settled()
            await _report(other, channel, "This is my drawing, used without asking.")
            await _until_shown(room, "Take down")
            prompt = "The tide comes in around the lighthouse while gulls circle."
            await member.slash(channel, "seedance-2-pro", prompt=prompt)
            await _until_shown(room, "Approve")
            now = datetime.now(UTC)
            preview = stage.env.preview(room, viewers=[moderator], layout="channel", presentation_time=now)
            async with preview:
                await _photograph(preview.url, PICTURES / "moderators.png", clip=MODERATORS)


async def take_pictures_of_settings() -> None:
    """What an owner sees: everything a server can set, and what was spent."""
    with TemporaryDirectory(prefix="showreel-pictures-") as folder:
        async with open_stage(Path(folder)) as stage:
            guild = stage.env.create_guild("Film club")
            channel = guild.create_text_channel("studio")
            room = guild.create_text_channel("owners")
            rights = guild.create_role("owners", permissions=discord.Permissions(manage_guild=True))
            owner = guild.add_member(stage.env.create_user("owner"), roles=[rights])
            member = guild.add_member(stage.env.create_user("member"))
            settings = ServerSettings(moderators_channel=room.id, quote_above=20, budget=500)
            await stage.showreel.bot.services.moderators.change_settings(guild.id, settings, by=owner.id)
            await _ask(member, channel, "Slow pan over the hills at dawn, mist lifting.", 8)
            await stage.settled()
            for command in ("server settings", "server usage"):
                await owner.slash(room, command)
            now = datetime.now(UTC)
            preview = stage.env.preview(room, viewers=[owner], layout="channel", presentation_time=now)
            async with preview:
                await _photograph(preview.url, PICTURES / "server.png", clip=SERVER)


async def _report(who: simcord.MemberActor, channel: simcord.ChannelHandle, reason: str) -> None:
    [video] = [message for message in channel.history() if message.reference is not None]
    form = await who.click(video, label="Report")
    await who.submit_modal(form, {"reason": reason})


async def _ask(member: simcord.MemberActor, channel: simcord.ChannelHandle, prompt: str, seed: int) -> None:
    picture = await asyncio.to_thread(draw_picture, width=960, height=540, seed=seed)
    await member.slash(channel, "seedance-1-5-pro", prompt=prompt, image=("picture.png", picture))


async def _until_shown(channel: simcord.ChannelHandle, words: str) -> None:
    for _ in range(200):
        if words in str([message.components for message in channel.history()]):
            return
        await asyncio.sleep(0.1)
    sys.exit(f"nothing showed {words}")


async def _photograph(url: str, path: Path, *, clip: FloatRect = CONVERSATION) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await page.goto(url)
        await page.wait_for_timeout(2500)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await page.screenshot(path=path, clip=clip)
        await browser.close()


if __name__ == "__main__":
    configure_logging("ERROR", secrets=[])
    asyncio.run(take_pictures())
    asyncio.run(take_pictures_of_moderators())
    asyncio.run(take_pictures_of_settings())
