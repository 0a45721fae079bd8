"""Gateway events and the intents that ask for them."""

from dataclasses import dataclass
from enum import IntFlag

from tests.loopback_discord.errors import JsonObject


class Intent(IntFlag):
    """Discord's bits."""

    NONE = 0
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


@dataclass(frozen=True, slots=True)
class Event:
    """Something for the gateway to tell.

    Attributes:
        guild_id: decides the shard; None (direct messages) is shard 0.
        intent: who hears of it; none means everybody.
        redacted: what those without the message-content intent get instead of `data`.
    """

    name: str
    data: JsonObject
    guild_id: int | None
    intent: Intent = Intent.NONE
    redacted: JsonObject | None = None

    def data_for(self, intents: int) -> JsonObject:
        if self.redacted is None or intents & Intent.MESSAGE_CONTENT:
            return self.data
        return self.redacted
