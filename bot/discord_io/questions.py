"""The question to the moderators: may this request go on?"""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import discord
from discord import ui

from bot.catalog import VideoModel
from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.audit_lines import audit_line
from bot.discord_io.errors import Answering
from bot.discord_io.forms import Form
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import services_of
from bot.errors import StaleJob
from bot.jobs.job import Job
from bot.locale import Words
from bot.moderation.audit import Action, Entry

_PROMPT_LENGTH = 1500
_MOST_PICTURES = 10
_REASON_LENGTH = 300
_STYLES = {"approve": discord.ButtonStyle.success, "reject": discord.ButtonStyle.danger}


def question(job: Job, model: VideoModel, links: Mapping[str, str], words: Words) -> ui.LayoutView:
    """The request with its pictures (`links` by option), and the two buttons."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour.gold())
    box.add_item(ui.TextDisplay("\n".join(_request(job, model, words))))
    seen = [links[item.option] for item in job.inputs if item.kind != "audio" and item.option in links]
    if seen:
        box.add_item(ui.MediaGallery(*(discord.MediaGalleryItem(link) for link in seen[:_MOST_PICTURES])))
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for verb in _STYLES:
        row.add_item(DecisionButton(verb, job.id, label=words(f"button-{verb}")))
    box.add_item(row)
    return _stopped(box)


def closed_question(job: Job, model: VideoModel, entry: Entry, words: Words) -> ui.LayoutView:
    """The same request once its wait has ended: what became of it in place of pictures and buttons."""
    colour = discord.Colour.green() if entry.action is Action.APPROVED else discord.Colour.light_grey()
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=colour)
    box.add_item(ui.TextDisplay("\n".join(_request(job, model, words))))
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay(audit_line(entry, job, words)))
    return _stopped(box)


def _request(job: Job, model: VideoModel, words: Words) -> list[str]:
    return [
        words("question-title", member=f"<@{job.user_id}>", channel=f"<#{job.channel_id}>"),
        words("question-facts", title=model.title(job.locale), price=job.price),
        words(f"approval-{job.approval_reason}"),
        *(f"> {line}" for line in escape(shorten(job.prompt, _PROMPT_LENGTH)).splitlines()),
    ]


def _stopped(box: ui.Container[ui.LayoutView]) -> ui.LayoutView:
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
        super().__init__(ui.Button(style=_STYLES[verb], label=label, custom_id=f"job:{verb}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "DecisionButton":
        """Make the button again from its id."""
        return cls(match["verb"], match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Decide; a rejection asks for its reason first."""
        if self.verb == "reject" and interaction.permissions.manage_messages:
            async with Answering(interaction):
                await RejectionForm(self.job_id, Words(str(interaction.locale))).show(interaction)
            return
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            await _decide(interaction, self.job_id, reason=None)


class RejectionForm(Form):
    """Why a request is rejected; the member reads it."""

    template = re.compile(r"job:rejected:(?P<job>[0-9a-z]{10})")

    def __init__(self, job_id: str, words: Words) -> None:
        """`words` in the moderator's language."""
        super().__init__(title=words("reject-title"), custom_id=f"job:rejected:{job_id}")
        reason: ui.TextInput[Any] = ui.TextInput(
            custom_id="reason", required=False, max_length=_REASON_LENGTH
        )
        self.add_item(ui.Label(text=words("reject-reason"), component=reason))

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Reject it."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            await _decide(interaction, match["job"], reason=typed.get("reason", "").strip())


async def _decide(interaction: discord.Interaction, job_id: str, *, reason: str | None) -> None:
    """Approve (no reason) or reject, and put what became of the request in place of the buttons."""
    services = services_of(interaction)
    desk, guild_id, by = services.moderators, interaction.guild_id or 0, interaction.user.id
    try:
        if reason is None:
            await desk.approve(guild_id, job_id, by=by)
        else:
            await desk.reject(guild_id, job_id, by=by, reason=reason)
    except StaleJob:
        await interaction.followup.send(Words(str(interaction.locale))("question-over"), ephemeral=True)
    decided = await desk.decision_about(guild_id, job_id)
    if decided is None:
        return
    job, entry = decided
    view = closed_question(job, services.catalogue.entry(job.model), entry, Words(job.locale))
    with suppress(discord.NotFound):  # somebody deleted the question
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
