"""REST: application commands, global and per guild, as they are registered."""

from collections.abc import Sequence
from typing import Any

from tests.loopback_discord import rules_commands
from tests.loopback_discord.body import Call
from tests.loopback_discord.errors import ApiError, InvalidForm, JsonObject, Problem, Refusal
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.world import World

_EVERYWHERE = "/applications/{application_id}/commands"
_IN_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"


class CommandRegistry:
    """The registered commands by scope: None is global, otherwise the guild's id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._scopes: dict[int | None, list[JsonObject]] = {}

    def registered(self, guild_id: int | None = None) -> list[JsonObject]:
        return self._scopes.setdefault(guild_id, [])

    def find(
        self, name: str, guild_id: int | None, kind: int = rules_commands.CHAT_INPUT
    ) -> JsonObject | None:
        """The command a member of this guild sees by this name: the guild's own before the global one."""
        for scope in (guild_id, None):
            for command in self.registered(scope):
                if command["name"] == name and command["type"] == kind:
                    return command
        return None

    def replace_all(self, given: Sequence[JsonObject], guild_id: int | None) -> list[JsonObject]:
        problems = rules_commands.problems(given)
        if problems:
            raise InvalidForm(problems)
        self._scopes[guild_id] = [self._stored(item, guild_id) for item in given]
        self._world.changes.notify()
        return self._scopes[guild_id]

    def put(self, given: JsonObject, guild_id: int | None) -> JsonObject:
        """Add one command, in the place of one with the same name and type."""
        kind = given.get("type") or rules_commands.CHAT_INPUT
        others = [
            item
            for item in self.registered(guild_id)
            if (item["name"], item["type"]) != (given["name"], kind)
        ]
        return self.replace_all([*others, given], guild_id)[-1]

    def _stored(self, given: JsonObject, guild_id: int | None) -> JsonObject:
        """With what Discord adds; the id stays with name and type."""
        kind = given.get("type") or rules_commands.CHAT_INPUT
        known = next(
            (
                item
                for item in self.registered(guild_id)
                if (item["name"], item["type"]) == (given["name"], kind)
            ),
            None,
        )
        permissions = given.get("default_member_permissions")
        stored: JsonObject = {
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            "name_localizations": None,
            "description_localizations": None,
            **given,
            "id": str(self._world.ids.next()) if known is None else known["id"],
            "application_id": str(self._world.application_id),
            "type": kind,
            "description": given.get("description") or "",
            "version": str(self._world.ids.next()),
            "default_member_permissions": None if permissions is None else str(permissions),
        }
        if guild_id is not None:
            stored["guild_id"] = str(guild_id)
        return stored


class CommandRoutes:
    """Routes below /applications/{application_id}."""

    def __init__(self, world: World, registry: CommandRegistry) -> None:
        self._world = world
        self._registry = registry

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        routes = []
        for base in (_EVERYWHERE, _IN_GUILD):
            routes += [
                pipeline.route("GET", base, self.list_all),
                pipeline.route("PUT", base, self.replace_all),
                pipeline.route("POST", base, self.create),
                pipeline.route("GET", base + "/{command_id}", self.get),
                pipeline.route("PATCH", base + "/{command_id}", self.edit),
                pipeline.route("DELETE", base + "/{command_id}", self.delete),
            ]
        return [pipeline.route("GET", _IN_GUILD + "/permissions", self.permissions), *routes]

    async def list_all(self, call: Call) -> list[Any]:
        return self._registry.registered(self._scope(call))

    async def replace_all(self, call: Call) -> list[Any]:
        given = call.json or []
        if not isinstance(given, list):
            raise InvalidForm([Problem((), "a list of commands is expected")])
        return self._registry.replace_all(given, self._scope(call))

    async def create(self, call: Call) -> JsonObject:
        return self._registry.put(call.body, self._scope(call))

    async def get(self, call: Call) -> JsonObject:
        return self._one(call)

    async def edit(self, call: Call) -> JsonObject:
        scope, command = self._scope(call), self._one(call)
        self._registry.registered(scope).remove(command)
        return self._registry.put(command | call.body, scope)

    async def delete(self, call: Call) -> None:
        self._registry.registered(self._scope(call)).remove(self._one(call))

    async def permissions(self, _: Call) -> list[Any]:
        return []

    def _one(self, call: Call) -> JsonObject:
        for command in self._registry.registered(self._scope(call)):
            if command["id"] == call.params["command_id"]:
                return command
        raise ApiError(Refusal.UNKNOWN_COMMAND)

    def _scope(self, call: Call) -> int | None:
        if call.snowflake("application_id") != self._world.application_id:
            raise ApiError(Refusal.MISSING_ACCESS)
        if "guild_id" not in call.params:
            return None
        guild_id = call.snowflake("guild_id")
        if guild_id not in {item.id for item in self._world.bot_guilds()}:
            raise ApiError(Refusal.MISSING_ACCESS)
        return guild_id
