"""What staff do to credits and settings, with its entry in the audit trail; one transaction each."""

from sqlalchemy import Connection

from bot.credits import budget, gifts
from bot.credits.budget import Month
from bot.moderation import audit
from bot.moderation.audit import Action
from bot.servers import store as servers
from bot.servers.settings import ServerSettings


def grant(
    connection: Connection, guild_id: int, user_id: int, amount: int, *, by: int, reference: str, at: int
) -> int:
    """Give a member credits; returns the balance."""
    who = {"guild_id": guild_id, "user_id": user_id}
    balance = gifts.grant(connection, **who, amount=amount, reference=reference, at=at)
    audit.record(connection, guild_id, Action.GRANTED, actor=by, at=at, target=user_id, credits=amount)
    return balance


def revoke(
    connection: Connection, guild_id: int, user_id: int, amount: int, *, by: int, reference: str, at: int
) -> int:
    """Take credits from a member, at most what there is; returns the credits taken."""
    who = {"guild_id": guild_id, "user_id": user_id}
    taken = gifts.revoke(connection, **who, amount=amount, reference=reference, at=at)
    audit.record(connection, guild_id, Action.REVOKED, actor=by, at=at, target=user_id, credits=taken)
    return taken


def change_settings(
    connection: Connection, guild_id: int, settings: ServerSettings, *, by: int, at: int
) -> None:
    """Replace a server's settings, and fit this month's budget to them."""
    before = servers.load(connection, guild_id).model_dump(mode="json")
    after = settings.model_dump(mode="json")
    changed = {name: after[name] for name in after if after[name] != before[name]}
    if not changed:
        return
    servers.save(connection, guild_id, settings, at=at)
    budget.fit_to_limit(connection, Month.at(guild_id, at), settings.budget, at=at)
    audit.record(connection, guild_id, Action.SETTINGS_CHANGED, actor=by, at=at, changed=changed)
