"""REST: guilds, their members, roles and channels (reading, and the bot's leaving)."""

from typing import Any

from tests.loopback_discord import payloads
from tests.loopback_discord.body import Call
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.world import World


class GuildRoutes:
    """Routes below /guilds, and GET /channels/{channel_id}."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        return [
            pipeline.route("GET", "/guilds/{guild_id}", self.guild),
            pipeline.route("GET", "/guilds/{guild_id}/channels", self.channels),
            pipeline.route("GET", "/guilds/{guild_id}/roles", self.roles),
            pipeline.route("GET", "/guilds/{guild_id}/members", self.members),
            pipeline.route("GET", "/guilds/{guild_id}/members/{user_id}", self.member),
            pipeline.route("GET", "/users/@me/guilds", self.own_guilds),
            pipeline.route("DELETE", "/users/@me/guilds/{guild_id}", self.leave),
            pipeline.route("GET", "/channels/{channel_id}", self.channel),
        ]

    async def guild(self, call: Call) -> JsonObject:
        return payloads.guild(self._world.guild(call.snowflake("guild_id")))

    async def channels(self, call: Call) -> list[Any]:
        return [
            payloads.channel(item) for item in self._world.guild(call.snowflake("guild_id")).channels.values()
        ]

    async def roles(self, call: Call) -> list[Any]:
        guild = self._world.guild(call.snowflake("guild_id"))
        return [payloads.role(item) for item in (guild.everyone, *guild.roles.values())]

    async def members(self, call: Call) -> list[Any]:
        guild = self._world.guild(call.snowflake("guild_id"))
        after, limit = int(call.query.get("after", 0)), int(call.query.get("limit", 1))
        return [payloads.member(guild.members[key]) for key in sorted(guild.members) if key > after][:limit]

    async def member(self, call: Call) -> JsonObject:
        member = self._world.guild(call.snowflake("guild_id")).members.get(call.snowflake("user_id"))
        if member is None:
            raise ApiError(Refusal.UNKNOWN_MEMBER)
        return payloads.member(member)

    async def own_guilds(self, _: Call) -> list[Any]:
        return [
            {
                "id": str(item.id),
                "name": item.name,
                "icon": None,
                "owner": False,
                "permissions": "0",
                "features": [],
            }
            for item in self._world.bot_guilds()
        ]

    async def leave(self, call: Call) -> None:
        self._world.guild(call.snowflake("guild_id")).remove_bot()

    async def channel(self, call: Call) -> JsonObject:
        return payloads.channel(self._world.channel(call.snowflake("channel_id")))
