"""REST: follow-ups and the original response, through the interaction's token."""

from tests.loopback_discord.body import Call
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal
from tests.loopback_discord.interaction import Interaction
from tests.loopback_discord.message import StoredMessage
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.rest_interactions import InteractionRegistry, Responder
from tests.loopback_discord.world import World

_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_MESSAGE = _WEBHOOK + "/messages/{message_id}"
_ORIGINAL = _WEBHOOK + "/messages/@original"


class WebhookRoutes:
    """Routes below /webhooks/{application id}/{interaction token}."""

    def __init__(self, world: World, registry: InteractionRegistry, responder: Responder) -> None:
        self._world = world
        self._registry = registry
        self._responder = responder

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        routes = [pipeline.route("POST", _WEBHOOK, self.execute, with_token=False)]
        for template in (_ORIGINAL, _MESSAGE):
            routes += [
                pipeline.route("GET", template, self.get, with_token=False),
                pipeline.route("PATCH", template, self.edit, with_token=False),
                pipeline.route("DELETE", template, self.delete, with_token=False),
            ]
        return routes

    async def execute(self, call: Call) -> JsonObject | None:
        """A follow-up; the first after a deferral fills in the deferred message, as visible as that is."""
        interaction = self._interaction(call)
        sent = self._responder.sent(interaction, call.body, call)
        original = interaction.original
        if original is not None and original.loading and not original.deleted:
            message = self._responder.edit(original, sent)
        else:
            message = self._responder.respond(interaction, sent, reply_to=original)
            interaction.followups.append(message)
        self._world.changes.notify()
        waits = call.query.get("wait") in ("1", "true")
        return self._responder.payload(message) if waits else None

    async def get(self, call: Call) -> JsonObject:
        return self._responder.payload(self._message(call))

    async def edit(self, call: Call) -> JsonObject:
        sent = self._responder.sent(self._interaction(call), call.body, call)
        return self._responder.payload(self._responder.edit(self._message(call), sent))

    async def delete(self, call: Call) -> None:
        self._world.delete_message(self._message(call))

    def _interaction(self, call: Call) -> Interaction:
        if call.snowflake("webhook_id") != self._world.application_id:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        return self._registry.by_token(call.params["webhook_token"])

    def _message(self, call: Call) -> StoredMessage:
        interaction = self._interaction(call)
        known = [interaction.original, *interaction.followups]
        if "message_id" in call.params:
            known = [item for item in known if item is not None and str(item.id) == call.params["message_id"]]
        message = known[0] if known else None
        if message is None or message.deleted or message.channel.id not in self._world.channels:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        return message
