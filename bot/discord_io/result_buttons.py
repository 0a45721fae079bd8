"""The buttons under a posted video: Again, Edit & run, Delete, Report. They outlive the process.

Whoever presses one acts for themselves: another video is their own request, with their credits and limits.
"""

import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.answers import show_answer
from bot.discord_io.errors import Answering
from bot.discord_io.forms import Form, prompt_fields, prompt_of
from bot.discord_io.preflight import check_bot_can_post
from bot.discord_io.services import parent_of, role_ids_of, services_of
from bot.errors import StaleJob, VideoGone
from bot.jobs import repeating, store
from bot.jobs.job import Job, OptionValue
from bot.jobs.requests import Request
from bot.jobs.states import JobState
from bot.locale import Words
from bot.moderation import reports

_LONGEST_REASON = 500
_STYLES = {"delete": discord.ButtonStyle.danger, "delete-now": discord.ButtonStyle.danger}


def result_buttons(job: Job, words: Words) -> ui.View:
    """The buttons for a job's video."""
    return _view(job.id, words, "again", "edit", "delete", "report")


class ResultButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"job:(?P<verb>again|edit|delete|delete-now|report):(?P<job>[0-9a-z]{10})",
):
    """One of the buttons under a video, or the one that confirms a deletion."""

    def __init__(self, verb: str, job_id: str, *, label: str = "…") -> None:
        """`verb`: `again`, `edit`, `delete`, `delete-now` or `report`."""
        self.verb = verb
        self.job_id = job_id
        style = _STYLES.get(verb, discord.ButtonStyle.secondary)
        super().__init__(ui.Button(style=style, label=label, custom_id=f"job:{verb}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "ResultButton":
        """Make the button again from its id."""
        return cls(match["verb"], match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Find the video, then do what the button says."""
        does = {
            "again": _again,
            "edit": _open_edit_form,
            "delete": _ask_before_deleting,
            "delete-now": _delete,
            "report": _open_report_form,
        }
        # A form can only be the first answer; everything else is acknowledged before it is begun.
        async with Answering(interaction, aside=self.verb == "delete-now"):
            if self.verb == "delete-now":
                await acknowledge(interaction)
            elif self.verb not in ("edit", "report"):
                await acknowledge(interaction, ephemeral=True, thinking=True)
            job = await _posted(interaction, self.job_id)
            await does[self.verb](interaction, job)


class EditForm(Form):
    """Another prompt for the same request."""

    template = re.compile(r"job:edited:(?P<job>[0-9a-z]{10})")

    def __init__(self, job: Job, words: Words) -> None:
        """`words` in the language of the member who edits."""
        super().__init__(title=words("edit-title"), custom_id=f"job:edited:{job.id}")
        for field in prompt_fields(words, job.prompt):
            self.add_item(field)

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Ask with the new prompt."""
        async with Answering(interaction):
            await acknowledge(interaction, ephemeral=True, thinking=True)
            job = await _posted(interaction, match["job"])
            model = services_of(interaction).catalogue.offered(job.model)
            await _ask(interaction, job, repeating.edited(job, model, prompt_of(typed)))


class ReportForm(Form):
    """Why a video should not be there; moderators read it."""

    template = re.compile(r"job:reported:(?P<job>[0-9a-z]{10})")

    def __init__(self, job: Job, words: Words) -> None:
        """`words` in the language of the member who reports."""
        super().__init__(title=words("report-title"), custom_id=f"job:reported:{job.id}")
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id="reason", style=discord.TextStyle.paragraph, max_length=_LONGEST_REASON
        )
        self.add_item(ui.Label(text=words("report-reason"), component=field))

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Write the report down; the moderators are told by the audit trail."""
        async with Answering(interaction):
            await acknowledge(interaction, ephemeral=True, thinking=True)
            job = await _posted(interaction, match["job"])
            await _report(interaction, job, typed.get("reason", ""))


async def _posted(interaction: discord.Interaction, job_id: str) -> Job:
    """The job whose video is posted in the channel of the interaction: ids can be made up.

    Raises:
        VideoGone: there is none.
    """
    job = await services_of(interaction).database.run(store.find, job_id)
    if (
        job is None
        or job.guild_id != interaction.guild_id
        or job.channel_id != interaction.channel_id
        or job.state is not JobState.DELIVERED
        or job.taken_down_at is not None
    ):
        raise VideoGone
    return job


async def _again(interaction: discord.Interaction, job: Job) -> None:
    model = services_of(interaction).catalogue.offered(job.model)
    await _ask(interaction, job, repeating.again(job, model))


async def _ask(interaction: discord.Interaction, job: Job, values: Mapping[str, OptionValue]) -> None:
    """Ask as the slash command does, for the member who pressed; the files are looked at once more."""
    check_bot_can_post(interaction)
    services = services_of(interaction)
    attachments = await repeating.inputs_again(job, services.moderators.poster)
    answer = await services.desk.ask(
        Request(
            interaction_id=interaction.id,
            guild_id=job.guild_id,
            channel_id=job.channel_id,
            parent_channel_id=parent_of(interaction),
            user_id=interaction.user.id,
            locale=str(interaction.guild_locale or interaction.locale),
            model=job.model,
            values=values,
            attachments=attachments,
            role_ids=role_ids_of(interaction),
        )
    )
    services.tracker.wake()
    await show_answer(interaction, answer)


async def _open_edit_form(interaction: discord.Interaction, job: Job) -> None:
    services_of(interaction).catalogue.offered(job.model)  # before somebody types for nothing
    await EditForm(job, Words(str(interaction.locale))).show(interaction)


async def _ask_before_deleting(interaction: discord.Interaction, job: Job) -> None:
    words = Words(str(interaction.locale))
    if not _may_delete(interaction, job):
        await interaction.edit_original_response(content=words("delete-not-yours"))
        return
    view = _view(job.id, words, "delete-now")
    await interaction.edit_original_response(content=words("delete-sure"), view=view)


async def _delete(interaction: discord.Interaction, job: Job) -> None:
    words = Words(str(interaction.locale))
    if not _may_delete(interaction, job):
        # The button was not theirs to begin with: the message it was on is left alone.
        await interaction.followup.send(words("delete-not-yours"), ephemeral=True)
        return
    moderators = services_of(interaction).moderators
    try:
        await moderators.take_down(job.guild_id, job.id, by=interaction.user.id, refund=False, reason="")
    except StaleJob as error:
        raise VideoGone from error
    await interaction.edit_original_response(content=words("delete-done"), view=None)


async def _open_report_form(interaction: discord.Interaction, job: Job) -> None:
    words = Words(str(interaction.locale))
    if interaction.user.id == job.user_id:
        await interaction.response.send_message(words("report-own"), ephemeral=True)
    else:
        await ReportForm(job, words).show(interaction)


async def _report(interaction: discord.Interaction, job: Job, reason: str) -> None:
    words, services = Words(str(interaction.locale)), services_of(interaction)
    if interaction.user.id == job.user_id:
        await interaction.edit_original_response(content=words("report-own"))
        return
    at, by = services.now(), interaction.user.id
    try:
        is_new = await services.database.run(
            reports.report, job.guild_id, job.id, user_id=by, reason=reason, at=at
        )
    except StaleJob as error:
        raise VideoGone from error
    text = words("report-sent") if is_new else words("report-twice")
    await interaction.edit_original_response(content=text)


def _may_delete(interaction: discord.Interaction, job: Job) -> bool:
    return interaction.user.id == job.user_id or interaction.permissions.manage_messages


def _view(job_id: str, words: Words, *verbs: str) -> ui.View:
    view = ui.View(timeout=None)
    for verb in verbs:
        view.add_item(ResultButton(verb, job_id, label=words(f"button-result-{verb}")))
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view
