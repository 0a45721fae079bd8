"""Discord's JSON for users, members, roles, channels and guilds."""

from typing import TYPE_CHECKING

from tests.loopback_discord.errors import JsonObject

if TYPE_CHECKING:
    from tests.loopback_discord.model import Channel, Guild, Member, Role, User

_JOINED_AT = "2024-01-01T00:00:00+00:00"


def user(who: "User") -> JsonObject:
    payload: JsonObject = {
        "id": str(who.id),
        "username": who.name,
        "global_name": None,
        "discriminator": "0",
        "avatar": None,
        "public_flags": 0,
    }
    if who.bot:
        payload["bot"] = True
    return payload


def member(who: "Member", *, with_user: bool = True, permissions: int | None = None) -> JsonObject:
    payload: JsonObject = {
        "roles": [str(item.id) for item in who.roles],
        "nick": None,
        "avatar": None,
        "joined_at": _JOINED_AT,
        "premium_since": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    if with_user:
        payload["user"] = user(who.user)
    if permissions is not None:
        payload["permissions"] = str(permissions)
    return payload


def role(item: "Role") -> JsonObject:
    return {
        "id": str(item.id),
        "name": item.name,
        "permissions": str(item.permissions),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": item.managed,
        "mentionable": item.mentionable,
        "flags": 0,
    }


def channel(item: "Channel", *, permissions: int | None = None) -> JsonObject:
    last = max(item.log, default=None)
    payload: JsonObject = {
        "id": str(item.id),
        "type": item.type,
        "flags": 0,
        "last_message_id": None if last is None else str(last),
    }
    if item.guild is None:
        payload["recipients"] = [] if item.recipient is None else [user(item.recipient)]
    else:
        payload |= {
            "guild_id": str(item.guild.id),
            "name": item.name,
            "position": 0,
            "nsfw": item.nsfw,
            "topic": None,
            "parent_id": None,
            "rate_limit_per_user": 0,
            "permission_overwrites": [
                {"id": str(key), "type": value.type, "allow": str(value.allow), "deny": str(value.deny)}
                for key, value in item.overwrites.items()
            ],
        }
    if permissions is not None:
        payload["permissions"] = str(permissions)
    return payload


def guild(item: "Guild") -> JsonObject:
    """What GET /guilds/{guild_id} tells."""
    return {
        "id": str(item.id),
        "name": item.name,
        "owner_id": str(item.owner_id),
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "features": [],
        "roles": [role(entry) for entry in (item.everyone, *item.roles.values())],
        "emojis": [],
        "stickers": [],
        "premium_tier": item.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": item.locale,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "afk_timeout": 300,
        "afk_channel_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "vanity_url_code": None,
        "max_members": 500_000,
    }


def guild_create(item: "Guild") -> JsonObject:
    """What GUILD_CREATE tells; of the members the bot alone, as without the members intent."""
    return guild(item) | {
        "joined_at": _JOINED_AT,
        "large": False,
        "unavailable": False,
        "member_count": len(item.members),
        "members": [member(item.me)],
        "channels": [channel(entry) for entry in item.channels.values()],
        "threads": [],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
