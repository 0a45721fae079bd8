"""`/jobs`: a member's own requests in this server, to the member alone."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import structlog
from discord import app_commands
from discord.ext import commands

from bot.credits import ledger
from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.job_words import Story, job_choices, job_story
from bot.discord_io.messages import video_link, video_name
from bot.discord_io.own_pages import show_page
from bot.discord_io.refusals import discord_refusals
from bot.discord_io.services import services_of
from bot.errors import ChannelUnavailable, StaleJob, StoreUnavailable, UploadTooLarge
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.locale import Words

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

log = structlog.get_logger(__name__)

#: While somebody types, this many of their latest jobs are looked through, for this long (seconds) at most.
_LOOKED_THROUGH = 100
_AUTOCOMPLETE_S = 2.0


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    await bot.add_cog(Jobs())


async def own_jobs(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """The member's latest jobs, from the store alone."""
    return await _choices(interaction, typed, only_open=False)


async def own_open_jobs(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Those that have not ended."""
    return await _choices(interaction, typed, only_open=True)


@app_commands.guild_only()
class Jobs(commands.GroupCog, group_name="jobs", group_description="Your requests in this server"):
    """A member's own jobs."""

    # Named after what it shows; `list` is what the member types.
    @app_commands.command(name="list", description="Your requests in this server, newest first")
    async def list_(self, interaction: discord.Interaction) -> None:
        """Show them in pages."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        await show_page(interaction, "jobs")

    @app_commands.command(description="Everything about one of your requests")
    @app_commands.describe(job="Which request")
    @app_commands.autocomplete(job=own_jobs)
    async def show(self, interaction: discord.Interaction, job: str) -> None:
        """Show one."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        found = await _own(interaction, job)
        if found is None:
            return
        services = services_of(interaction)
        events = await services.database.run(store.events, found.id)
        refunded = await services.database.run(ledger.has_transfer, f"refund:{found.id}")
        kept = await services.kept_videos.find(found)
        story = Story(
            found,
            services.catalogue.get(found.model),
            tuple(events),
            refunded,
            None if kept is None else services.kept_videos.until(found),
        )
        await interaction.edit_original_response(
            view=job_story(story, str(interaction.locale)), allowed_mentions=discord.AllowedMentions.none()
        )

    @app_commands.command(description="Cancel one of your requests")
    @app_commands.describe(job="Which request")
    @app_commands.autocomplete(job=own_open_jobs)
    async def cancel(self, interaction: discord.Interaction, job: str) -> None:
        """Cancel one, and say what became of it."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        found = await _own(interaction, job)
        if found is None:
            return
        words = Words(str(interaction.locale))
        try:
            outcome, _ = await services_of(interaction).canceller.cancel(found.id, by=interaction.user.id)
        except StaleJob:
            await interaction.edit_original_response(content=words("cancel-over"))
            return
        await interaction.edit_original_response(content=words(f"cancel-{outcome}"))

    @app_commands.command(description="Get a video that could not be posted, or find one that was")
    @app_commands.describe(job="Which request")
    @app_commands.autocomplete(job=own_jobs)
    async def resend(self, interaction: discord.Interaction, job: str) -> None:
        """Send a kept video, or say where it is."""
        await acknowledge(interaction, ephemeral=True, thinking=True)
        found = await _own(interaction, job)
        if found is None:
            return
        words = Words(str(interaction.locale))
        services = services_of(interaction)
        kept = services.kept_videos
        until, video = kept.until(found), await kept.find(found)
        if until is not None and video is not None:
            try:
                await _send(interaction, found, video, until, words)
            except FileNotFoundError:
                pass  # its time ran out at this very moment
            else:
                return
        await interaction.edit_original_response(content=_where_it_is(found, until, services.now(), words))


async def _own(interaction: discord.Interaction, job_id: str) -> Job | None:
    """The member's own job in this server; the member is told where there is none with this id."""
    found = await services_of(interaction).database.run(store.find, job_id.strip())
    if found is None or (found.guild_id, found.user_id) != (interaction.guild_id, interaction.user.id):
        await interaction.edit_original_response(content=Words(str(interaction.locale))("jobs-unknown"))
        return None
    return found


def _where_it_is(job: Job, until: int | None, now: int, words: Words) -> str:
    link = video_link(job)
    if until is not None and until <= now:
        return words("resend-gone", when=f"<t:{until // 1000}:R>")
    if job.state is JobState.DELIVERED and link is not None:
        return words("resend-delivered", link=link)
    if not job.ended:
        return words("resend-not-yet")
    return words("resend-none")


async def _send(interaction: discord.Interaction, job: Job, video: Path, until: int, words: Words) -> None:
    """By direct message; where Discord will not take it there, right here."""
    if await services_of(interaction).kept_videos.send(job, video):
        await interaction.edit_original_response(content=words("resend-sent"))
        return
    file = discord.File(video, filename=video_name(job))
    try:
        with discord_refusals():
            await interaction.edit_original_response(content=words("resend-here"), attachments=[file])
    except (UploadTooLarge, ChannelUnavailable) as error:
        log.info("kept video not sendable", job=job.id, reason=error.reason)
        await interaction.edit_original_response(
            content=words("resend-too-large", when=f"<t:{until // 1000}:R>"), attachments=[]
        )


async def _choices(
    interaction: discord.Interaction, typed: str, *, only_open: bool
) -> list[app_commands.Choice[str]]:
    try:
        async with asyncio.timeout(_AUTOCOMPLETE_S):
            found = await services_of(interaction).database.run(
                store.of_member, interaction.guild_id or 0, interaction.user.id, limit=_LOOKED_THROUGH
            )
    except (TimeoutError, StoreUnavailable):
        return []
    jobs = [job for job in found if not (only_open and job.ended)]
    return job_choices(jobs, typed, Words(str(interaction.locale)))
