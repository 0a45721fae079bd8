"""The audit trail as a list to page through, and as a file."""

import asyncio
import io
import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.audit_lines import audit_row
from bot.discord_io.errors import Answering
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import services_of
from bot.locale import Words
from bot.moderation.audit import Entry
from bot.moderation.audit_export import as_csv
from bot.moderation.desk import ModeratorsDesk

_PER_PAGE = 10
#: Discord shows messages of up to 2,000 characters.
_PAGE_LENGTH = 1900
#: Entries in one file: some megabytes, which every server accepts.
_MOST_EXPORTED = 20_000
#: Entries read in one transaction.
_AT_A_TIME = 1000


async def show_trail(interaction: discord.Interaction, before: int | None) -> None:
    """Show the entries before the one of this id, newest first, in place of the acknowledgement."""
    desk = services_of(interaction).moderators
    entries = await desk.trail(interaction.guild_id or 0, before=before, limit=_PER_PAGE + 1)
    words = Words(str(interaction.locale))
    rows, shown = _fitting(entries[:_PER_PAGE], words)
    lines = [words("audit-title"), *(rows or [words("audit-empty")])]
    older = shown[-1].id if len(entries) > len(shown) else None
    await interaction.edit_original_response(
        content="\n".join(lines),
        view=_turning(before, older, words),
        allowed_mentions=discord.AllowedMentions.none(),
    )


async def send_file(interaction: discord.Interaction) -> None:
    """Put the trail as a file in place of the acknowledgement."""
    entries = await _everything(services_of(interaction).moderators, interaction.guild_id or 0)
    data = await asyncio.to_thread(as_csv, entries)
    words = Words(str(interaction.locale))
    cut = len(entries) >= _MOST_EXPORTED
    await interaction.edit_original_response(
        content=words("audit-file-cut" if cut else "audit-file", count=len(entries)),
        attachments=[discord.File(io.BytesIO(data), filename="audit.csv")],
    )


async def _everything(desk: ModeratorsDesk, guild_id: int) -> list[Entry]:
    """In several transactions: the store does other things in between."""
    found: list[Entry] = []
    while len(found) < _MOST_EXPORTED:
        before = found[-1].id if found else None
        some = await desk.trail(guild_id, before=before, limit=_AT_A_TIME)
        found += some
        if len(some) < _AT_A_TIME:
            break
    return found


def _fitting(entries: Sequence[Entry], words: Words) -> tuple[list[str], list[Entry]]:
    """As many entries as fit into one message, at least the first."""
    rows: list[str] = []
    shown: list[Entry] = []
    for entry in entries:
        row = f"- {audit_row(entry, words)}"
        if rows and sum(map(len, rows)) + len(row) > _PAGE_LENGTH - len(entries):
            break
        rows.append(row)
        shown.append(entry)
    return rows, shown


def _turning(before: int | None, older: int | None, words: Words) -> ui.View:
    view = ui.View(timeout=None)
    newest = TrailButton(0, label=words("button-audit-newest"))
    newest.item.disabled = before is None
    view.add_item(newest)
    if older is not None:
        view.add_item(TrailButton(older, label=words("button-audit-older")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


class TrailButton(ui.DynamicItem[ui.Button[Any]], template=r"audit:before:(?P<entry>\d{1,18})"):
    """Shows the entries before one (0: the newest), for moderators."""

    def __init__(self, entry_id: int, *, label: str = "…") -> None:
        """`label` in the language of the list."""
        self.entry_id = entry_id
        super().__init__(
            ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=f"audit:before:{entry_id}")
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "TrailButton":
        """Make the button again from its id."""
        return cls(int(match["entry"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show them."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            await show_trail(interaction, self.entry_id or None)
