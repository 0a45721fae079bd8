"""A job's messages and files in Discord: where they are, what they are called, how large they may be."""

from typing import Final

import discord

from bot.discord_io.refusals import discord_refusals
from bot.jobs.job import Job

#: What every server accepts; boosts raise it. The server's own answer (413) is the truth.
DEFAULT_UPLOAD_BYTES: Final = 10 * 1024 * 1024


def video_name(job: Job) -> str:
    """A name that tells the job, so that the message can be found by it."""
    return f"{job.model}-{job.id}.mp4"


def card_link(job: Job) -> str | None:
    """The address of the job's card, if it has one."""
    return _link(job, job.card_message_id)


def video_link(job: Job) -> str | None:
    """The address of the posted video; None where there is none, or none any more."""
    return None if job.taken_down_at is not None else _link(job, job.result_message_id)


async def upload_limit(bot: discord.Client, guild_id: int) -> int:
    """Bytes the server accepts for one file from the bot itself; a member's subscription is no help.

    Raises:
        DeliveryError: Discord did not say.
    """
    guild = bot.get_guild(guild_id)
    if guild is None:
        with discord_refusals(bot):
            guild = await bot.fetch_guild(guild_id, with_counts=False)
    return max(guild.filesize_limit, DEFAULT_UPLOAD_BYTES)


def _link(job: Job, message_id: int | None) -> str | None:
    if message_id is None:
        return None
    return f"https://discord.com/channels/{job.guild_id}/{job.channel_id}/{message_id}"
