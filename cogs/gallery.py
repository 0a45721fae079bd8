"""Stars on posted videos: what Discord tells of reactions, handed on to the gallery."""

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot


async def setup(bot: "ShowreelBot") -> None:
    """Listen."""
    await bot.add_cog(GalleryCog(bot))


class GalleryCog(commands.Cog):
    """Listens to reactions in the servers that the operator serves."""

    def __init__(self, bot: "ShowreelBot") -> None:
        """`bot` knows which servers those are."""
        self._bot = bot

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Bring to an end what a crash interrupted."""
        await self._bot.services.gallery.resume()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody reacted."""
        if self._concerns(event):
            await self._bot.services.gallery.starred(event)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody took a reaction back."""
        if self._bot.serves(event.guild_id):
            await self._bot.services.gallery.unstarred(event)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, event: discord.RawReactionClearEvent) -> None:
        """A moderator took all reactions away."""
        if self._bot.serves(event.guild_id):
            await self._bot.services.gallery.cleared(event)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(self, event: discord.RawReactionClearEmojiEvent) -> None:
        """A moderator took all reactions of one kind away."""
        if self._bot.serves(event.guild_id):
            await self._bot.services.gallery.cleared(event)

    def _concerns(self, event: discord.RawReactionActionEvent) -> bool:
        """Whether it may be a video of the bot's: Discord mostly says whose message it is."""
        own = self._bot.user
        is_own = event.message_author_id is None or (own is not None and event.message_author_id == own.id)
        return is_own and self._bot.serves(event.guild_id)
