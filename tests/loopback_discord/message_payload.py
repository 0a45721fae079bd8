"""Discord's JSON for a message."""

from typing import TYPE_CHECKING

from tests.loopback_discord import payloads
from tests.loopback_discord.errors import JsonObject

if TYPE_CHECKING:
    from tests.loopback_discord.message import StoredMessage


def message(item: "StoredMessage", bot_id: int, *, with_reference: bool = True) -> JsonObject:
    """What REST answers and interactions carry."""
    payload: JsonObject = {
        "id": str(item.id),
        "channel_id": str(item.channel.id),
        "type": item.type,
        "author": payloads.user(item.author),
        "content": item.content,
        "timestamp": item.created_at.isoformat(),
        "edited_timestamp": None if item.edited_at is None else item.edited_at.isoformat(),
        "tts": False,
        "pinned": False,
        "flags": item.flags,
        "mention_everyone": item.mention_everyone,
        "mentions": [payloads.user(user) for user in item.mentions],
        "mention_roles": [str(role.id) for role in item.mention_roles],
        "attachments": [attachment.payload() for attachment in item.attachments],
        "embeds": item.embeds,
        "components": item.components,
    }
    payload |= _where_from(item)
    if item.reactions:
        payload["reactions"] = [_reaction(emoji, users, bot_id) for emoji, users in item.reactions.items()]
    if item.reference is not None and with_reference:
        payload |= _reference(item.reference, bot_id)
    return payload


def _where_from(item: "StoredMessage") -> JsonObject:
    """What is told only where there is something to tell."""
    payload: JsonObject = {}
    if item.nonce is not None:
        payload["nonce"] = item.nonce
    if item.webhook_id is not None:
        payload["webhook_id"] = payload["application_id"] = str(item.webhook_id)
    if item.interaction_metadata is not None:
        payload["interaction_metadata"] = item.interaction_metadata
    return payload


def _reference(target: "StoredMessage", bot_id: int) -> JsonObject:
    reference = {"type": 0, "message_id": str(target.id), "channel_id": str(target.channel.id)}
    if target.channel.guild is not None:
        reference["guild_id"] = str(target.channel.guild.id)
    resolved = None if target.deleted else message(target, bot_id, with_reference=False)
    return {"message_reference": reference, "referenced_message": resolved}


def _reaction(emoji: str, users: list[int], bot_id: int) -> JsonObject:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "me": bot_id in users,
        "me_burst": False,
        "burst_colors": [],
    }


def gateway_message(item: "StoredMessage", bot_id: int) -> JsonObject:
    """What MESSAGE_CREATE and MESSAGE_UPDATE carry: the guild and the author's member besides."""
    payload = message(item, bot_id)
    guild = item.channel.guild
    if guild is None:
        return payload
    payload["guild_id"] = str(guild.id)
    if item.author.id in guild.members:
        payload["member"] = payloads.member(guild.members[item.author.id], with_user=False)
    for mention in payload["mentions"]:
        mentioned = guild.members.get(int(mention["id"]))
        if mentioned is not None:
            mention["member"] = payloads.member(mentioned, with_user=False)
    return payload


def redacted(payload: JsonObject) -> JsonObject:
    """What is left without the message-content intent."""
    return payload | {"content": "", "embeds": [], "attachments": [], "components": []}
