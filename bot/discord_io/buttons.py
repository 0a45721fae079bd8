"""Buttons that outlive the process: what they do is in their ids."""

import re
from typing import Any

import discord
from discord import ui

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
        await interaction.response.defer(ephemeral=True, thinking=True)
        words = Words(str(interaction.locale))
        services = services_of(interaction)
        job = await services.database.run(store.find, self.job_id)
        if job is None or job.guild_id != interaction.guild_id:
            answer = words("job-unknown")
        elif interaction.user.id != job.user_id and not interaction.permissions.manage_messages:
            answer = words("cancel-not-yours")
        else:
            try:
                outcome, _ = await services.canceller.cancel(job.id, by=interaction.user.id)
                answer = words(f"cancel-{outcome}")
            except StaleJob:
                answer = words("cancel-over")
        await interaction.edit_original_response(content=answer)
