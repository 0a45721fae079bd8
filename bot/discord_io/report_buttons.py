"""The buttons under a report in the moderators' channel: take the video down, refund it, block its maker."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.forms import Form
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import Services, services_of
from bot.errors import DeliveryError, StaleJob
from bot.jobs import store
from bot.jobs.job import Job
from bot.locale import Words
from bot.moderation.durations import DurationRefused, parse_duration

_STYLES = {
    "down": discord.ButtonStyle.danger,
    "refund": discord.ButtonStyle.danger,
    "block": discord.ButtonStyle.secondary,
}
_USUAL_BLOCK = "7d"
_REASON_LENGTH = 300


def report_view(job: Job, words: Words) -> ui.View:
    """What can be done about a reported video: fewer things once it was taken down."""
    view = ui.View(timeout=None)
    for verb in ("block",) if job.taken_down_at is not None else _STYLES:
        view.add_item(ReportAction(verb, job.id, label=words(f"reported-{verb}")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


class ReportAction(
    ui.DynamicItem[ui.Button[Any]], template=r"report:(?P<verb>down|refund|block):(?P<job>[0-9a-z]{10})"
):
    """One of the buttons under a report, for moderators."""

    def __init__(self, verb: str, job_id: str, *, label: str = "…") -> None:
        """`verb`: `down`, `refund` (take down and refund) or `block`."""
        self.verb = verb
        self.job_id = job_id
        super().__init__(ui.Button(style=_STYLES[verb], label=label, custom_id=f"report:{verb}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "ReportAction":
        """Make the button again from its id."""
        return cls(match["verb"], match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Take the video down at once; a block asks for how long first."""
        if self.verb == "block" and interaction.permissions.manage_messages:
            async with Answering(interaction):
                await BlockForm(self.job_id, Words(str(interaction.locale))).show(interaction)
            return
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            await self._take_down(interaction, Words(str(interaction.locale)))

    async def _take_down(self, interaction: discord.Interaction, words: Words) -> None:
        desk = services_of(interaction).moderators
        guild_id, by, refund = interaction.guild_id or 0, interaction.user.id, self.verb == "refund"
        try:
            job = await desk.take_down(guild_id, self.job_id, by=by, refund=refund, reason="")
        except StaleJob:
            await interaction.followup.send(words("reported-over"), ephemeral=True)
            return
        except DeliveryError:
            await interaction.followup.send(words("reported-discord"), ephemeral=True)
            return
        done = words("reported-done-refund" if refund else "reported-done", actor=f"<@{by}>")
        before = interaction.message.content if interaction.message else ""
        with suppress(discord.NotFound):  # somebody deleted the report
            await interaction.edit_original_response(
                content=f"{before}\n{done}",
                view=report_view(job, words),
                allowed_mentions=discord.AllowedMentions.none(),
            )


class BlockForm(Form):
    """For how long, and why, the maker of a reported video is blocked."""

    template = re.compile(r"report:blocked:(?P<job>[0-9a-z]{10})")

    def __init__(self, job_id: str, words: Words) -> None:
        """`words` in the moderator's language."""
        super().__init__(title=words("block-title"), custom_id=f"report:blocked:{job_id}")
        duration: ui.TextInput[Any] = ui.TextInput(custom_id="duration", default=_USUAL_BLOCK, max_length=20)
        reason: ui.TextInput[Any] = ui.TextInput(custom_id="reason", max_length=_REASON_LENGTH)
        self.add_item(ui.Label(text=words("block-duration"), component=duration))
        self.add_item(ui.Label(text=words("block-reason"), component=reason))

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Block the maker of the video."""
        async with Answering(interaction):
            await acknowledge(interaction, ephemeral=True, thinking=True)
            require(interaction, MODERATE)
            words, services = Words(str(interaction.locale)), services_of(interaction)
            job = await services.database.run(store.find, match["job"])
            if job is None or job.guild_id != interaction.guild_id:
                text = words("reported-over")
            else:
                text = await block(
                    services,
                    job.guild_id,
                    job.user_id,
                    by=interaction.user.id,
                    duration=typed.get("duration", ""),
                    reason=typed.get("reason", "").strip(),
                    words=words,
                )
            await interaction.edit_original_response(content=text)


async def block(
    services: Services, guild_id: int, user_id: int, *, by: int, duration: str, reason: str, words: Words
) -> str:
    """Block a member for a duration as it was typed; what to say about it."""
    try:
        for_ms = parse_duration(duration)
    except DurationRefused as error:
        return words("moderate-bad-duration", text=escape(shorten(error.text, 50)))
    entry = await services.moderators.block(guild_id, user_id, by=by, reason=reason, for_ms=for_ms)
    until = "never" if entry.until is None else f"<t:{entry.until // 1000}:f>"
    return words("moderate-blocked", member=f"<@{user_id}>", until=until)
