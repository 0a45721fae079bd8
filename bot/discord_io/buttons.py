"""Buttons that outlive the process: what they do is in their ids."""

import re
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.services import services_of
from bot.errors import StaleJob
from bot.jobs import store
from bot.locale import Words


class CancelButton(ui.DynamicItem[ui.Button[Any]], template=r"job:cancel:(?P<job>[0-9a-z]{10})"):
    """Cancels the job of its card, for the requester and for moderators."""

    def __init__(self, job_id: str, *, label: str = "Cancel") -> None:
        """`label` in the language of the card."""
        self.job_id = job_id
        super().__init__(
            ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=f"job:cancel:{job_id}")
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "CancelButton":
        """Make the button again from its id, whichever process sent it."""
        return cls(match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Acknowledge, check whose job it is, cancel, and say what became of it."""
        async with Answering(interaction):
            await acknowledge(interaction, ephemeral=True, thinking=True)
            answer = await self._cancel(interaction, Words(str(interaction.locale)))
            await interaction.edit_original_response(content=answer)

    async def _cancel(self, interaction: discord.Interaction, words: Words) -> str:
        services = services_of(interaction)
        job = await services.database.run(store.find, self.job_id)
        if job is None or job.guild_id != interaction.guild_id:
            return words("job-unknown")
        if interaction.user.id != job.user_id and not interaction.permissions.manage_messages:
            return words("cancel-not-yours")
        try:
            outcome, _ = await services.canceller.cancel(job.id, by=interaction.user.id)
        except StaleJob:
            return words("cancel-over")
        return words(f"cancel-{outcome}")
