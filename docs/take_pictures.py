"""Takes the pictures of the documentation: what members see, drawn by a real browser from the running bot.

Run by `make pictures`. It needs Debian's Chromium (`apt-get install chromium`).
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import simcord
from playwright.async_api import FloatRect, async_playwright

from bot.logs import configure_logging
from bot.rehearsal.drawing import draw_picture
from bot.rehearsal.stage import open_stage

CHROMIUM = "/usr/bin/chromium"
PICTURES = Path(__file__).parent / "pictures"
#: The window, and the part of it that is the conversation (pixels).
WIDTH, HEIGHT = 1000, 1560
CONVERSATION: FloatRect = {"x": 256, "y": 76, "width": WIDTH - 256, "height": HEIGHT - 76}


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
            await _until_rendering(channel)
            now = datetime.now(UTC)
            preview = stage.env.preview(channel, viewers=[member], layout="channel", presentation_time=now)
            async with preview:
                await _photograph(preview.url, PICTURES / "channel.png")


async def _ask(member: simcord.MemberActor, channel: simcord.ChannelHandle, prompt: str, seed: int) -> None:
    picture = await asyncio.to_thread(draw_picture, width=960, height=540, seed=seed)
    await member.slash(channel, "seedance-1-5-pro", prompt=prompt, image=("picture.png", picture))


async def _until_rendering(channel: simcord.ChannelHandle) -> None:
    for _ in range(200):
        texts = str([message.components for message in channel.history()])
        if "▰" in texts:
            return
        await asyncio.sleep(0.1)
    sys.exit("nothing was rendering")


async def _photograph(url: str, path: Path) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await page.goto(url)
        await page.wait_for_timeout(2500)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        await page.screenshot(path=path, clip=CONVERSATION)
        await browser.close()


if __name__ == "__main__":
    configure_logging("ERROR", secrets=[])
    asyncio.run(take_pictures())
