"""`/credits`: what a member has, what moved, and giving some of it to another member."""

from typing import TYPE_CHECKING

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.own_pages import show_page
from bot.discord_io.services import role_ids_of, services_of
from bot.discord_io.wallet_words import wallet_text
from bot.errors import InsufficientCredits
from bot.locale import Words

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

log = structlog.get_logger(__name__)

_MOST_AT_ONCE = 1_000_000


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    await bot.add_cog(Credits())


@app_commands.guild_only()
class Credits(commands.GroupCog, group_name="credits", group_description="Your credits in this server"):
    """A member's credits."""

    @app_commands.command(description="How many credits you have in this server")
    async def balance(self, interaction: discord.Interaction) -> None:
        """Show the wallet, to the member alone."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        wallet = await services_of(interaction).wallets.open(
            interaction.guild_id or 0, interaction.user.id, role_ids_of(interaction)
        )
        text = wallet_text(wallet, Words(str(interaction.locale)))
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Where your credits came from and went")
    async def history(self, interaction: discord.Interaction) -> None:
        """Show the movements, newest first, to the member alone."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        await show_page(interaction, "credits")

    @app_commands.command(description="Give some of your credits to another member")
    @app_commands.describe(member="Who gets them", amount="How many credits")
    async def give(
        self,
        interaction: discord.Interaction,
        member: discord.Member | discord.User,
        amount: app_commands.Range[int, 1, _MOST_AT_ONCE],
    ) -> None:
        """Move the credits, then tell both: the giver alone what is left, the receiver in the channel."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        words = Words(str(interaction.locale))
        if (refusal := _refusal(interaction, member, words)) is not None:
            await interaction.edit_original_response(content=refusal)
            return
        try:
            balance = await services_of(interaction).wallets.give(
                interaction.guild_id or 0,
                giver=interaction.user.id,
                role_ids=role_ids_of(interaction),
                receiver=member.id,
                amount=amount,
                reference=f"give:{interaction.id}",
            )
        except InsufficientCredits as error:
            text = words("give-too-little", needed=error.needed, available=error.available)
            await interaction.edit_original_response(content=text)
            return
        text = words("give-done", count=amount, member=member.mention, balance=balance)
        await interaction.edit_original_response(content=text)
        await _tell_receiver(interaction, member, amount)


def _refusal(
    interaction: discord.Interaction, member: discord.Member | discord.User, words: Words
) -> str | None:
    """Why this person cannot be given anything."""
    if member.id == interaction.user.id:
        return words("give-self")
    if member.bot:
        return words("give-bot")
    # Discord lets people name somebody who has left.
    return None if isinstance(member, discord.Member) else words("give-stranger")


async def _tell_receiver(
    interaction: discord.Interaction, member: discord.Member | discord.User, amount: int
) -> None:
    """In the channel, in the server's language; the receiver alone is called."""
    words = Words(str(interaction.guild_locale or interaction.locale))
    text = words("give-told", giver=interaction.user.mention, member=member.mention, count=amount)
    allowed = discord.AllowedMentions(everyone=False, roles=False, users=[member])
    try:
        await interaction.followup.send(text, allowed_mentions=allowed)
    except discord.HTTPException as error:
        # The credits have moved, which the giver knows and the receiver's history says.
        log.warning("receiver not told", status=error.status, code=error.code)
