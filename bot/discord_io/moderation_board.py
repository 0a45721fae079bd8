"""The moderators' board: the open requests of a server, with what can be done about each."""

import re
from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.catalog import Catalogue
from bot.clock import Now
from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.questions import question
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import Services, services_of
from bot.discord_io.settle_buttons import settle_view
from bot.errors import StaleJob
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.locale import Words

#: Requests on one page: three components each, of the forty that a message may have.
PER_PAGE = 8
_PROMPT_LENGTH = 120
#: What can be done about a job, by its state; everything else can be stopped.
_VERBS = {JobState.AWAITING_APPROVAL: "decide", JobState.UNCERTAIN: "settle"}
_STYLES = {
    "decide": discord.ButtonStyle.primary,
    "settle": discord.ButtonStyle.primary,
    "stop": discord.ButtonStyle.danger,
}


async def show_board(interaction: discord.Interaction, page: int) -> None:
    """Show a page of the board, as it is now, in place of the acknowledgement."""
    services = services_of(interaction)
    jobs = await services.moderators.waiting_jobs(interaction.guild_id or 0)
    words = Words(str(interaction.locale))
    view = board(jobs, page, services.catalogue, words, now=services.now)
    await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())


def board(jobs: Sequence[Job], page: int, catalogue: Catalogue, words: Words, *, now: Now) -> ui.LayoutView:
    """A page (counted from 0; the last one where there are not so many) of the jobs, oldest first."""
    pages = max(1, -(-len(jobs) // PER_PAGE))
    page = min(page, pages - 1)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=discord.Colour.blurple())
    box.add_item(ui.TextDisplay(words("board-title")))
    for job in jobs[page * PER_PAGE : (page + 1) * PER_PAGE]:
        box.add_item(_row(job, catalogue, words))
    if not jobs:
        box.add_item(ui.TextDisplay(words("board-empty")))
    when = f"<t:{now() // 1000}:T>"
    box.add_item(ui.TextDisplay(words("board-page", page=page + 1, pages=pages, count=len(jobs), when=when)))
    box.add_item(_turning(page, pages, words))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    # Found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


def state_words(job: Job, words: Words) -> str:
    """Where a job stands, in a few words."""
    state = words(f"board-state-{job.state}")
    return words("board-stopping", state=state) if job.cancel_requested_at and not job.ended else state


def _row(job: Job, catalogue: Catalogue, words: Words) -> ui.Section[Any]:
    title = catalogue.entry(job.model).title(job.locale)
    when = f"<t:{job.created_at // 1000}:R>"
    lines = [
        words("board-row", title=title, member=f"<@{job.user_id}>", when=when),
        f"> {escape(shorten(job.prompt, _PROMPT_LENGTH))}",
        words("board-row-facts", state=state_words(job, words), price=job.price, job=job.id),
    ]
    verb = _VERBS.get(job.state, "stop")
    button = BoardButton(verb, job.id, label=words(f"button-board-{verb}"))
    return ui.Section(ui.TextDisplay("\n".join(lines)), accessory=button)


def _turning(page: int, pages: int, words: Words) -> ui.ActionRow[ui.LayoutView]:
    """Back, refresh, on. Two buttons may not have one id: where they lead to the same page, they differ."""
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for turn, target in (("back", page - 1), ("refresh", page), ("on", page + 1)):
        there = min(max(target, 0), pages - 1)
        button = PageButton(turn, there, label=words(f"button-board-{turn}"))
        button.item.disabled = turn != "refresh" and there == page
        row.add_item(button)
    return row


class PageButton(
    ui.DynamicItem[ui.Button[Any]], template=r"board:(?P<turn>back|refresh|on):(?P<page>\d{1,4})"
):
    """Shows a page of the board anew, for moderators."""

    def __init__(self, turn: str, page: int, *, label: str = "…") -> None:
        """`turn` tells buttons apart that lead to the same `page`."""
        self.turn = turn
        self.page = page
        super().__init__(
            ui.Button(
                style=discord.ButtonStyle.secondary, label=label, custom_id=f"board:{turn}:{min(page, 9999)}"
            )
        )

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "PageButton":
        """Make the button again from its id."""
        return cls(match["turn"], int(match["page"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page as it is now."""
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            require(interaction, MODERATE)
            await show_board(interaction, self.page)


class BoardButton(
    ui.DynamicItem[ui.Button[Any]], template=r"board:(?P<verb>decide|stop|settle):(?P<job>[0-9a-z]{10})"
):
    """What can be done about one request of the board, for moderators."""

    def __init__(self, verb: str, job_id: str, *, label: str = "…") -> None:
        """`verb`: `decide` about a waiting request, `stop` an open one, `settle` an uncertain one."""
        self.verb = verb
        self.job_id = job_id
        super().__init__(ui.Button(style=_STYLES[verb], label=label, custom_id=f"board:{verb}:{job_id}"))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "BoardButton":
        """Make the button again from its id."""
        return cls(match["verb"], match["job"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Stop the job, or show what there is to decide, to the moderator alone."""
        async with Answering(interaction):
            await acknowledge(interaction, ephemeral=True, thinking=True)
            require(interaction, MODERATE)
            services, words = services_of(interaction), Words(str(interaction.locale))
            job = await services.database.run(store.find, self.job_id)
            if job is None or job.guild_id != interaction.guild_id:
                await interaction.edit_original_response(content=words("moderate-unknown"))
            elif self.verb == "stop":
                text = await stop(services, job.guild_id, job.id, by=interaction.user.id, words=words)
                await interaction.edit_original_response(content=text)
            else:
                await self._show(interaction, job, services, words)

    async def _show(
        self, interaction: discord.Interaction, job: Job, services: Services, words: Words
    ) -> None:
        if self.verb == "decide" and job.state is JobState.AWAITING_APPROVAL:
            links = await services.moderators.poster.input_links(job)
            view = question(job, services.catalogue.entry(job.model), links, words)
            await interaction.edit_original_response(view=view)
        elif self.verb == "settle" and job.state is JobState.UNCERTAIN and job.reconciled_at is None:
            when = f"<t:{(job.submitted_at or job.created_at) // 1000}:f>"
            text = words("settle-question", job=job.id, when=when)
            await interaction.edit_original_response(content=text, view=settle_view(job.id, words))
        else:
            await interaction.edit_original_response(content=words("question-over"))


async def stop(services: Services, guild_id: int, job_id: str, *, by: int, words: Words) -> str:
    """Cancel a job for a moderator; what to say about it."""
    try:
        outcome, job = await services.moderators.cancel(guild_id, job_id, by=by)
    except StaleJob:
        return words("moderate-unknown")
    return words(f"moderate-{outcome}", member=f"<@{job.user_id}>")
