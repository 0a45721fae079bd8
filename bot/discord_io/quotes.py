"""The buttons under a quote: Generate, Change, Never mind. They outlive the process."""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.answer_words import accepted_text, quote_text
from bot.discord_io.errors import Answering
from bot.discord_io.forms import Form, prompt_fields, prompt_of
from bot.discord_io.services import services_of
from bot.jobs.requests import Quoted
from bot.locale import Words


async def show_quote(interaction: discord.Interaction, quoted: Quoted, words: Words) -> None:
    """Show the quote in place of whatever the interaction showed before."""
    view = ui.View(timeout=None)
    for verb in ("go", "change", "drop"):
        view.add_item(QuoteButton(verb, quoted.new.interaction_id, label=words(f"button-quote-{verb}")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    await interaction.edit_original_response(content=quote_text(quoted, words), view=view)


class QuoteButton(
    ui.DynamicItem[ui.Button[Any]], template=r"quote:(?P<verb>go|change|drop):(?P<id>\d{1,20})"
):
    """One of the buttons under a quote; the id is the interaction that asked.

    The store gives a quote to the member it was made for alone, whoever presses.
    """

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
            # A form can only be the first answer: the store is read before it.
            async with Answering(interaction):
                await self._change(interaction)
            return
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            if self.verb == "go":
                await self._go(interaction)
            else:
                await self._drop(interaction)

    async def _change(self, interaction: discord.Interaction) -> None:
        desk = services_of(interaction).desk
        prompt = await desk.quoted_prompt(self.interaction_id, user_id=interaction.user.id)
        form = ChangeForm(self.interaction_id, prompt, Words(str(interaction.locale)))
        await form.show(interaction)

    async def _go(self, interaction: discord.Interaction) -> None:
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


class ChangeForm(Form):
    """Another prompt for a quoted request; everything else stays."""

    template = re.compile(r"quote:changed:(?P<id>\d{1,20})")

    def __init__(self, interaction_id: int, prompt: str, words: Words) -> None:
        """`prompt` is the present one."""
        super().__init__(title=words("quote-change-title"), custom_id=f"quote:changed:{interaction_id}")
        for field in prompt_fields(words, prompt):
            self.add_item(field)

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Quote anew, in place of the old quote."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            quoted = await services_of(interaction).desk.revise(
                int(match["id"]), user_id=interaction.user.id, prompt=prompt_of(typed)
            )
            await show_quote(interaction, quoted, Words(str(interaction.locale)))
