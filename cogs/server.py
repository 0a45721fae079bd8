"""`/server`: settings, tiers, credits and usage, for those who manage the server."""

from typing import TYPE_CHECKING, ClassVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.catalog.options import RESOLUTION
from bot.credits import ledger, usage
from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.phrases import escape
from bot.discord_io.rights import MANAGE_SERVER, require
from bot.discord_io.server_forms import show_panel
from bot.discord_io.server_tiers import (
    find_tier,
    models_choices,
    resolution_choices,
    role_id_of,
    tier_changes,
    tier_choices,
)
from bot.discord_io.server_usage import usage_text
from bot.discord_io.server_words import page, tier_list, tier_words
from bot.discord_io.services import services_of
from bot.locale import Words
from bot.moderation.treasury import MOST_TIERS
from bot.servers import store as servers
from bot.servers.tiers import lines_of

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

_Amount = app_commands.Range[int, 1, 1_000_000]
_Count = app_commands.Range[int, 0, 1_000_000]
_Choices = list[app_commands.Choice[str]]


async def setup(bot: "ShowreelBot") -> None:
    """Add the commands."""
    await bot.add_cog(Server())


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Server(commands.GroupCog, group_name="server", group_description="Settings, tiers, credits and usage"):
    """What those who manage a server set and see."""

    tier: ClassVar = app_commands.Group(name="tier", description="What members may do, by their roles")
    purse: ClassVar = app_commands.Group(name="credits", description="Give and take members' credits")

    @app_commands.command(description="See and change the settings of this server")
    async def settings(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        await _acknowledge(interaction)
        await show_panel(interaction)

    @app_commands.command(
        name="usage", description="Credits against dollars by model and month, and who made most"
    )
    @app_commands.describe(month="Like 2026-11; this month if you leave it out")
    async def show_usage(self, interaction: discord.Interaction, month: str | None = None) -> None:
        """Show the report."""
        await _acknowledge(interaction)
        services, words = services_of(interaction), _words(interaction)
        current = usage.month_of(services.now())
        settings = await services.moderators.settings(interaction.guild_id or 0)
        try:
            report = await services.database.run(
                usage.report,
                interaction.guild_id or 0,
                month or current,
                limit=settings.budget if month in (None, current) else None,
            )
        except ValueError:
            await interaction.edit_original_response(content=words("usage-bad-month"))
            return
        await interaction.edit_original_response(view=page(usage_text(report, words)))

    @show_usage.autocomplete("month")
    async def _months(self, interaction: discord.Interaction, typed: str) -> _Choices:
        found = await services_of(interaction).database.run(usage.costs, interaction.guild_id)
        months = sorted({item.month for item in found if typed in item.month}, reverse=True)
        return [app_commands.Choice(name=month, value=month) for month in months[:25]]

    # --- tiers ------------------------------------------------------------------------------------

    @tier.command(name="set", description="Make a role's tier, or change what you name of it")
    @app_commands.describe(
        role="Whose tier it is; @everyone for members without any other",
        allowance="Credits a wallet is refilled with, once a period, on first use",
        period="How often the allowance comes",
        cap="The balance up to which a wallet is refilled",
        jobs_at_once="Open requests of one member",
        cooldown="Seconds between two requests of one member",
        priority="Higher goes first when places are scarce",
        models="Commands that may be used, with commas between them, or all",
        max_resolution="The highest resolution, such as 720p, or any",
        max_duration="The longest video in seconds; 0 for any",
        position="Its place in the list; 1 is the best tier",
    )
    @app_commands.choices(
        period=[
            app_commands.Choice(name="every day", value="day"),
            app_commands.Choice(name="every week", value="week"),
        ]
    )
    async def set_tier(
        self,
        interaction: discord.Interaction,
        role: discord.Role,
        *,
        allowance: _Count | None = None,
        period: str | None = None,
        cap: _Count | None = None,
        jobs_at_once: app_commands.Range[int, 1, 1000] | None = None,
        cooldown: app_commands.Range[int, 0, 86_400] | None = None,
        priority: app_commands.Range[int, -100, 100] | None = None,
        models: str | None = None,
        max_resolution: str | None = None,
        max_duration: app_commands.Range[int, 0, 600] | None = None,
        position: app_commands.Range[int, 1, MOST_TIERS] | None = None,
    ) -> None:
        """Make or change a tier."""
        await _acknowledge(interaction)
        services, words = services_of(interaction), _words(interaction)
        options: dict[str, int | str | None] = {
            "allowance": allowance,
            "period": period,
            "cap": cap,
            "jobs_at_once": jobs_at_once,
            "cooldown_s": cooldown,
            "priority": priority,
            "models": models,
            "max_resolution": max_resolution,
            "max_duration_s": max_duration,
        }
        changed = await services.moderators.put_tier(
            interaction.guild_id or 0,
            role_id_of(role),
            tier_changes(role, list(services.catalogue), options),
            position=position,
            by=interaction.user.id,
        )
        await interaction.edit_original_response(content=words("tier-saved", tier=tier_words(changed, words)))

    @set_tier.autocomplete("models")
    async def _models(self, interaction: discord.Interaction, typed: str) -> _Choices:
        return models_choices(typed, services_of(interaction).catalogue)

    @set_tier.autocomplete("max_resolution")
    async def _resolutions(self, interaction: discord.Interaction, typed: str) -> _Choices:
        offered = {
            str(choice)
            for model in services_of(interaction).catalogue.values()
            for option in model.options
            if option.name == RESOLUTION
            for choice in option.choices
        }
        return resolution_choices(typed, sorted(offered, key=lines_of))

    @tier.command(name="remove", description="Take a role's tier away")
    @app_commands.describe(tier="The tier's role")
    async def remove_tier(self, interaction: discord.Interaction, tier: str) -> None:
        """Remove a tier."""
        await _acknowledge(interaction)
        services, words = services_of(interaction), _words(interaction)
        settings = await services.moderators.settings(interaction.guild_id or 0)
        found = find_tier(tier, settings.tiers, interaction.guild)
        text = words("tier-unknown")
        if found is not None and await services.moderators.remove_tier(
            interaction.guild_id or 0, found.role_id, by=interaction.user.id
        ):
            text = words("tier-removed", tier=tier_words(found, words))
        await interaction.edit_original_response(content=text)

    @remove_tier.autocomplete("tier")
    async def _tiers(self, interaction: discord.Interaction, typed: str) -> _Choices:
        services = services_of(interaction)
        settings = await services.database.run(servers.load, interaction.guild_id or 0)
        return tier_choices(typed, settings.tiers, interaction.guild)

    @tier.command(name="list", description="The tiers of this server, the best first")
    async def list_tiers(self, interaction: discord.Interaction) -> None:
        """List the tiers."""
        await _acknowledge(interaction)
        words = _words(interaction)
        settings = await services_of(interaction).moderators.settings(interaction.guild_id or 0)
        await interaction.edit_original_response(view=page(tier_list(settings.tiers, words)))

    # --- credits ----------------------------------------------------------------------------------

    @purse.command(description="Give a member credits")
    @app_commands.describe(
        member="Who gets them", amount="How many", reason="Why", tell="Tell the member in this channel"
    )
    async def grant(
        self,
        interaction: discord.Interaction,
        member: discord.Member,
        amount: _Amount,
        reason: app_commands.Range[str, 1, 300],
        *,
        tell: bool = False,
    ) -> None:
        """Give credits."""
        await _acknowledge(interaction)
        words = _words(interaction)
        if member.bot:
            await interaction.edit_original_response(content=words("server-credits-bot"))
            return
        balance = await services_of(interaction).moderators.grant(
            interaction.guild_id or 0,
            member.id,
            amount,
            by=interaction.user.id,
            reference=f"grant:{interaction.id}",
            reason=reason,
        )
        await interaction.edit_original_response(
            content=words("server-granted", member=member.mention, count=amount, balance=balance)
        )
        if tell:
            await _tell(interaction, member, "server-granted-told", amount, reason)

    @purse.command(description="Take credits from a member, at most what there is")
    @app_commands.describe(
        member="Whose credits",
        amount="How many at most",
        reason="Why",
        tell="Tell the member in this channel",
    )
    async def revoke(
        self,
        interaction: discord.Interaction,
        member: discord.User,
        amount: _Amount,
        reason: app_commands.Range[str, 1, 300],
        *,
        tell: bool = False,
    ) -> None:
        """Take credits."""
        await _acknowledge(interaction)
        services, guild_id = services_of(interaction), interaction.guild_id or 0
        taken = await services.moderators.revoke(
            guild_id,
            member.id,
            amount,
            by=interaction.user.id,
            reference=f"revoke:{interaction.id}",
            reason=reason,
        )
        account = ledger.member_account(guild_id, member.id)
        left = await services.database.run(ledger.balance, account)
        text = _words(interaction)(
            "server-revoked", member=member.mention, taken=taken, asked=amount, balance=left
        )
        await interaction.edit_original_response(content=text)
        if tell and taken:
            await _tell(interaction, member, "server-revoked-told", taken, reason)


async def _acknowledge(interaction: discord.Interaction) -> None:
    """Acknowledge, to whoever asked alone, and refuse who may not manage the server."""
    await acknowledge(interaction, ephemeral=True, thinking=True)
    require(interaction, MANAGE_SERVER)


async def _tell(
    interaction: discord.Interaction, member: discord.abc.User, message_id: str, count: int, reason: str
) -> None:
    """Tell the member in the channel, in the server's language; nobody else is notified."""
    words = Words(str(interaction.guild_locale or interaction.locale))
    text = words(message_id, member=member.mention, count=count, reason=escape(reason))
    await interaction.followup.send(text, allowed_mentions=discord.AllowedMentions(users=[member]))


def _words(interaction: discord.Interaction) -> Words:
    return Words(str(interaction.locale))
