"""`/moderate filter`: the words and patterns that prompts may not have, or that ask a moderator first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import services_of
from bot.locale import Words
from bot.moderation.filters import (
    LONGEST_TEXT,
    MOST_FILTERS,
    Filter,
    Kind,
    PatternRefused,
    TooManyFilters,
    Verdict,
)

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

_MOST_CHOICES = 25
_CHOICE_LENGTH = 100
_LIST_LENGTH = 1800
#: More digits than the store counts to are nobody's id.
_LONGEST_ID = 18
_Text = app_commands.Range[str, 1, LONGEST_TEXT]


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands to `/moderate`, which is loaded before."""
    moderate = bot.tree.get_command("moderate")
    if not isinstance(moderate, app_commands.Group):
        raise TypeError("/moderate has to be loaded first")
    moderate.add_command(Filters(name="filter", description="Words and patterns to refuse or to look at"))


class Filters(app_commands.Group):
    """A server's filters."""

    @app_commands.command(description="Refuse prompts with this word or pattern, or look at them first")
    @app_commands.describe(
        kind="A word as such, or a regular expression (RE2) found anywhere",
        text="The word, several words, or the expression",
        action="What happens to prompts that have it",
    )
    @app_commands.choices(
        kind=[
            app_commands.Choice(name="word", value=Kind.WORD),
            app_commands.Choice(name="pattern", value=Kind.PATTERN),
        ],
        action=[
            app_commands.Choice(name="refuse", value=Verdict.REFUSE),
            app_commands.Choice(name="ask a moderator", value=Verdict.APPROVE),
        ],
    )
    async def add(self, interaction: discord.Interaction, kind: str, text: _Text, action: str) -> None:
        """Add one."""
        await _acknowledge(interaction)
        words, verdict = _words(interaction), Verdict(action)
        desk, guild_id = services_of(interaction).moderators, interaction.guild_id or 0
        try:
            added = await desk.add_filter(guild_id, Kind(kind), text, verdict, by=interaction.user.id)
        except PatternRefused as error:
            answer = words("filter-refused", reason=escape(shorten(str(error), _CHOICE_LENGTH)))
        except TooManyFilters:
            answer = words("filter-too-many", limit=MOST_FILTERS)
        else:
            name = "filter-added" if added else "filter-known"
            answer = words(name, text=escape(text), verdict=verdict)
            settings = await desk.settings(guild_id)
            if added and verdict is Verdict.APPROVE and settings.moderators_channel is None:
                answer += "\n" + words("filter-added-nobody-to-ask")
        await interaction.edit_original_response(content=answer)

    @app_commands.command(description="Take a filter away")
    @app_commands.describe(entry="Which one; they are offered while you type")
    async def remove(self, interaction: discord.Interaction, entry: str) -> None:
        """Remove one."""
        await _acknowledge(interaction)
        words, desk = _words(interaction), services_of(interaction).moderators
        removed = None
        if entry.isdecimal() and len(entry) <= _LONGEST_ID:
            guild_id = interaction.guild_id or 0
            removed = await desk.remove_filter(guild_id, int(entry), by=interaction.user.id)
        if removed is None:
            answer = words("filter-unknown")
        else:
            answer = words("filter-removed", text=escape(removed.text))
        await interaction.edit_original_response(content=answer)

    @remove.autocomplete("entry")
    async def _entries(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        if not interaction.permissions.manage_messages:
            return []
        found = await services_of(interaction).moderators.filters(interaction.guild_id or 0)
        words, wanted = _words(interaction), typed.strip().casefold()
        fitting = [item for item in found if wanted in item.text.casefold()][:_MOST_CHOICES]
        return [app_commands.Choice(name=_choice(item, words), value=str(item.id)) for item in fitting]

    @app_commands.command(name="list", description="The filters of this server")
    async def show(self, interaction: discord.Interaction) -> None:
        """Show them."""
        await _acknowledge(interaction)
        found = await services_of(interaction).moderators.filters(interaction.guild_id or 0)
        await interaction.edit_original_response(content=_list(found, _words(interaction)))


async def _acknowledge(interaction: discord.Interaction) -> None:
    await acknowledge(interaction, ephemeral=True, thinking=True)
    require(interaction, MODERATE)


def _words(interaction: discord.Interaction) -> Words:
    return Words(str(interaction.locale))


def _choice(item: Filter, words: Words) -> str:
    name = words("filter-choice", verdict=item.action, kind=item.kind, text=item.text)
    return shorten(name, _CHOICE_LENGTH)


def _list(found: Sequence[Filter], words: Words) -> str:
    if not found:
        return words("filter-none")
    lines = [words("filter-title")]
    for place, item in enumerate(found):
        line = words("filter-line", verdict=item.action, kind=item.kind, text=escape(item.text))
        if sum(map(len, lines)) + len(lines) + len(line) > _LIST_LENGTH:
            lines.append(words("filter-more", count=len(found) - place))
            break
        lines.append(line)
    return "\n".join(lines)
