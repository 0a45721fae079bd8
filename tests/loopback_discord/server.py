"""The loopback Discord: a server on 127.0.0.1 with a test's levers on it."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from tests.loopback_discord.actors import Actors
from tests.loopback_discord.body import Call
from tests.loopback_discord.changes import DEFAULT_TIMEOUT_S
from tests.loopback_discord.composer import Composer
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal, Violation
from tests.loopback_discord.faults import (
    Fault,
    Gate,
    Misanswer,
    Scope,
    cut_off,
    failing,
    limited,
    path_pattern,
    refusing,
)
from tests.loopback_discord.gateway import CloseCode, Gateway
from tests.loopback_discord.judge import description_path, judge_from
from tests.loopback_discord.model import Channel, Guild, Member, User
from tests.loopback_discord.permissions import EVERYONE_PERMISSIONS
from tests.loopback_discord.pipeline import API_PATH, Pipeline
from tests.loopback_discord.rest_account import AccountRoutes
from tests.loopback_discord.rest_commands import CommandRegistry, CommandRoutes
from tests.loopback_discord.rest_guilds import GuildRoutes
from tests.loopback_discord.rest_interactions import InteractionRegistry, InteractionRoutes, Responder
from tests.loopback_discord.rest_messages import MessageRoutes
from tests.loopback_discord.rest_webhooks import WebhookRoutes
from tests.loopback_discord.world import World

T = TypeVar("T")

HOST = "127.0.0.1"
_READY_TIMEOUT_S = 20.0
_LARGEST_BODY = 1024**3
_SHUTDOWN_S = 1.0
_TOLD_REQUESTS = 15


class LoopbackDiscord(Actors):
    """Discord's REST API and gateway, as an async context manager.

    Attributes:
        gateway: its switches (`refuse_resume`, `refuse_connections`, ...), `drop()`, `ask_to_reconnect()`.
        world: everything there is; `world.cdn` keeps the files, `world.bot` is the bot's user.
        unknown_routes: requests for which this server has no route.
    """

    def __init__(self, token: str = "loopback-token", *, port: int = 0) -> None:
        world = World()
        composer, commands, interactions = Composer(world), CommandRegistry(world), InteractionRegistry()
        super().__init__(world, composer, commands, interactions)
        self._commands = commands
        self.token = token
        self.port = port
        self.gateway = Gateway(world, token, lambda: self.gateway_url)
        self.unknown_routes: list[Call] = []
        self._pipeline = Pipeline(token, world.changes, judge_from(description_path()))
        self._account = AccountRoutes(world, lambda: self.gateway_url)
        responder = Responder(world, composer)
        self._routes = (
            self._account,
            GuildRoutes(world),
            CommandRoutes(world, commands),
            MessageRoutes(world, composer),
            InteractionRoutes(interactions, responder),
            WebhookRoutes(world, interactions, responder),
        )
        self._runner: web.AppRunner | None = None

    # --- its life -------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen; after a `stop` on the same port as before."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        for routes in self._routes:
            app.add_routes(routes.routes(self._pipeline))
        app.add_routes(
            [
                web.get("/gateway", self.gateway.handle),
                web.get("/gateway/", self.gateway.handle),
                self._pipeline.cdn_route(
                    "/cdn/attachments/{channel_id}/{attachment_id}/{filename}", self.world.cdn.serve
                ),
                self._pipeline.route("*", "/{rest:.*}", self._unknown, with_token=False),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.world.cdn.base_url = self.base_url

    async def stop(self) -> None:
        """Close every connection and stop listening; what is remembered stays."""
        await self.gateway.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- where it is ----------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def api_base(self) -> str:
        return self.base_url + API_PATH

    @property
    def gateway_url(self) -> str:
        return f"ws://{HOST}:{self.port}/gateway"

    @property
    def cdn_host(self) -> str:
        """`host:port` of attachment links."""
        return f"{HOST}:{self.port}"

    def environment(self) -> dict[str, str]:
        """The settings that make a process of its own use this server."""
        return {
            "DISCORD_TOKEN": self.token,
            "DISCORD_API_BASE": self.api_base,
            "DISCORD_GATEWAY_URL": self.gateway_url,
            "ATTACHMENT_HOSTS": self.cdn_host,
        }

    @property
    def application_id(self) -> int:
        return self.world.application_id

    @property
    def bot(self) -> User:
        return self.world.bot

    # --- arranging ------------------------------------------------------------------------------------

    def create_guild(
        self,
        name: str,
        *,
        upload_limit: int | None = None,
        premium_tier: int = 0,
        locale: str = "en-US",
        bot_permissions: int = EVERYONE_PERMISSIONS,
    ) -> Guild:
        """A server with the bot in it; `upload_limit` (bytes a file) is the boost tier's unless given."""
        return self.world.create_guild(
            name,
            upload_limit=upload_limit,
            premium_tier=premium_tier,
            locale=locale,
            bot_permissions=bot_permissions,
        )

    def dm(self, who: User | Member) -> Channel:
        """The bot's direct messages with somebody."""
        return self.world.dm_channel(who)

    def recommend_shards(self, count: int) -> None:
        """What GET /gateway/bot tells."""
        self._account.shards = count

    async def reset_token(self, token: str, *, gateway_too: bool = True) -> None:
        """The operator makes a new token: the old one is refused at once, by the gateway with code 4004.

        Without `gateway_too` its connections stay, as they do until Discord gets round to them.
        """
        self.token = token
        self._pipeline.take_token(token)
        self.gateway.take_token(token)
        if gateway_too:
            await self.gateway.close(CloseCode.AUTHENTICATION_FAILED)

    def forget_nonces(self) -> None:
        """Some minutes later: a nonce seen before makes a new message."""
        self.world.nonces.clear()

    # --- looking --------------------------------------------------------------------------------------

    @property
    def judged(self) -> bool:
        """Whether Discord's OpenAPI description was found."""
        return self._pipeline.judge is not None

    @property
    def requests(self) -> list[Call]:
        """Every request so far, oldest first."""
        return self._pipeline.requests

    @property
    def violations(self) -> list[Violation]:
        """What was wrong with the bodies the bot sent."""
        return self._pipeline.violations

    def requests_to(self, method: str, path: str) -> list[Call]:
        """The requests to one place; `*` in the path stands for one step, `**` for any."""
        pattern = path_pattern(path)
        return [item for item in self.requests if item.method == method and pattern.fullmatch(item.path)]

    def registered_commands(self, guild_id: int | None = None) -> Sequence[JsonObject]:
        """The commands as Discord keeps them: global ones, or one guild's."""
        return self._commands.registered(guild_id)

    async def wait_for(self, condition: Callable[[], T | None], timeout: float = DEFAULT_TIMEOUT_S) -> T:
        """The first truthy value of a condition on what Discord knows; looked at after each change.

        Raises:
            TimeoutError: with the last requests in its text.
        """
        return await self.world.changes.wait_for(condition, timeout, told=self._told)

    async def wait_until_disconnected(self, timeout: float = DEFAULT_TIMEOUT_S) -> None:
        """Until no client is connected: to be awaited between killing a bot and waiting for the next."""
        await self.wait_for(lambda: not self.gateway.connected, timeout)

    async def wait_until_ready(self, timeout: float = _READY_TIMEOUT_S, *, shards: int = 1) -> None:
        """Until so many clients have identified (or resumed) and were told of their guilds."""
        await self.wait_for(lambda: len(self.gateway.connected) >= shards, timeout)

    def _told(self) -> str:
        last = [f"{item.method} {item.path} -> {item.status}" for item in self.requests[-_TOLD_REQUESTS:]]
        return f"The last requests: {last}; violations: {self.violations}"

    # --- trouble --------------------------------------------------------------------------------------

    def fail(
        self, method: str, path: str, status: int = 500, *, times: int | None = 1, after_effect: bool = False
    ) -> Fault:
        """Answer 5xx; with `after_effect` the request was carried out, and only its answer is lost."""
        return self._trouble(method, path, times, failing(status, after_effect=after_effect))

    def refuse(self, method: str, path: str, refusal: Refusal, *, times: int | None = 1) -> Fault:
        """Answer with one of Discord's refusals, whatever was asked."""
        return self._trouble(method, path, times, refusing(refusal))

    def cut(self, method: str, path: str, *, times: int | None = 1, after_effect: bool = False) -> Fault:
        """End the connection instead of answering."""
        return self._trouble(method, path, times, cut_off(after_effect=after_effect))

    def rate_limit(
        self, method: str, path: str, retry_after: float, *, times: int | None = 1, scope: Scope = "user"
    ) -> Fault:
        """Answer 429; `retry_after` in seconds."""
        return self._trouble(method, path, times, limited(retry_after, scope))

    def enforce_limit(self, method: str, path: str, limit: int, per_s: float) -> None:
        """Count requests a channel, guild or webhook, and answer 429 beyond the limit."""
        self._pipeline.limits.enforce(method, path, limit, per_s)

    def delay(
        self, seconds: float, method: str = "*", path: str = "**", *, times: int | None = None
    ) -> Fault:
        """Answer that much later."""
        fault = Fault(method, path_pattern(path), times, before=lambda: asyncio.sleep(seconds))
        return self._pipeline.faults.add(fault)

    def hold(self, method: str, path: str) -> Gate:
        """Hold requests back until the gate opens."""
        return self._pipeline.faults.hold(method, path)

    def end_troubles(self) -> None:
        self._pipeline.faults.clear()

    def _trouble(self, method: str, path: str, times: int | None, answer: Misanswer) -> Fault:
        return self._pipeline.faults.add(Fault(method, path_pattern(path), times, answer))

    async def _unknown(self, call: Call) -> None:
        self.unknown_routes.append(call)
        raise ApiError(Refusal.NOT_FOUND)
