"""REST: messages and reactions, with the bot's token."""

from typing import Any

from tests.loopback_discord import message_payload
from tests.loopback_discord.body import Call
from tests.loopback_discord.composer import Composer, Sent, Setting
from tests.loopback_discord.errors import ApiError, JsonObject, Problem, Refusal
from tests.loopback_discord.message import TYPE_DEFAULT, TYPE_REPLY, StoredMessage
from tests.loopback_discord.model import Channel
from tests.loopback_discord.permissions import Permission
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.world import World

_MESSAGES = "/channels/{channel_id}/messages"
_MESSAGE = "/channels/{channel_id}/messages/{message_id}"
_REACTION = _MESSAGE + "/reactions/{emoji_name}"


class MessageRoutes:
    """Routes below /channels/{channel_id}/messages, and the typing indicator."""

    def __init__(self, world: World, composer: Composer) -> None:
        self._world = world
        self._composer = composer

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        return [
            pipeline.route("POST", _MESSAGES, self.post),
            pipeline.route("GET", _MESSAGES, self.history),
            pipeline.route("GET", _MESSAGE, self.get),
            pipeline.route("PATCH", _MESSAGE, self.edit),
            pipeline.route("DELETE", _MESSAGE, self.delete),
            pipeline.route("PUT", _REACTION + "/@me", self.react),
            pipeline.route("DELETE", _REACTION + "/@me", self.unreact),
            pipeline.route("GET", _REACTION, self.reacted),
            pipeline.route("POST", "/channels/{channel_id}/typing", self.typing),
        ]

    async def post(self, call: Call) -> JsonObject:
        needed = Permission.SEND_MESSAGES | (Permission.ATTACH_FILES if call.files else 0)
        channel = self._world.channel(call.snowflake("channel_id"), needed)
        if channel.recipient is not None and not channel.recipient.dms_open:
            raise ApiError(Refusal.CANNOT_DM)
        if channel.recipient is not None and not self._world.meet(channel.recipient):
            raise ApiError(Refusal.NO_MUTUAL_GUILD)
        body = call.body
        nonce = body.get("nonce") if body.get("enforce_nonce") else None
        key = (channel.id, self._world.bot.id, str(nonce))
        if nonce is not None and key in self._world.nonces:
            return self._payload(self._world.nonces[key])
        reference = self._referenced(channel, body.get("message_reference"))
        setting = Setting(type=TYPE_DEFAULT if reference is None else TYPE_REPLY, reference=reference)
        sent = Sent(body, call.files, channel.upload_limit)
        message = self._composer.post(channel, self._world.bot, sent, setting)
        if nonce is not None:
            self._world.nonces[key] = message
        return self._payload(message)

    async def history(self, call: Call) -> list[Any]:
        channel = self._channel(call)
        if not self._world.bot_rights(channel) & Permission.READ_MESSAGE_HISTORY:
            return []
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise ApiError(Refusal.INVALID_FORM, [Problem(("limit",), "must be between 1 and 100")])
        return [self._payload(item) for item in _page(channel.messages, call.query, limit)]

    async def get(self, call: Call) -> JsonObject:
        channel = self._channel(call)
        if not self._world.bot_rights(channel) & Permission.READ_MESSAGE_HISTORY:
            raise ApiError(Refusal.MISSING_PERMISSIONS)
        return self._payload(self._message(call))

    async def edit(self, call: Call) -> JsonObject:
        message = self._message(call)
        if message.author is not self._world.bot:
            raise ApiError(Refusal.NOT_YOUR_MESSAGE)
        if call.files:
            self._world.channel(message.channel.id, Permission.ATTACH_FILES)
        sent = Sent(call.body, call.files, message.channel.upload_limit)
        return self._payload(self._composer.edit(message, sent))

    async def delete(self, call: Call) -> None:
        message = self._message(call)
        if message.author is not self._world.bot:
            self._world.channel(message.channel.id, Permission.MANAGE_MESSAGES)
        self._world.delete_message(message)

    async def react(self, call: Call) -> None:
        self._world.channel(call.snowflake("channel_id"), Permission.ADD_REACTIONS)
        self._world.react(self._message(call), call.params["emoji_name"], self._world.bot, added=True)

    async def unreact(self, call: Call) -> None:
        self._world.react(self._message(call), call.params["emoji_name"], self._world.bot, added=False)

    async def reacted(self, call: Call) -> list[Any]:
        users = self._message(call).reactions.get(call.params["emoji_name"], [])
        return [{"id": str(item), "username": self._world.users[item].name} for item in users]

    async def typing(self, call: Call) -> None:
        self._world.channel(call.snowflake("channel_id"), Permission.SEND_MESSAGES)

    def _channel(self, call: Call) -> Channel:
        return self._world.channel(call.snowflake("channel_id"))

    def _message(self, call: Call) -> StoredMessage:
        return self._world.message(self._channel(call), call.snowflake("message_id"))

    def _payload(self, message: StoredMessage) -> JsonObject:
        return message_payload.message(message, self._world.bot.id)

    def _referenced(self, channel: Channel, reference: JsonObject | None) -> StoredMessage | None:
        """The message replied to; None also where it is gone and the reply is to be sent all the same."""
        if reference is None:
            return None
        if not self._world.bot_rights(channel) & Permission.READ_MESSAGE_HISTORY:
            raise ApiError(Refusal.NO_HISTORY)
        target = channel.log.get(int(reference["message_id"]))
        if target is not None and not target.deleted and target.visible_to is None:
            return target
        if reference.get("fail_if_not_exists", True):
            raise ApiError(Refusal.INVALID_FORM, [Problem(("message_reference",), "Unknown message")])
        return None


def _page(messages: list[StoredMessage], query: dict[str, str], limit: int) -> list[StoredMessage]:
    """Newest first, as Discord pages: before, after or around an id."""
    if "after" in query:
        return [item for item in messages if item.id > int(query["after"])][:limit][::-1]
    if "around" in query:
        middle = int(query["around"])
        older = [item for item in messages if item.id <= middle][-(limit // 2 + 1) :]
        newer = [item for item in messages if item.id > middle][: limit - len(older)]
        return (older + newer)[::-1]
    before = int(query["before"]) if "before" in query else None
    return [item for item in messages if before is None or item.id < before][-limit:][::-1]
