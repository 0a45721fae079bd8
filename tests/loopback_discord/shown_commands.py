"""Which commands a member is shown where."""

from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.model import Channel, Member, User
from tests.loopback_discord.options import ActorError
from tests.loopback_discord.permissions import ALL_PERMISSIONS, DM_PERMISSIONS, Permission
from tests.loopback_discord.rest_commands import CommandRegistry

GUILD_CONTEXT, DM_CONTEXT = 0, 1


def rights_of(who: Member | User, channel: Channel) -> int:
    return channel.permissions_of(who) if isinstance(who, Member) else DM_PERMISSIONS


def context_of(channel: Channel) -> int:
    return DM_CONTEXT if channel.guild is None else GUILD_CONTEXT


class ShownCommands:
    """Looks commands up as Discord's client does.

    Attributes:
        opened: names of commands that administrators opened to everybody in the server's settings.
    """

    def __init__(self, registry: CommandRegistry) -> None:
        self.opened: set[str] = set()
        self._registry = registry

    def find(self, who: Member | User, channel: Channel, name: str, kind: int) -> JsonObject:
        """A registered command that this member is shown in this channel.

        Raises:
            ActorError: there is none.
        """
        command = self._registry.find(name, None if channel.guild is None else channel.guild.id, kind)
        if command is None:
            raise ActorError(name, "no such command is registered")
        if not _offered_in(command, context_of(channel)):
            raise ActorError(name, "is not offered in such a channel")
        rights = rights_of(who, channel)
        if not rights & Permission.USE_APPLICATION_COMMANDS:
            raise ActorError(name, "the member may not use commands in this channel")
        if name not in self.opened and not _permitted(command, rights):
            raise ActorError(name, "is not shown to this member")
        return command


def _offered_in(command: JsonObject, context: int) -> bool:
    contexts = command.get("contexts")
    if contexts is None:
        return context == GUILD_CONTEXT or command.get("dm_permission") is not False
    return context in contexts


def _permitted(command: JsonObject, rights: int) -> bool:
    """By `default_member_permissions`, where zero stands for administrators alone."""
    needed = command.get("default_member_permissions")
    if needed is None or rights == ALL_PERMISSIONS:
        return True
    return int(needed) != 0 and not int(needed) & ~rights
