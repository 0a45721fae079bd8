"""Users, guilds, members, roles and channels, as a test arranges them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.loopback_discord import payloads
from tests.loopback_discord.events import Event, Intent
from tests.loopback_discord.permissions import channel_permissions

if TYPE_CHECKING:
    from tests.loopback_discord.message import StoredMessage
    from tests.loopback_discord.world import World

MIB = 1024 * 1024
TIER_UPLOAD_LIMITS = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}  # bytes a file, by boost tier

TEXT_CHANNEL = 0
DM_CHANNEL = 1


@dataclass(eq=False, slots=True)
class User:
    """An account. `upload_limit` (bytes) is the account's own, from Nitro."""

    id: int
    name: str
    bot: bool = False
    locale: str = "en-US"
    upload_limit: int = 0
    dms_open: bool = True

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True)
class Role:
    id: int
    name: str
    permissions: int = 0
    mentionable: bool = False
    managed: bool = False

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"


@dataclass(eq=False, slots=True)
class Member:
    """A user in a guild."""

    user: User
    guild: "Guild"
    roles: list[Role] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def mention(self) -> str:
        return self.user.mention

    def add_role(self, role: Role) -> None:
        self.roles.append(role)
        self.guild.world.publish(self._updated())

    def remove_role(self, role: Role) -> None:
        self.roles.remove(role)
        self.guild.world.publish(self._updated())

    def leave(self) -> None:
        del self.guild.members[self.id]
        data = {"guild_id": str(self.guild.id), "user": payloads.user(self.user)}
        self.guild.world.publish(Event("GUILD_MEMBER_REMOVE", data, self.guild.id, Intent.GUILD_MEMBERS))

    def _updated(self) -> Event:
        data = payloads.member(self) | {"guild_id": str(self.guild.id)}
        # A bot hears of its own roles whatever its intents are.
        intent = Intent.NONE if self.user.bot else Intent.GUILD_MEMBERS
        return Event("GUILD_MEMBER_UPDATE", data, self.guild.id, intent)


@dataclass(eq=False, slots=True)
class Overwrite:
    """Channel permissions of a role (type 0) or a member (type 1)."""

    type: int
    allow: int = 0
    deny: int = 0


@dataclass(eq=False, slots=True)
class Channel:
    """A text channel of a guild, or a direct-message channel with its recipient."""

    id: int
    world: "World"
    name: str = ""
    guild: "Guild | None" = None
    recipient: User | None = None
    nsfw: bool = False
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    log: "dict[int, StoredMessage]" = field(default_factory=dict)

    @property
    def type(self) -> int:
        return DM_CHANNEL if self.guild is None else TEXT_CHANNEL

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    @property
    def upload_limit(self) -> int:
        """Bytes a file the bot may send here."""
        return TIER_UPLOAD_LIMITS[0] if self.guild is None else self.guild.upload_limit

    @property
    def messages(self) -> "list[StoredMessage]":
        """What everybody in the channel sees, oldest first."""
        return [item for item in self.log.values() if not item.deleted and item.visible_to is None]

    def seen_by(self, who: User | Member) -> "list[StoredMessage]":
        """What one member sees: everything public, and the ephemeral messages meant for them."""
        return [
            item
            for item in self.log.values()
            if not item.deleted and (item.visible_to is None or item.visible_to.id == who.id)
        ]

    def deny(self, who: Role | Member, permissions: int) -> None:
        """Take permissions away in this channel."""
        overwrite = self._overwrite(who)
        overwrite.deny |= permissions
        overwrite.allow &= ~permissions
        self._publish("CHANNEL_UPDATE")

    def allow(self, who: Role | Member, permissions: int) -> None:
        """Give permissions in this channel."""
        overwrite = self._overwrite(who)
        overwrite.allow |= permissions
        overwrite.deny &= ~permissions
        self._publish("CHANNEL_UPDATE")

    def permissions_of(self, who: Member) -> int:
        return channel_permissions(who, self)

    def delete(self) -> None:
        """Delete the channel with everything in it."""
        del self.world.channels[self.id]
        if self.guild is not None:
            del self.guild.channels[self.id]
        self._publish("CHANNEL_DELETE")

    def _overwrite(self, who: Role | Member) -> Overwrite:
        return self.overwrites.setdefault(who.id, Overwrite(type=0 if isinstance(who, Role) else 1))

    def _publish(self, name: str) -> None:
        guild_id = None if self.guild is None else self.guild.id
        self.world.publish(Event(name, payloads.channel(self), guild_id, Intent.GUILDS))


@dataclass(eq=False, slots=True)
class Guild:
    """A server. `upload_limit` (bytes a file) is what the API enforces, whatever the boost tier promises."""

    id: int
    name: str
    owner_id: int
    world: "World"
    everyone: Role
    upload_limit: int
    premium_tier: int = 0
    locale: str = "en-US"
    channels: dict[int, Channel] = field(default_factory=dict)
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def me(self) -> Member:
        """The bot."""
        return self.members[self.world.bot.id]

    def create_channel(self, name: str, *, nsfw: bool = False) -> Channel:
        channel = Channel(self.world.ids.next(), self.world, name, guild=self, nsfw=nsfw)
        self.channels[channel.id] = self.world.channels[channel.id] = channel
        self.world.publish(Event("CHANNEL_CREATE", payloads.channel(channel), self.id, Intent.GUILDS))
        return channel

    def create_role(
        self, name: str, permissions: int = 0, *, mentionable: bool = False, managed: bool = False
    ) -> Role:
        role = Role(self.world.ids.next(), name, permissions, mentionable, managed)
        self.roles[role.id] = role
        data = {"guild_id": str(self.id), "role": payloads.role(role)}
        self.world.publish(Event("GUILD_ROLE_CREATE", data, self.id, Intent.GUILDS))
        return role

    def add_member(
        self,
        who: str | User,
        *,
        permissions: int = 0,
        roles: tuple[Role, ...] = (),
        locale: str = "en-US",
        upload_limit: int = 0,
    ) -> Member:
        """A new user by this name, or one there is already; `permissions` come as a role of their own."""
        user = self.world.create_user(who, locale, upload_limit) if isinstance(who, str) else who
        held = list(roles)
        if permissions:
            held.append(self.create_role(f"{user.name}'s permissions", permissions))
        member = self.members[user.id] = Member(user, self, held)
        data = payloads.member(member) | {"guild_id": str(self.id)}
        self.world.publish(Event("GUILD_MEMBER_ADD", data, self.id, Intent.GUILD_MEMBERS))
        return member

    def delete(self) -> None:
        """Delete the server with everything in it."""
        del self.world.guilds[self.id]
        for channel_id in self.channels:
            del self.world.channels[channel_id]
        self.members.clear()
        self.world.publish(Event("GUILD_DELETE", {"id": str(self.id)}, self.id, Intent.GUILDS))

    def remove_bot(self) -> None:
        """Kick the bot out of the server."""
        self.members.pop(self.world.bot.id)
        self.world.publish(Event("GUILD_DELETE", {"id": str(self.id)}, self.id, Intent.GUILDS))

    def bot_permissions(self, permissions: int) -> None:
        """What the bot's own role and @everyone give together, from now on."""
        for role in (self.everyone, *self.me.roles):
            role.permissions = permissions
            data = {"guild_id": str(self.id), "role": payloads.role(role)}
            self.world.publish(Event("GUILD_ROLE_UPDATE", data, self.id, Intent.GUILDS))
