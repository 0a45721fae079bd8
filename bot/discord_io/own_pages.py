"""Pages of what belongs to a member, to the member alone; the buttons to turn them outlive the process.

Whoever presses reads their own pages: nothing of anybody else's is in an id.
"""

import re
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.job_words import job_line
from bot.discord_io.services import services_of
from bot.discord_io.wallet_words import movement_line
from bot.jobs import store
from bot.locale import Words

#: Lines on a page; the longest ones of either kind fit into a message.
PAGE_LINES = 10


class PageButton(
    ui.DynamicItem[ui.Button[Any]], template=r"page:(?P<subject>credits|jobs):(?P<number>\d{1,4})"
):
    """Turns to a page (from 0) of one's credits or jobs."""

    def __init__(self, subject: str, number: int, *, label: str = "…") -> None:
        """`subject`: `credits` or `jobs`."""
        self.subject = subject
        self.number = number
        custom_id = f"page:{subject}:{number}"
        super().__init__(ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "PageButton":
        """Make the button again from its id."""
        return cls(match["subject"], int(match["number"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page in place of the one that was there."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            await show_page(interaction, self.subject, self.number)


async def show_page(interaction: discord.Interaction, subject: str, number: int = 0) -> None:
    """Show a page in place of what the interaction showed before."""
    words = Words(str(interaction.locale))
    skip = number * PAGE_LINES
    if subject == "credits":
        lines = await _movements(interaction, words, skip) or [words("credits-nothing")]
    else:
        lines = await _jobs(interaction, skip) or [words("jobs-nothing")]
    view = ui.View(timeout=None)
    if number:
        view.add_item(PageButton(subject, number - 1, label=words("button-newer")))
    if len(lines) > PAGE_LINES:
        view.add_item(PageButton(subject, number + 1, label=words("button-older")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    await interaction.edit_original_response(
        content="\n".join(lines[:PAGE_LINES]),
        view=view,
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def _movements(interaction: discord.Interaction, words: Words, skip: int) -> list[str]:
    found = await services_of(interaction).wallets.history(
        interaction.guild_id or 0, interaction.user.id, limit=PAGE_LINES + 1, skip=skip
    )
    return [movement_line(movement, words) for movement in found]


async def _jobs(interaction: discord.Interaction, skip: int) -> list[str]:
    services = services_of(interaction)
    found = await services.database.run(
        store.of_member, interaction.guild_id or 0, interaction.user.id, limit=PAGE_LINES + 1, skip=skip
    )
    return [job_line(job, services.catalogue, str(interaction.locale)) for job in found]
