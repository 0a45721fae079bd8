"""Jobs of a server as choices for an option, offered to moderators while they type."""

from collections.abc import Callable

import discord
from discord import app_commands

from bot.discord_io.moderation_board import state_words
from bot.discord_io.phrases import shorten
from bot.discord_io.services import services_of
from bot.jobs.job import Job
from bot.locale import Words

_MOST = 25
_LENGTH = 100


async def job_choices(
    interaction: discord.Interaction, typed: str, fits: Callable[[Job], bool]
) -> list[app_commands.Choice[str]]:
    """Those of the board's jobs that fit and contain what was typed (id, model or prompt), newest first."""
    if not interaction.permissions.manage_messages:
        return []
    jobs = await services_of(interaction).moderators.waiting_jobs(interaction.guild_id or 0)
    words, wanted = Words(str(interaction.locale)), typed.strip().casefold()
    found = [job for job in reversed(jobs) if fits(job) and wanted in _searched(job)]
    return [app_commands.Choice(name=_name(job, words), value=job.id) for job in found[:_MOST]]


def _searched(job: Job) -> str:
    return f"{job.id} {job.model} {job.prompt}".casefold()


def _name(job: Job, words: Words) -> str:
    """Discord shows it as it is: no markup, no mentions."""
    prompt = " ".join(job.prompt.split())
    text = words("board-choice", job=job.id, state=state_words(job, words), model=job.model, prompt=prompt)
    return shorten(text, _LENGTH)
