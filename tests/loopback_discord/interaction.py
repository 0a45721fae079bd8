"""An interaction: what a member did, and what became of it. Tests hold on to it."""

import time
from dataclasses import dataclass, field
from enum import IntEnum

from tests.loopback_discord.cdn import StoredAttachment
from tests.loopback_discord.changes import DEFAULT_TIMEOUT_S
from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.message import StoredMessage
from tests.loopback_discord.model import Channel, Member, User


class InteractionType(IntEnum):
    """Discord's numbers."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class CallbackType(IntEnum):
    """How the bot answered first."""

    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE_MESSAGE = 7
    AUTOCOMPLETE = 8
    MODAL = 9


@dataclass(eq=False, slots=True)
class Interaction:
    """One interaction.

    Attributes:
        message: the message whose component was used, also for a modal that such a component opened.
        followups: messages the bot added through the interaction's token.
        acknowledged_after_s: seconds from the interaction to its callback; None before.
    """

    id: int
    token: str
    type: InteractionType
    user: User
    member: Member | None
    channel: Channel
    data: JsonObject
    message: StoredMessage | None = None
    trigger: "Interaction | None" = None
    uploads: list[StoredAttachment] = field(default_factory=list)
    callback: CallbackType | None = None
    callback_data: JsonObject = field(default_factory=dict)
    original: StoredMessage | None = None
    followups: list[StoredMessage] = field(default_factory=list)
    expired: bool = False
    acknowledged_after_s: float | None = None
    began_at: float = field(default_factory=time.monotonic)

    # --- what a test does with it -----------------------------------------------------------------

    async def acknowledged(self, timeout: float = DEFAULT_TIMEOUT_S) -> CallbackType:
        """Wait for the callback: how the bot answered first."""
        return await self.channel.world.changes.wait_for(lambda: self.callback, timeout, told=self._told)

    async def response(self, timeout: float = DEFAULT_TIMEOUT_S) -> StoredMessage:
        """Wait for the original response with its content: of a deferred one, after it was filled in."""
        return await self.channel.world.changes.wait_for(self._response, timeout, told=self._told)

    async def modal(self, timeout: float = DEFAULT_TIMEOUT_S) -> JsonObject:
        """Wait for a modal: its custom_id, title and components."""
        await self.acknowledged(timeout)
        if self.callback is not CallbackType.MODAL:
            raise AssertionError(f"answered with {self.callback!r}, not with a modal")
        return self.callback_data

    async def choices(self, timeout: float = DEFAULT_TIMEOUT_S) -> list[JsonObject]:
        """Wait for the choices of an autocompletion."""
        await self.acknowledged(timeout)
        choices: list[JsonObject] = self.callback_data.get("choices") or []
        return choices

    def expire(self) -> None:
        """The token's 15 minutes are over: webhooks answer 50027, the callback 10062, uploads are gone."""
        self.expired = True
        self.remove_uploads()

    def remove_uploads(self) -> None:
        """The attachments given as options vanish from the CDN."""
        for upload in self.uploads:
            upload.gone = True

    # --- what the server does with it -------------------------------------------------------------

    def acknowledge(self, callback: CallbackType, data: JsonObject) -> None:
        self.callback = callback
        self.callback_data = data
        self.acknowledged_after_s = time.monotonic() - self.began_at

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.began_at

    def metadata(self) -> JsonObject:
        """`interaction_metadata` of the messages it leads to."""
        from_guild = self.channel.guild
        owners = {"0": "0" if from_guild is None else str(from_guild.id)}
        metadata: JsonObject = {
            "id": str(self.id),
            "type": int(self.type),
            "user": {
                "id": str(self.user.id),
                "username": self.user.name,
                "discriminator": "0",
                "avatar": None,
            },
            "authorizing_integration_owners": owners,
        }
        if self.message is not None and self.type is InteractionType.COMPONENT:
            metadata["interacted_message_id"] = str(self.message.id)
        if self.trigger is not None:
            metadata["triggering_interaction_metadata"] = self.trigger.metadata()
        return metadata

    def _response(self) -> StoredMessage | None:
        return None if self.original is None or self.original.loading else self.original

    def _told(self) -> str:
        return f"The interaction is {self.type.name}, callback {self.callback!r}, original {self.original!r}."
