"""Who a message pings: its text, its allowed mentions, and what the author may do."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.loopback_discord.errors import JsonObject, Problem
from tests.loopback_discord.permissions import Permission, channel_permissions

if TYPE_CHECKING:
    from tests.loopback_discord.message import StoredMessage
    from tests.loopback_discord.model import Channel, Role, User

_CODE = re.compile(r"```.*?```|``.*?``|`[^`\n]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(?:everyone|here)\b")


@dataclass(slots=True)
class Pings:
    """The outcome."""

    users: "list[User]" = field(default_factory=list)
    roles: "list[Role]" = field(default_factory=list)
    everyone: bool = False


@dataclass(frozen=True, slots=True)
class Allowed:
    """`allowed_mentions` as given; None in the body means that everything pings."""

    parse: frozenset[str]
    users: frozenset[int]
    roles: frozenset[int]
    replied_user: bool

    @classmethod
    def read(cls, given: JsonObject | None) -> "Allowed":
        if given is None:
            return cls(frozenset({"users", "roles", "everyone"}), frozenset(), frozenset(), replied_user=True)
        return cls(
            parse=frozenset(given.get("parse") or ()),
            users=frozenset(map(int, given.get("users") or ())),
            roles=frozenset(map(int, given.get("roles") or ())),
            replied_user=bool(given.get("replied_user")),
        )


def problems(given: JsonObject | None) -> list[Problem]:
    """Discord refuses a list beside the word that already includes it."""
    if not given:
        return []
    return [
        Problem(("allowed_mentions", kind), f"parse: {kind} and {kind}: [ids] are mutually exclusive")
        for kind in ("users", "roles")
        if given.get(kind) and kind in (given.get("parse") or ())
    ]


def pings(
    text: str, given: JsonObject | None, author: "User", channel: "Channel", reply_to: "StoredMessage | None"
) -> Pings:
    """Mentions inside code do not count; backslashes before a mention do not stop it.

    Whoever has left the server hears of nothing in it.
    """
    spoken = _CODE.sub("", text)
    allowed = Allowed.read(given)
    found = Pings()
    for user_id in map(int, _USER.findall(spoken)):
        user = channel.world.users.get(user_id)
        if (
            user is not None
            and user not in found.users
            and (channel.guild is None or user_id in channel.guild.members)
            and ("users" in allowed.parse or user_id in allowed.users)
        ):
            found.users.append(user)
    if reply_to is not None and allowed.replied_user and reply_to.author not in found.users:
        found.users.append(reply_to.author)
    if channel.guild is None:
        return found
    member = channel.guild.members.get(author.id)
    rights = 0 if member is None else channel_permissions(member, channel)
    may_ping_all = bool(rights & Permission.MENTION_EVERYONE)
    for role_id in map(int, _ROLE.findall(spoken)):
        role = channel.guild.roles.get(role_id)
        if role is None or role in found.roles or not (role.mentionable or may_ping_all):
            continue
        if "roles" in allowed.parse or role_id in allowed.roles:
            found.roles.append(role)
    found.everyone = may_ping_all and "everyone" in allowed.parse and bool(_EVERYONE.search(spoken))
    return found
