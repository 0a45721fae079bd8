"""The audit trail: who did what to whom, when and why. Entries are added, and never changed.

It is also the outbox for the moderators' channel: an entry is written in the transaction of what it tells,
and posted afterwards, by whichever process gets to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select, update

from bot.schema import audit_entries

#: The actor of what the bot does by itself.
THE_BOT = 0


class Action(StrEnum):
    """What can be done; the message catalogue has `audit-<value>` for each."""

    CANCELLED = "cancelled"
    WITHHELD = "withheld"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    PAUSED = "paused"
    RESUMED = "resumed"
    RECONCILED = "reconciled"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # the member took back a request that waited for approval
    UNANSWERED = "unanswered"  # no moderator answered in time
    TAKEN_DOWN = "taken-down"
    REFUNDED = "refunded"
    REPORTED = "reported"
    GRANTED = "granted"
    REVOKED = "revoked"
    FILTER_ADDED = "filter-added"
    FILTER_REMOVED = "filter-removed"
    SETTINGS_CHANGED = "settings-changed"
    BUDGET_WARNING = "budget-warning"
    UNCERTAIN = "uncertain"


_DECISIONS = frozenset({Action.APPROVED, Action.REJECTED, Action.WITHDRAWN, Action.UNANSWERED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `at` in milliseconds, `detail` by action."""

    id: int
    guild_id: int
    at: int
    actor_id: int
    action: Action
    target_id: int | None
    job_id: str | None
    detail: Mapping[str, Any]

    @property
    def is_decision(self) -> bool:
        """Whether it says how a request's wait for approval ended."""
        return self.action in _DECISIONS or bool(self.detail.get("waited"))


def record(
    connection: Connection,
    guild_id: int,
    action: Action,
    /,
    *,
    actor: int,
    at: int,
    target: int | None = None,
    job_id: str | None = None,
    **detail: Any,
) -> None:
    """Write an entry down. It is told in the moderators' channel soon."""
    connection.execute(
        audit_entries.insert().values(
            guild_id=guild_id,
            at=at,
            actor_id=actor,
            action=action,
            target_id=target,
            job_id=job_id,
            detail=detail,
        )
    )


def untold_servers(connection: Connection) -> set[int]:
    """The servers that have entries which have not been shown yet."""
    statement = select(audit_entries.c.guild_id).where(audit_entries.c.told_at.is_(None)).distinct()
    return set(connection.scalars(statement))


def untold(connection: Connection, guild_id: int, *, limit: int) -> list[Entry]:
    """A server's entries that have not been shown yet, oldest first."""
    own = (audit_entries.c.guild_id == guild_id) & audit_entries.c.told_at.is_(None)
    statement = select(audit_entries).where(own).order_by(audit_entries.c.id).limit(limit)
    return [_entry(row) for row in connection.execute(statement).mappings()]


def mark_told(connection: Connection, entry_id: int, *, at: int) -> None:
    """The entry has been shown, or there is no channel to show it in."""
    connection.execute(update(audit_entries).where(audit_entries.c.id == entry_id).values(told_at=at))


def trail(
    connection: Connection, guild_id: int, *, before: int | None = None, limit: int | None = None
) -> list[Entry]:
    """A server's entries, newest first; with `before` those older than the entry of this id."""
    own = audit_entries.c.guild_id == guild_id
    if before is not None:
        own &= audit_entries.c.id < before
    statement = select(audit_entries).where(own).order_by(audit_entries.c.id.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(statement).mappings()]


def decision_about(connection: Connection, guild_id: int, job_id: str) -> Entry | None:
    """How a job's wait for approval ended, if it has."""
    own = (audit_entries.c.guild_id == guild_id) & (audit_entries.c.job_id == job_id)
    statement = select(audit_entries).where(own).order_by(audit_entries.c.id)
    entries = (_entry(row) for row in connection.execute(statement).mappings())
    return next((entry for entry in entries if entry.is_decision), None)


def budget_warnings(connection: Connection, guild_id: int, month: str) -> set[int]:
    """The marks (per cent) of this month's budget that have been told."""
    statement = select(audit_entries.c.detail).where(
        audit_entries.c.guild_id == guild_id, audit_entries.c.action == Action.BUDGET_WARNING
    )
    details = connection.execute(statement).scalars()
    return {detail["percent"] for detail in details if detail["month"] == month}


def _entry(row: Mapping[Any, Any]) -> Entry:
    values = {name: row[name] for name in Entry.__slots__}
    return Entry(**{**values, "action": Action(row["action"])})
