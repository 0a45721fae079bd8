"""Permission bits, and how roles and channel overwrites add up (Discord's documented algorithm)."""

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.loopback_discord.model import Channel, Member


class Permission(IntFlag):
    """The bits this server knows; others may be given as plain integers."""

    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MODERATE_MEMBERS = 1 << 40


ALL_PERMISSIONS = (1 << 53) - 1

EVERYONE_PERMISSIONS = int(
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
)

DM_PERMISSIONS = EVERYONE_PERMISSIONS


def guild_permissions(member: "Member") -> int:
    """What the member's roles add up to, everywhere in the guild."""
    if member.guild.owner_id == member.id:
        return ALL_PERMISSIONS
    total = member.guild.everyone.permissions
    for role in member.roles:
        total |= role.permissions
    return ALL_PERMISSIONS if total & Permission.ADMINISTRATOR else total


def channel_permissions(member: "Member", channel: "Channel") -> int:
    """What the member may do in one channel: overwrites of everyone, then of roles together, then own."""
    total = guild_permissions(member)
    if total == ALL_PERMISSIONS:
        return total
    everyone = channel.overwrites.get(member.guild.id)
    if everyone is not None:
        total = (total & ~everyone.deny) | everyone.allow
    of_roles = [channel.overwrites[role.id] for role in member.roles if role.id in channel.overwrites]
    for overwrite in of_roles:
        total &= ~overwrite.deny
    for overwrite in of_roles:
        total |= overwrite.allow
    own = channel.overwrites.get(member.id)
    if own is not None:
        total = (total & ~own.deny) | own.allow
    return total if total & Permission.VIEW_CHANNEL else 0
