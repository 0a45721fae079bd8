"""A small bot on an unmodified discord.py, for this server's own tests."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import discord
from discord import app_commands
from discord.ext import commands


class Again(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"again:(?P<job>\d+)"):
    """A button that outlives the process: its custom_id says everything."""

    def __init__(self, job: int) -> None:
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{job}"))
        self.job = job

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["job"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"job {self.job} again", ephemeral=True)


class Prompt(discord.ui.Modal, title="Edit and run"):
    """A modal with a prefilled text and an upload."""

    words: discord.ui.Label[Any] = discord.ui.Label(
        text="Prompt", component=discord.ui.TextInput(default="a harbour", max_length=50)
    )
    picture: discord.ui.Label[Any] = discord.ui.Label(
        text="Picture", component=discord.ui.FileUpload(required=False)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        words, picture = self.words.component, self.picture.component
        assert isinstance(words, discord.ui.TextInput)
        assert isinstance(picture, discord.ui.FileUpload)
        sizes = [len(await item.read()) for item in picture.values]
        await interaction.response.send_message(f"{words.value} with {sizes}")


class Card(discord.ui.LayoutView):
    """A layout that shows a video and a persistent button."""

    def __init__(self, text: str, filename: str) -> None:
        super().__init__(timeout=None)
        gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
        gallery.add_item(media=f"attachment://{filename}")
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(Again(7))
        self.add_item(discord.ui.Container(discord.ui.TextDisplay(text), gallery, row))


@app_commands.command(description="Render a video.")
@app_commands.choices(size=[app_commands.Choice(name="Large", value="large")])
@app_commands.describe(prompt="What to see", image="First frame", seconds="Length", size="Size")
async def render(
    interaction: discord.Interaction[Any],
    prompt: app_commands.Range[str, 1, 100],
    image: discord.Attachment,
    seconds: app_commands.Range[int, 4, 12] = 5,
    size: str = "large",
) -> None:
    await interaction.response.defer(ephemeral=True)
    data = await image.read()
    told = f"{prompt}: {image.filename} {image.content_type} {image.width}x{image.height} {len(data)} bytes"
    await interaction.edit_original_response(content=f"{told}, {seconds} s, {size}")
    await interaction.followup.send("rendering", ephemeral=False)


@render.autocomplete("prompt")
async def complete(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed} at night", value=f"{typed} at night")]


@app_commands.command(description="Answer at once.")
async def ping(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_message("pong")


@app_commands.command(description="Open the form.")
@app_commands.default_permissions(manage_messages=True)
async def form(interaction: discord.Interaction[Any]) -> None:
    await interaction.response.send_modal(Prompt())


@app_commands.context_menu(name="Report it")
async def report(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    view = discord.ui.View(timeout=60)
    view.add_item(Reason(message.content))
    await interaction.response.defer(ephemeral=True)
    # The first follow-up after a deferral is the deferred answer.
    await interaction.followup.send("why?", view=view)


class Reason(discord.ui.Select[Any]):
    """A menu that answers by changing its own message."""

    def __init__(self, reported: str) -> None:
        super().__init__(placeholder="Reason", options=[discord.SelectOption(label="Spam", value="spam")])
        self.reported = reported

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        told = f"{self.reported} is {self.values[0]}"
        await interaction.response.edit_message(content=told, view=None)


class SampleBot(commands.Bot):
    """Registers its commands when it logs in."""

    def __init__(self) -> None:
        # discord.py waits this long for further guilds before it calls itself ready; here they come at once.
        super().__init__("!", intents=discord.Intents.default(), guild_ready_timeout=0.01)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Without the five seconds that discord.py waits before it identifies again."""

    async def setup_hook(self) -> None:
        self.tree.add_command(render)
        self.tree.add_command(ping)
        self.tree.add_command(form)
        self.tree.add_command(report)
        self.add_dynamic_items(Again)
        await self.tree.sync()

    async def channel(self, channel_id: int) -> discord.TextChannel:
        channel = await self.fetch_channel(channel_id)
        assert isinstance(channel, discord.TextChannel)
        return channel


def file_of(data: bytes, filename: str) -> discord.File:
    return discord.File(io.BytesIO(data), filename=filename)


@asynccontextmanager
async def running(token: str) -> AsyncIterator[SampleBot]:
    """A bot that is logged in and connected, until the end of the block."""
    bot = SampleBot()
    async with bot:
        await bot.login(token)
        connected = asyncio.create_task(bot.connect())
        try:
            await bot.wait_until_ready()
            yield bot
        finally:
            await bot.close()
            await connected
