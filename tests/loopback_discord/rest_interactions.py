"""REST: the interaction callback. Each interaction is acknowledged once, in time."""

from tests.loopback_discord import message_payload
from tests.loopback_discord.body import Call
from tests.loopback_discord.composer import Composer, Sent, Setting
from tests.loopback_discord.errors import ApiError, InvalidForm, JsonObject, Problem, Refusal
from tests.loopback_discord.interaction import CallbackType, Interaction, InteractionType
from tests.loopback_discord.message import (
    FLAG_EPHEMERAL,
    TYPE_CHAT_INPUT_COMMAND,
    TYPE_CONTEXT_MENU_COMMAND,
    TYPE_DEFAULT,
    TYPE_REPLY,
    StoredMessage,
)
from tests.loopback_discord.pipeline import Pipeline, RouteDef
from tests.loopback_discord.world import World

ACKNOWLEDGE_WITHIN_S = 3.0
TOKEN_LIFETIME_S = 900.0

_ON_MESSAGES = frozenset({CallbackType.DEFERRED_UPDATE, CallbackType.UPDATE_MESSAGE})
_FOR_AUTOCOMPLETE = frozenset({CallbackType.AUTOCOMPLETE})
_FOR_COMMANDS = frozenset({CallbackType.MESSAGE, CallbackType.DEFERRED_MESSAGE, CallbackType.MODAL})


class InteractionRegistry:
    """The interactions there were; its time limits are Discord's unless a test changes them."""

    def __init__(self) -> None:
        self.acknowledge_within_s = ACKNOWLEDGE_WITHIN_S
        self.token_lifetime_s = TOKEN_LIFETIME_S
        self.all: list[Interaction] = []

    def by_id(self, interaction_id: int, token: str) -> Interaction:
        """The interaction a callback is for."""
        for interaction in self.all:
            if interaction.id == interaction_id and interaction.token == token and not interaction.expired:
                return interaction
        raise ApiError(Refusal.UNKNOWN_INTERACTION)

    def by_token(self, token: str) -> Interaction:
        """The interaction a webhook call is for: acknowledged, and within its 15 minutes."""
        interaction = next((item for item in self.all if item.token == token), None)
        if interaction is None or interaction.callback is None:
            raise ApiError(Refusal.UNKNOWN_WEBHOOK)
        if interaction.expired or interaction.age_s > self.token_lifetime_s:
            raise ApiError(Refusal.INVALID_TOKEN)
        return interaction


class Responder:
    """Makes the messages that interactions lead to."""

    def __init__(self, world: World, composer: Composer) -> None:
        self._world = world
        self._composer = composer

    def sent(self, interaction: Interaction, body: JsonObject, call: Call) -> Sent:
        """A body with the call's files; the member's own upload limit counts here."""
        limit = max(interaction.channel.upload_limit, interaction.user.upload_limit)
        return Sent(body, call.files, limit)

    def respond(
        self,
        interaction: Interaction,
        sent: Sent,
        *,
        loading: bool = False,
        reply_to: StoredMessage | None = None,
    ) -> StoredMessage:
        """An original response, or with `reply_to` a follow-up to one."""
        ephemeral = (sent.body.get("flags") or 0) & FLAG_EPHEMERAL
        setting = Setting(
            type=_message_type(interaction) if reply_to is None else TYPE_REPLY,
            reference=reply_to,
            visible_to=interaction.user if ephemeral else None,
            metadata=interaction.metadata(),
            webhook_id=self._world.application_id,
            loading=loading,
        )
        return self._composer.post(interaction.channel, self._world.bot, sent, setting)

    def edit(self, message: StoredMessage, sent: Sent) -> StoredMessage:
        return self._composer.edit(message, sent)

    def payload(self, message: StoredMessage) -> JsonObject:
        return message_payload.message(message, self._world.bot.id)


class InteractionRoutes:
    """POST /interactions/{interaction_id}/{interaction_token}/callback."""

    def __init__(self, registry: InteractionRegistry, responder: Responder) -> None:
        self._registry = registry
        self._responder = responder

    def routes(self, pipeline: Pipeline) -> list[RouteDef]:
        template = "/interactions/{interaction_id}/{interaction_token}/callback"
        return [pipeline.route("POST", template, self.callback, with_token=False)]

    async def callback(self, call: Call) -> JsonObject | None:
        interaction = self._registry.by_id(call.snowflake("interaction_id"), call.params["interaction_token"])
        if interaction.callback is not None:
            raise ApiError(Refusal.ALREADY_ACKNOWLEDGED)
        if interaction.age_s > self._registry.acknowledge_within_s:
            interaction.expired = True
            raise ApiError(Refusal.UNKNOWN_INTERACTION)
        kind = _allowed(interaction, call.body["type"])
        data: JsonObject = call.body.get("data") or {}
        shown = self._take_effect(interaction, kind, self._responder.sent(interaction, data, call))
        interaction.original = shown
        interaction.acknowledge(kind, data)
        return _answer(interaction, kind, shown, self._responder) if "with_response" in call.query else None

    def _take_effect(self, interaction: Interaction, kind: CallbackType, sent: Sent) -> StoredMessage | None:
        """The message that `@original` will stand for."""
        match kind:
            case CallbackType.MESSAGE:
                return self._responder.respond(interaction, sent)
            case CallbackType.DEFERRED_MESSAGE:
                return self._responder.respond(interaction, sent, loading=True)
            case CallbackType.UPDATE_MESSAGE if interaction.message is not None:
                return self._responder.edit(interaction.message, sent)
            case CallbackType.DEFERRED_UPDATE:
                return interaction.message
            case _:
                return None


def _allowed(interaction: Interaction, given: int) -> CallbackType:
    """The kinds of answer each kind of interaction takes."""
    if interaction.type is InteractionType.AUTOCOMPLETE:
        allowed = _FOR_AUTOCOMPLETE
    else:
        allowed = _FOR_COMMANDS if interaction.message is None else _FOR_COMMANDS | _ON_MESSAGES
        if interaction.type is InteractionType.MODAL_SUBMIT:
            allowed -= {CallbackType.MODAL}
    if given not in allowed:
        raise InvalidForm(
            [Problem(("type",), f"{given} does not answer a {interaction.type.name} interaction")]
        )
    return CallbackType(given)


def _message_type(interaction: Interaction) -> int:
    if interaction.type is not InteractionType.COMMAND:
        return TYPE_DEFAULT
    return TYPE_CHAT_INPUT_COMMAND if interaction.data["type"] == 1 else TYPE_CONTEXT_MENU_COMMAND


def _answer(
    interaction: Interaction, kind: CallbackType, shown: StoredMessage | None, responder: Responder
) -> JsonObject:
    about: JsonObject = {"id": str(interaction.id), "type": int(interaction.type)}
    answer: JsonObject = {"interaction": about, "resource": {"type": int(kind)}}
    if shown is not None:
        about["response_message_id"] = str(shown.id)
        about["response_message_loading"] = shown.loading
        about["response_message_ephemeral"] = shown.ephemeral
        answer["resource"]["message"] = responder.payload(shown)
    return answer
