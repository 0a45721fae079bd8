"""`/credits`: what a member has."""

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.services import services_of
from bot.locale import Words

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    await bot.add_cog(Credits())


@app_commands.guild_only()
class Credits(commands.GroupCog, group_name="credits", group_description="Your credits in this server"):
    """A member's credits."""

    @app_commands.command(description="How many credits you have in this server")
    async def balance(self, interaction: discord.Interaction) -> None:
        """Show the balance, to the member alone."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        services = services_of(interaction)
        balance = await services.desk.balance(interaction.guild_id or 0, interaction.user.id)
        words = Words(str(interaction.locale))
        await interaction.edit_original_response(content=words("balance", count=balance))
