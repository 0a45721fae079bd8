"""The question to the moderators: may this request go on?"""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.catalog import VideoModel
from bot.discord_io.errors import Answering
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.services import services_of
from bot.errors import StaleJob
from bot.jobs.job import Job
from bot.locale import Words

_PROMPT_LENGTH = 1500


def question(job: Job, model: VideoModel, links: Mapping[str, str], words: Words) -> ui.LayoutView:
    """The request with its pictures (`links` by option), and the two buttons."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour.gold())
    lines = [
        words("question-title", member=f"<@{job.user_id}>", channel=f"<#{job.channel_id}>"),
        words("question-facts", title=model.title(job.locale), price=job.price),
        words(f"approval-{job.approval_reason}"),
        *(f"> {line}" for line in escape(shorten(job.prompt, _PROMPT_LENGTH)).splitlines()),
    ]
    box.add_item(ui.TextDisplay("\n".join(lines)))
    seen = [links[item.option] for item in job.inputs if item.kind != "audio" and item.option in links]
    if seen:
        box.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(link) for link in seen[:10])))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(DecisionButton("approve", job.id, label=words("button-approve")))
    row.add_item(DecisionButton("reject", job.id, label=words("button-reject")))
    box.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


class DecisionButton(
    ui.DynamicItem[ui.Button[Any]], template=r"job:(?P<verb>approve|reject):(?P<job>[0-9a-z]{10})"
):
    """Approves or rejects a waiting request, for moderators."""

    def __init__(self, verb: str, job_id: str, *, label: str = "…") -> None:
        """`verb`: `approve` or `reject`."""
        self.verb = verb
        self.job_id = job_id
        styles = {"approve": discord.ButtonStyle.success, "reject": discord.ButtonStyle.danger}
        super().__init__(ui.Button(style=styles[verb], label=label, custom_id=f"job:{verb}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "DecisionButton":
        """Make the button again from its id."""
        return cls(match["verb"], match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Decide; a rejection asks for its reason first."""
        words = Words(str(interaction.locale))
        if not interaction.permissions.manage_messages:
            await interaction.response.send_message(words("moderators-only"), ephemeral=True)
        elif self.verb == "reject":
            await interaction.response.send_modal(RejectionForm(self.job_id, words))
        else:
            await interaction.response.defer()
            async with Answering(interaction, aside=True):
                await decide(interaction, self.job_id, words, reason=None)


class RejectionForm(ui.Modal):
    """Why a request is rejected; the member reads it."""

    def __init__(self, job_id: str, words: Words) -> None:
        """`words` in the moderator's language."""
        super().__init__(title=words("reject-title"), custom_id=f"job:rejected:{job_id}")
        self.job_id = job_id
        self.reason: ui.TextInput[Any] = ui.TextInput(
            label=words("reject-reason"), required=False, max_length=300
        )
        self.add_item(self.reason)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Reject it."""
        await interaction.response.defer()
        async with Answering(interaction, aside=True):
            words = Words(str(interaction.locale))
            await decide(interaction, self.job_id, words, reason=self.reason.value)


async def decide(interaction: discord.Interaction, job_id: str, words: Words, *, reason: str | None) -> None:
    """Approve (no reason) or reject, and put who decided in place of the buttons."""
    desk = services_of(interaction).moderators
    guild_id, by = interaction.guild_id or 0, interaction.user.id
    try:
        if reason is None:
            await desk.approve(guild_id, job_id, by=by)
        else:
            await desk.reject(guild_id, job_id, by=by, reason=reason)
    except StaleJob:
        await interaction.followup.send(words("question-over"), ephemeral=True)
        return
    verb = "approved" if reason is None else "rejected"
    view = ui.LayoutView(timeout=None)
    text = words(f"question-{verb}", moderator=f"<@{by}>", job=job_id, reason=escape(reason or ""))
    view.add_item(ui.TextDisplay(text))
    view.stop()
    await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
