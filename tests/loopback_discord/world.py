"""The state of the pretended Discord: everything that is remembered, and who is told of changes."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.loopback_discord import message_payload, payloads
from tests.loopback_discord.cdn import Cdn
from tests.loopback_discord.changes import Changes
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal
from tests.loopback_discord.events import Event, Intent
from tests.loopback_discord.ids import Snowflakes
from tests.loopback_discord.message import StoredMessage
from tests.loopback_discord.model import TIER_UPLOAD_LIMITS, Channel, Guild, Member, Role, User
from tests.loopback_discord.permissions import DM_PERMISSIONS, EVERYONE_PERMISSIONS, channel_permissions

if TYPE_CHECKING:
    from collections.abc import Callable


class World:
    """Users, guilds, channels and their messages; one application with one bot."""

    def __init__(self) -> None:
        self.ids = Snowflakes()
        self.changes = Changes()
        self.cdn = Cdn(self.ids)
        self.listeners: list[Callable[[Event], None]] = []
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.nonces: dict[tuple[int, int, str], StoredMessage] = {}
        self.bot = self.create_user("loopback", bot=True)
        self.operator = self.create_user("operator")
        #: Set it to let the application belong to a team, whose owner this user is.
        self.team_owner: User | None = None
        self.application_id = self.ids.next()

    # --- arranging ------------------------------------------------------------------------------------

    def create_user(
        self, name: str, locale: str = "en-US", upload_limit: int = 0, *, bot: bool = False
    ) -> User:
        user = User(self.ids.next(), name, bot, locale, upload_limit)
        self.users[user.id] = user
        return user

    def create_guild(
        self,
        name: str,
        *,
        upload_limit: int | None = None,
        premium_tier: int = 0,
        locale: str = "en-US",
        bot_permissions: int = EVERYONE_PERMISSIONS,
    ) -> Guild:
        """A server with the bot in it, owned by somebody else; `upload_limit` in bytes a file."""
        guild_id = self.ids.next_guild()
        guild = Guild(
            id=guild_id,
            name=name,
            owner_id=self.operator.id,
            world=self,
            everyone=Role(guild_id, "@everyone", EVERYONE_PERMISSIONS),
            upload_limit=TIER_UPLOAD_LIMITS[premium_tier] if upload_limit is None else upload_limit,
            premium_tier=premium_tier,
            locale=locale,
        )
        own_role = Role(self.ids.next(), self.bot.name, bot_permissions, managed=True)
        guild.roles[own_role.id] = own_role
        guild.members[self.bot.id] = Member(self.bot, guild, [own_role])
        guild.members[self.operator.id] = Member(self.operator, guild)
        self.guilds[guild.id] = guild
        self.publish(Event("GUILD_CREATE", payloads.guild_create(guild), guild.id, Intent.GUILDS))
        return guild

    def dm_channel(self, who: User | Member) -> Channel:
        """The direct-message channel between the bot and somebody, opened if need be."""
        user = who.user if isinstance(who, Member) else who
        for channel in self.channels.values():
            if channel.guild is None and channel.recipient is user:
                return channel
        channel = Channel(self.ids.next(), self, recipient=user)
        self.channels[channel.id] = channel
        return channel

    # --- finding --------------------------------------------------------------------------------------

    def bot_guilds(self) -> list[Guild]:
        return [item for item in self.guilds.values() if self.bot.id in item.members]

    def guild(self, guild_id: int) -> Guild:
        """A guild the bot is in."""
        guild = self.guilds.get(guild_id)
        if guild is None:
            raise ApiError(Refusal.UNKNOWN_GUILD)
        if self.bot.id not in guild.members:
            raise ApiError(Refusal.MISSING_ACCESS)
        return guild

    def channel(self, channel_id: int, needed: int = 0) -> Channel:
        """A channel the bot sees and in which it has the needed permissions."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise ApiError(Refusal.UNKNOWN_CHANNEL)
        rights = self.bot_rights(channel)
        if not rights:
            raise ApiError(Refusal.MISSING_ACCESS)
        if needed & ~rights:
            raise ApiError(Refusal.MISSING_PERMISSIONS)
        return channel

    def bot_rights(self, channel: Channel) -> int:
        if channel.guild is None:
            return DM_PERMISSIONS
        if self.bot.id not in channel.guild.members:
            return 0
        return channel_permissions(channel.guild.me, channel)

    def message(self, channel: Channel, message_id: int) -> StoredMessage:
        """A message the bot can reach with its token: ephemeral ones it cannot."""
        message = channel.log.get(message_id)
        if message is None or message.deleted or message.visible_to is not None:
            raise ApiError(Refusal.UNKNOWN_MESSAGE)
        return message

    # --- telling --------------------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)
        self.changes.notify()

    def publish_message(self, name: str, message: StoredMessage) -> None:
        """MESSAGE_CREATE or MESSAGE_UPDATE."""
        data = message_payload.gateway_message(message, self.bot.id)
        own = message.author is self.bot or self.bot in message.mentions or message.channel.guild is None
        self.publish_about(name, message, data, None if own else message_payload.redacted(data))

    def delete_message(self, message: StoredMessage) -> None:
        message.deleted = True
        self.publish_about("MESSAGE_DELETE", message, _place(message))

    def react(self, message: StoredMessage, emoji: str, user: User, *, added: bool) -> None:
        """Put a reaction on a message, or take it off."""
        users = message.reactions.setdefault(emoji, [])
        if added and user.id not in users:
            users.append(user.id)
        if not added and user.id in users:
            users.remove(user.id)
        data = _place(message) | {
            "message_id": str(message.id),
            "user_id": str(user.id),
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        self.publish_about("MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE", message, data)

    def publish_about(
        self, name: str, message: StoredMessage, data: JsonObject, redacted: JsonObject | None = None
    ) -> None:
        """Tell of a message; of ephemeral ones the gateway says nothing."""
        if message.visible_to is not None:
            self.changes.notify()
            return
        guild = message.channel.guild
        reaction = "REACTION" in name
        if guild is None:
            intent = Intent.DIRECT_MESSAGE_REACTIONS if reaction else Intent.DIRECT_MESSAGES
        else:
            intent = Intent.GUILD_MESSAGE_REACTIONS if reaction else Intent.GUILD_MESSAGES
        self.publish(Event(name, data, None if guild is None else guild.id, intent, redacted))

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)


def _place(message: StoredMessage) -> JsonObject:
    place: JsonObject = {"id": str(message.id), "channel_id": str(message.channel.id)}
    if message.channel.guild is not None:
        place["guild_id"] = str(message.channel.guild.id)
    return place
