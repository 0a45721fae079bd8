"""The buttons that settle an uncertain submit, once staff have looked it up at RunComfy."""

import re
from contextlib import suppress
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import Services, services_of
from bot.errors import StaleJob
from bot.locale import Words
from bot.moderation.interventions import Settlement


def settle_view(job_id: str, words: Words) -> ui.View:
    """The two buttons."""
    view = ui.View(timeout=None)
    for settlement in Settlement:
        view.add_item(SettleButton(settlement, job_id, label=words(f"button-settle-{settlement}")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


async def settle(
    services: Services, guild_id: int, job_id: str, settlement: Settlement, *, by: int, words: Words
) -> str:
    """Settle it; what to say about it."""
    try:
        job = await services.moderators.reconcile(guild_id, job_id, settlement, by=by)
    except StaleJob:
        return words("moderate-reconcile-over")
    return words(f"moderate-reconciled-{settlement}", price=job.price)


class SettleButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"job:settle:(?P<settlement>ran|never-ran):(?P<job>[0-9a-z]{10})",
):
    """Says what became of an uncertain submit, for moderators."""

    def __init__(self, settlement: Settlement, job_id: str, *, label: str = "…") -> None:
        """`label` in the language of the message."""
        self.settlement = settlement
        self.job_id = job_id
        super().__init__(
            ui.Button(
                style=discord.ButtonStyle.secondary,
                label=label,
                custom_id=f"job:settle:{settlement}:{job_id}",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "SettleButton":
        """Make the button again from its id."""
        return cls(Settlement(match["settlement"]), match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Settle it, and say so to whoever pressed; the others read it in the audit trail."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            text = await settle(
                services_of(interaction),
                interaction.guild_id or 0,
                self.job_id,
                self.settlement,
                by=interaction.user.id,
                words=Words(str(interaction.locale)),
            )
            await interaction.followup.send(text, ephemeral=True)
            with suppress(discord.NotFound):  # somebody deleted the notice
                await interaction.edit_original_response(view=None)
