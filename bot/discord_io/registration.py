"""Registers the commands with Discord, only where they have changed: Discord counts them per day."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import discord
import structlog
from discord import app_commands

from bot.database import Database
from bot.discord_io import command_scopes
from bot.discord_io.command_scopes import EVERYWHERE

log = structlog.get_logger(__name__)


class Registrar:
    """Keeps the commands that Discord knows the same as those of the tree."""

    def __init__(self, database: Database) -> None:
        """`database` remembers what was registered where."""
        self._database = database

    async def register(self, tree: app_commands.CommandTree[Any], guild_ids: Iterable[int] | None) -> None:
        """Register for these servers, or for every server (None); take away what an earlier setting left.

        A server the bot is not in is named in the log and left out.
        """
        application_id = tree.client.application_id or 0
        wanted = [EVERYWHERE] if guild_ids is None else sorted(guild_ids)
        known = await self._database.run(command_scopes.digests, application_id)
        digest = await _digest(tree)
        for scope in wanted:
            if known.get(scope) != digest or not await _still_there(tree, scope):
                await self._put(tree, application_id, scope, digest)
        for scope in sorted(known.keys() - set(wanted)):
            await self._take_away(tree, application_id, scope)

    async def _put(
        self, tree: app_commands.CommandTree[Any], application_id: int, scope: int, digest: str
    ) -> None:
        guild = _guild(scope)
        if guild is not None:
            tree.clear_commands(guild=guild)
            tree.copy_global_to(guild=guild)
        try:
            commands = await tree.sync(guild=guild)
        except discord.Forbidden:
            log.warning("commands not registered: the bot is not in this server", server=scope)
            return
        finally:
            if guild is not None:
                # The tree's own commands answer everywhere; copies would only hide later changes.
                tree.clear_commands(guild=guild)
        await self._database.run(command_scopes.remember, application_id, scope, digest)
        log.info("commands registered", server=scope or "every", commands=len(commands))

    async def _take_away(self, tree: app_commands.CommandTree[Any], application_id: int, scope: int) -> None:
        guild = _guild(scope)
        try:
            if guild is None:
                await tree.client.http.bulk_upsert_global_commands(application_id, payload=[])
            else:
                await tree.client.http.bulk_upsert_guild_commands(application_id, guild.id, payload=[])
        except discord.Forbidden:
            log.info("the bot has left this server, and its commands with it", server=scope)
        await self._database.run(command_scopes.forget, application_id, scope)


async def _digest(tree: app_commands.CommandTree[Any]) -> str:
    """A digest of everything Discord is told about the commands."""
    translator = tree.translator
    payload = []
    for command in tree.get_commands(guild=None):
        if translator is None:
            payload.append(command.to_dict(tree))
        else:
            payload.append(await command.get_translated_payload(tree, translator))
    text = json.dumps(sorted(payload, key=lambda item: item["name"]), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


async def _still_there(tree: app_commands.CommandTree[Any], scope: int) -> bool:
    """Whether Discord still has the commands: somebody may have removed them by other means."""
    try:
        found = await tree.fetch_commands(guild=_guild(scope))
    except discord.HTTPException as error:
        log.info("registered commands could not be looked at", server=scope, status=error.status)
        return True
    return {command.name for command in found} == {command.name for command in tree.get_commands()}


def _guild(scope: int) -> discord.Object | None:
    return None if scope == EVERYWHERE else discord.Object(scope)
