"""The buttons under a quote: Generate, Change, Never mind. They outlive the process."""

import re
from typing import Any

import discord
from discord import ui

from bot.discord_io.errors import Answering
from bot.discord_io.services import services_of
from bot.jobs.requests import Quoted
from bot.locale import Words


def quote_view(quoted: Quoted, words: Words) -> ui.View:
    """The three buttons."""
    view = ui.View(timeout=None)
    for verb in ("go", "change", "drop"):
        view.add_item(QuoteButton(verb, quoted.new.interaction_id, label=words(f"button-quote-{verb}")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


class QuoteButton(
    ui.DynamicItem[ui.Button[Any]], template=r"quote:(?P<verb>go|change|drop):(?P<id>\d{1,20})"
):
    """One of the buttons under a quote; the id is the interaction that asked."""

    def __init__(self, verb: str, interaction_id: int, *, label: str = "…") -> None:
        """`verb`: `go`, `change` or `drop`."""
        self.verb = verb
        self.interaction_id = interaction_id
        style = discord.ButtonStyle.success if verb == "go" else discord.ButtonStyle.secondary
        super().__init__(ui.Button(style=style, label=label, custom_id=f"quote:{verb}:{interaction_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "QuoteButton":
        """Make the button again from its id."""
        return cls(match["verb"], int(match["id"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Accept, change or forget the quoted request."""
        if self.verb == "change":
            await interaction.response.send_modal(ChangeForm(self.interaction_id, str(interaction.locale)))
            return
        await interaction.response.defer()
        async with Answering(interaction, aside=True):
            if self.verb == "go":
                await self._go(interaction)
            else:
                await self._drop(interaction)

    async def _go(self, interaction: discord.Interaction) -> None:
        from bot.discord_io.answers import accepted_text  # noqa: PLC0415 - the two show each other

        services = services_of(interaction)
        accepted = await services.desk.confirm(self.interaction_id, user_id=interaction.user.id)
        services.tracker.wake()
        words = Words(str(interaction.locale))
        await interaction.edit_original_response(content=accepted_text(accepted, words), view=None)

    async def _drop(self, interaction: discord.Interaction) -> None:
        services = services_of(interaction)
        await services.desk.give_up(self.interaction_id, user_id=interaction.user.id)
        words = Words(str(interaction.locale))
        await interaction.edit_original_response(content=words("quote-dropped"), view=None)


class ChangeForm(ui.Modal):
    """Another prompt for a quoted request."""

    def __init__(self, interaction_id: int, locale: str) -> None:
        """`locale` of the member who changes it."""
        words = Words(locale)
        super().__init__(title=words("quote-change-title"), custom_id=f"quote:changed:{interaction_id}")
        self.interaction_id = interaction_id
        self.prompt: ui.TextInput[Any] = ui.TextInput(
            label=words("quote-change-prompt"), style=discord.TextStyle.paragraph, max_length=4000
        )
        self.add_item(self.prompt)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Quote anew."""
        from bot.discord_io.answers import show_answer  # noqa: PLC0415 - the two show each other

        await interaction.response.defer()
        async with Answering(interaction, aside=True):
            services = services_of(interaction)
            quoted = await services.desk.revise(
                self.interaction_id, user_id=interaction.user.id, prompt=self.prompt.value
            )
            await show_answer(interaction, quoted)
