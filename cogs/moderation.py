"""`/moderate`: what those who may manage messages can stop, settle, block and look up."""

from collections import Counter
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.audit_list import send_file, show_trail
from bot.discord_io.job_choices import job_choices
from bot.discord_io.moderation_board import show_board, stop
from bot.discord_io.report_buttons import block
from bot.discord_io.rights import MODERATE, require
from bot.discord_io.services import services_of
from bot.discord_io.settle_buttons import settle
from bot.jobs.cancelling import CancelOutcome
from bot.jobs.states import JobState
from bot.locale import Words
from bot.moderation.interventions import Settlement

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

_Reason = app_commands.Range[str, 1, 300]
_Typed = app_commands.Range[str, 1, 100]
_Choices = list[app_commands.Choice[str]]


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    await bot.add_cog(Moderation())


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class Moderation(commands.GroupCog, group_name="moderate", group_description="Keep the requests in order"):
    """What moderators do; everything is about the server it is done in."""

    @app_commands.command(description="The open requests of this server, and what waits for a moderator")
    async def queue(self, interaction: discord.Interaction) -> None:
        """Show the board."""
        await _acknowledge(interaction)
        await show_board(interaction, 0)

    @app_commands.command(description="Stop a request, or keep its video back if it is being made already")
    @app_commands.describe(job="Which one; open requests are offered while you type")
    async def cancel(self, interaction: discord.Interaction, job: _Typed) -> None:
        """Stop it, and say honestly what became of it."""
        await _acknowledge(interaction)
        text = await stop(
            services_of(interaction),
            interaction.guild_id or 0,
            job.strip(),
            by=interaction.user.id,
            words=_words(interaction),
        )
        await interaction.edit_original_response(content=text)

    @cancel.autocomplete("job")
    async def _open_jobs(self, interaction: discord.Interaction, typed: str) -> _Choices:
        return await job_choices(interaction, typed, lambda job: not job.ended)

    @app_commands.command(name="cancel-member", description="Stop all open requests of one member")
    @app_commands.describe(member="Whose requests")
    async def cancel_member(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Stop them all."""
        await _acknowledge(interaction)
        desk, words = services_of(interaction).moderators, _words(interaction)
        outcomes = await desk.cancel_member(interaction.guild_id or 0, member.id, by=interaction.user.id)
        await interaction.edit_original_response(content=_outcomes_text(member.id, outcomes, words))

    @app_commands.command(description="Keep a member from asking for videos, for a while or for good")
    @app_commands.describe(
        member="Who",
        duration="For how long: 30m, 12h, 7d, 2w or forever",
        reason="Why; the member reads it",
    )
    async def block(
        self, interaction: discord.Interaction, member: discord.User, duration: _Typed, reason: _Reason
    ) -> None:
        """Block them."""
        await _acknowledge(interaction)
        text = await block(
            services_of(interaction),
            interaction.guild_id or 0,
            member.id,
            by=interaction.user.id,
            duration=duration,
            reason=reason,
            words=_words(interaction),
        )
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Let a blocked member ask for videos again")
    @app_commands.describe(member="Who")
    async def unblock(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Lift the block."""
        await _acknowledge(interaction)
        desk, words = services_of(interaction).moderators, _words(interaction)
        lifted = await desk.unblock(interaction.guild_id or 0, member.id, by=interaction.user.id)
        text = words("moderate-unblocked" if lifted else "moderate-not-blocked", member=member.mention)
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Refuse all new requests until somebody resumes")
    async def pause(self, interaction: discord.Interaction) -> None:
        """Close the desk."""
        await _acknowledge(interaction)
        changed = await _pause(interaction, paused=True)
        words = _words(interaction)
        text = words("moderate-paused" if changed else "moderate-paused-already")
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Take new requests again")
    async def resume(self, interaction: discord.Interaction) -> None:
        """Open the desk."""
        await _acknowledge(interaction)
        changed = await _pause(interaction, paused=False)
        words = _words(interaction)
        text = words("moderate-resumed" if changed else "moderate-resumed-already")
        await interaction.edit_original_response(content=text)

    @app_commands.command(description="Settle a request that may or may not have reached RunComfy")
    @app_commands.describe(job="Which one; unsettled ones are offered", outcome="What RunComfy's list says")
    @app_commands.choices(
        outcome=[
            app_commands.Choice(name="it was made there, and is charged", value=Settlement.RAN),
            app_commands.Choice(name="it is not there", value=Settlement.NEVER_RAN),
        ]
    )
    async def reconcile(self, interaction: discord.Interaction, job: _Typed, outcome: str) -> None:
        """Settle it."""
        await _acknowledge(interaction)
        text = await settle(
            services_of(interaction),
            interaction.guild_id or 0,
            job.strip(),
            Settlement(outcome),
            by=interaction.user.id,
            words=_words(interaction),
        )
        await interaction.edit_original_response(content=text)

    @reconcile.autocomplete("job")
    async def _uncertain_jobs(self, interaction: discord.Interaction, typed: str) -> _Choices:
        return await job_choices(interaction, typed, lambda job: job.state is JobState.UNCERTAIN)

    @app_commands.command(description="Who did what to whom, when and why")
    @app_commands.describe(export="Everything as a file for a spreadsheet")
    async def audit(self, interaction: discord.Interaction, *, export: bool = False) -> None:
        """Show the newest entries, or send them all."""
        await _acknowledge(interaction)
        if export:
            await send_file(interaction)
        else:
            await show_trail(interaction, None)


async def _acknowledge(interaction: discord.Interaction) -> None:
    await acknowledge(interaction, ephemeral=True, thinking=True)
    require(interaction, MODERATE)


def _words(interaction: discord.Interaction) -> Words:
    return Words(str(interaction.locale))


async def _pause(interaction: discord.Interaction, *, paused: bool) -> bool:
    desk = services_of(interaction).moderators
    return await desk.pause(interaction.guild_id or 0, paused=paused, by=interaction.user.id)


def _outcomes_text(user_id: int, outcomes: list[CancelOutcome], words: Words) -> str:
    member = f"<@{user_id}>"
    if not outcomes:
        return words("moderate-member-none", member=member)
    lines = [words("moderate-member-done", member=member, count=len(outcomes))]
    counts = Counter(outcomes)
    lines += [
        words(f"moderate-count-{outcome}", count=counts[outcome])
        for outcome in CancelOutcome
        if counts[outcome]
    ]
    return "\n".join(lines)
