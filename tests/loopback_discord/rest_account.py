"""REST: who the bot is, where the gateway is, and direct-message channels."""

from collections.abc import Callable

from tests.loopback_discord import payloads
from tests.loopback_discord.body import Call
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal
from tests.loopback_discord.model import User
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.world import World


class AccountRoutes:
    """Routes below /users, /applications/@me and /gateway."""

    def __init__(self, world: World, gateway_url: Callable[[], str]) -> None:
        self._world = world
        self._gateway_url = gateway_url
        self.shards = 1

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        return [
            pipeline.route("GET", "/users/@me", self.me),
            pipeline.route("GET", "/users/{user_id}", self.user),
            pipeline.route("POST", "/users/@me/channels", self.open_dm),
            pipeline.route("GET", "/applications/@me", self.application),
            pipeline.route("GET", "/oauth2/applications/@me", self.application),
            pipeline.route("GET", "/gateway", self.gateway, with_token=False),
            pipeline.route("GET", "/gateway/bot", self.gateway_bot),
        ]

    async def me(self, _: Call) -> JsonObject:
        return payloads.user(self._world.bot)

    async def user(self, call: Call) -> JsonObject:
        user = self._world.users.get(call.snowflake("user_id"))
        if user is None:
            raise ApiError(Refusal.UNKNOWN_USER)
        return payloads.user(user)

    async def open_dm(self, call: Call) -> JsonObject:
        user = self._world.users.get(int(call.body["recipient_id"]))
        if user is None:
            raise ApiError(Refusal.UNKNOWN_USER)
        return payloads.channel(self._world.dm_channel(user))

    async def application(self, _: Call) -> JsonObject:
        team_owner = self._world.team_owner
        return {
            "id": str(self._world.application_id),
            "name": self._world.bot.name,
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            # Where there is a team, this is a user that only stands for it.
            "owner": payloads.user(self._world.operator),
            "team": None if team_owner is None else _team(team_owner),
            "approximate_guild_count": len(self._world.bot_guilds()),
            "integration_types_config": {"0": {}},
        }

    async def gateway(self, _: Call) -> JsonObject:
        return {"url": self._gateway_url()}

    async def gateway_bot(self, _: Call) -> JsonObject:
        session_starts = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self._gateway_url(), "shards": self.shards, "session_start_limit": session_starts}


def _team(owner: User) -> JsonObject:
    member = {"team_id": "1", "membership_state": 2, "role": "admin", "permissions": ["*"]}
    return {
        "id": "1",
        "name": "The crew",
        "icon": None,
        "owner_user_id": str(owner.id),
        "members": [member | {"user": payloads.user(owner)}],
    }
