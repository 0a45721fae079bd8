"""What staff do to credits and settings, with its entry in the audit trail; one transaction each."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from bot import turns
from bot.credits import budget, gifts
from bot.credits.budget import Month
from bot.credits.gifts import Granted
from bot.errors import BadSetting, SettingsRefused
from bot.moderation import audit
from bot.moderation.audit import Action
from bot.servers import store as servers
from bot.servers.settings import ServerSettings, change
from bot.servers.tiers import Tier, tier_of, with_tier, without_tier

#: A server has at most so many tiers: they are listed in one message.
MOST_TIERS = 12


def grant(
    connection: Connection,
    guild_id: int,
    user_id: int,
    amount: int,
    *,
    by: int,
    reference: str,
    at: int,
    reason: str = "",
) -> Granted:
    """Give a member credits, once a reference.

    Raises:
        ReferenceTaken: the reference was used for something else.
    """
    turns.of_server(connection, guild_id)
    who = {"guild_id": guild_id, "user_id": user_id}
    granted = gifts.grant(connection, **who, amount=amount, reference=reference, at=at)
    if granted.is_new:
        audit.record(
            connection,
            guild_id,
            Action.GRANTED,
            actor=by,
            at=at,
            target=user_id,
            credits=amount,
            reason=reason,
            reference=reference,
        )
    return granted


def revoke(
    connection: Connection,
    guild_id: int,
    user_id: int,
    amount: int,
    *,
    by: int,
    reference: str,
    at: int,
    reason: str = "",
) -> int:
    """Take credits from a member, at most what there is; returns the credits taken."""
    turns.of_server(connection, guild_id)
    who = {"guild_id": guild_id, "user_id": user_id}
    taken = gifts.revoke(connection, **who, amount=amount, reference=reference, at=at)
    if taken:
        audit.record(
            connection,
            guild_id,
            Action.REVOKED,
            actor=by,
            at=at,
            target=user_id,
            credits=taken,
            reason=reason,
            reference=reference,
        )
    return taken


def change_settings(
    connection: Connection, guild_id: int, settings: ServerSettings, *, by: int, at: int
) -> None:
    """Replace a server's settings, and fit this month's budget to them."""
    turns.of_server(connection, guild_id)
    before = servers.load(connection, guild_id).model_dump(mode="json")
    after = settings.model_dump(mode="json")
    changed = {name: after[name] for name in after if after[name] != before[name]}
    if not changed:
        return
    servers.save(connection, guild_id, settings, at=at)
    budget.fit_to_limit(connection, Month.at(guild_id, at), settings.budget, at=at)
    audit.record(connection, guild_id, Action.SETTINGS_CHANGED, actor=by, at=at, changed=changed)


def change_one(
    connection: Connection, guild_id: int, changes: Mapping[str, Any], *, by: int, at: int
) -> ServerSettings:
    """Change these settings of a server and leave the others as they are now; returns the result.

    Raises:
        SettingsRefused: the result would not make sense; nothing was changed.
    """
    turns.of_server(connection, guild_id)
    settings = change(servers.load(connection, guild_id), changes)
    change_settings(connection, guild_id, settings, by=by, at=at)
    return settings


def put_tier(
    connection: Connection,
    guild_id: int,
    role_id: int | None,
    changes: Mapping[str, Any],
    *,
    position: int | None,
    by: int,
    at: int,
) -> Tier:
    """Make or change the tier of a role (None: everybody's), leaving what is not named; returns it.

    An allowance above the cap raises the cap, unless one is named as well: else part of it would never come.

    Raises:
        SettingsRefused: a value is out of bounds, or the server has its most tiers already.
    """
    turns.of_server(connection, guild_id)
    tiers = servers.load(connection, guild_id).tiers
    tier = change(tier_of(tiers, role_id) or Tier(role_id=role_id), changes)
    if "cap" not in changes and tier.cap < tier.allowance:
        tier = change(tier, {"cap": tier.allowance})
    tiers = with_tier(tiers, tier, position)
    if len(tiers) > MOST_TIERS:
        raise SettingsRefused([BadSetting("tiers", "too_long", MOST_TIERS)])
    change_one(connection, guild_id, {"tiers": tiers}, by=by, at=at)
    return tier


def remove_tier(connection: Connection, guild_id: int, role_id: int | None, *, by: int, at: int) -> bool:
    """Take a role's tier away; whether there was one."""
    turns.of_server(connection, guild_id)
    tiers = servers.load(connection, guild_id).tiers
    if tier_of(tiers, role_id) is None:
        return False
    change_one(connection, guild_id, {"tiers": without_tier(tiers, role_id)}, by=by, at=at)
    return True
