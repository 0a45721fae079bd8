"""Forms that outlive the process: what they are for is in their ids, and any process reads what was typed.

discord.py remembers an open form in memory, one per id: it would drop what is sent in after a restart, and
what the second of two people sends in who opened the same form.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.discord_io.served import is_served
from bot.locale import Words

#: Discord's longest text field, in characters. A prompt can be longer: then it has a second field.
_FIELD = 4000
_PROMPT, _REST = "prompt", "prompt-rest"


class Form(ui.Modal):
    """A form with everything it is for in its id.

    Attributes:
        template: what the ids of this kind of form look like.
    """

    template: ClassVar[re.Pattern[str]]

    @classmethod
    @abstractmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Somebody sent the form in; `typed` is by the ids of its fields."""

    async def show(self, interaction: discord.Interaction) -> None:
        """Open the form in answer to an interaction."""
        # Found by its id, by any process: the library need not remember it.
        self.stop()
        await interaction.response.send_modal(self)


async def answer_form(interaction: discord.Interaction, forms: Iterable[type[Form]]) -> None:
    """Give what was sent in to its kind of form."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return
    data: Any = interaction.data
    for form in forms:
        match = form.template.fullmatch(data["custom_id"])
        if match is not None and await is_served(interaction):
            await form.received(interaction, match, dict(_typed(data["components"])))


def prompt_fields(words: Words, prompt: str) -> list[ui.Label[Any]]:
    """Fields for a prompt, filled in with the present one."""
    first, rest = _halves(prompt)
    fields = [_field(words("form-prompt"), _PROMPT, first)]
    return [*fields, _field(words("form-prompt-rest"), _REST, rest)] if rest else fields


def prompt_of(typed: Mapping[str, str]) -> str:
    """The prompt as it was typed."""
    first, rest = typed.get(_PROMPT, ""), typed.get(_REST, "")
    # Cut in the middle of a word only where the first field was full.
    return first + rest if len(first) == _FIELD or not rest else f"{first} {rest}"


def _halves(prompt: str) -> tuple[str, str]:
    if len(prompt) <= _FIELD:
        return prompt, ""
    space = prompt.rfind(" ", 0, _FIELD)
    return (prompt[:_FIELD], prompt[_FIELD:]) if space < 1 else (prompt[:space], prompt[space + 1 :])


def _field(label: str, custom_id: str, text: str) -> ui.Label[Any]:
    field: ui.TextInput[Any] = ui.TextInput(
        custom_id=custom_id,
        style=discord.TextStyle.paragraph,
        default=text,
        max_length=_FIELD,
        required=custom_id == _PROMPT,
    )
    return ui.Label(text=label, component=field)


def _typed(components: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The text fields of what was sent in, however they were wrapped."""
    for item in components:
        if isinstance(item.get("value"), str):
            yield item["custom_id"], item["value"]
        inner = item.get("components") or ([item["component"]] if item.get("component") else [])
        yield from _typed(inner)
