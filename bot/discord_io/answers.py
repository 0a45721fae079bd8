"""The answer to a request, to the member alone."""

import discord

from bot.discord_io.answer_words import accepted_text
from bot.discord_io.quotes import show_quote
from bot.jobs.requests import Accepted, Quoted
from bot.locale import Words


async def show_answer(interaction: discord.Interaction, answer: Accepted | Quoted) -> None:
    """Show the answer in place of the acknowledgement.

    What is accepted stays accepted where that fails: its card in the channel says so.
    """
    words = Words(str(interaction.locale))
    if isinstance(answer, Quoted):
        await show_quote(interaction, answer, words)
    else:
        await interaction.edit_original_response(content=accepted_text(answer, words), view=None)
