"""The bot: its connection to Discord, its commands, the servers it serves."""

from typing import Any

import discord
import structlog
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_io.all_buttons import BUTTONS, FORMS
from bot.discord_io.declared_options import as_declared
from bot.discord_io.errors import NotOffered, answer_error
from bot.discord_io.forms import answer_form
from bot.discord_io.presses import Presses
from bot.discord_io.registration import Registrar
from bot.discord_io.served import is_served
from bot.discord_io.services import Services
from bot.discord_io.traffic import Traffic
from bot.discord_io.translator import CatalogueTranslator
from bot.roles import Shards

log = structlog.get_logger(__name__)

#: The rooms of `cogs/` that are loaded, by name: this package never imports them.
COGS = (
    "cogs.generate",
    "cogs.credits",
    "cogs.jobs",
    "cogs.gallery",
    "cogs.server",
    "cogs.moderation",
    "cogs.filters",
)


def connect_to(*, api_base: yarl.URL, gateway_url: yarl.URL | None) -> None:
    """Point discord.py at a proxy or a stand-in. Its addresses are class attributes: per process."""
    Route.BASE = str(api_base)
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = gateway_url


class Tree(app_commands.CommandTree["ShowreelBot"]):
    """The commands, refused where the bot is not set up."""

    async def interaction_check(self, interaction: discord.Interaction["ShowreelBot"], /) -> bool:
        """Whether the interaction comes from a served server, with options as they are registered.

        Raises:
            NotOffered: they are not.
        """
        if not await is_served(interaction):
            return False
        if as_declared(interaction):
            return True
        if interaction.type is discord.InteractionType.autocomplete:
            return False
        raise NotOffered

    async def on_error(
        self, interaction: discord.Interaction["ShowreelBot"], error: app_commands.AppCommandError, /
    ) -> None:
        """Every command's error handler."""
        await answer_error(interaction, error)


class ShowreelBot(commands.Bot):
    """The bot. Its services are built elsewhere and given to it before it starts."""

    services: Services

    def __init__(
        self, *, guild_ids: frozenset[int] | None, registrar: Registrar | None, **sharding: Any
    ) -> None:
        """`guild_ids`: the servers to serve, or None for every server that invites the bot.

        Without a registrar it only posts: it has no commands, and is never connected to the gateway.
        """
        intents = discord.Intents.none()
        intents.guilds = True
        self.traffic = Traffic()
        # Stars on videos. Not a privileged intent either.
        intents.guild_reactions = True
        super().__init__(
            # No text commands: interactions always arrive, without any privileged intent.
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            http_trace=self.traffic.trace,
            **sharding,
        )
        self.guild_ids = guild_ids
        self.presses = Presses()
        self._registrar = registrar

    def serves(self, guild_id: int | None) -> bool:
        """Whether the operator serves this server."""
        return guild_id is not None and (self.guild_ids is None or guild_id in self.guild_ids)

    async def setup_hook(self) -> None:
        """Load the commands and register them, where they changed. Called again after a failed login."""
        if self._registrar is None:
            return
        for name in COGS:
            if name not in self.extensions:
                await self.load_extension(name)
        self.add_dynamic_items(*BUTTONS)
        await self.tree.set_translator(CatalogueTranslator())
        await self._registrar.register(self.tree, self.guild_ids)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take in forms, which the library would only know if this process had opened them."""
        await answer_form(interaction, FORMS)

    async def on_ready(self) -> None:
        """Say so in the log."""
        log.info("connected to Discord", servers=len(self.guilds), user=self.user and self.user.id)


class ShardedBot(ShowreelBot, commands.AutoShardedBot):
    """The bot on some of Discord's shards; the servers of the others are for other processes."""

    async def close(self) -> None:
        """Say goodbye. Before the login the library's own way fails on what it has not made yet."""
        if self.user is None:
            await self.http.close()
        else:
            await super().close()


def open_bot(
    *, guild_ids: frozenset[int] | None, registrar: Registrar | None, shards: Shards | None
) -> ShowreelBot:
    """The bot, on these shards alone or, without any, on as many as Discord wants of one process."""
    if shards is None:
        return ShowreelBot(guild_ids=guild_ids, registrar=registrar)
    return ShardedBot(
        guild_ids=guild_ids, registrar=registrar, shard_ids=shards.ids, shard_count=shards.count
    )
