"""What was spent and on what: credits against dollars, from the jobs and the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from bot.credits.ledger import member_account
from bot.jobs.states import JobState
from bot.schema import jobs, transfers

_MICROUSD = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelCosts:
    """One model in one month of one server.

    Attributes:
        month: `2026-11`, UTC, by when the jobs ended.
        model: the command.
        jobs: how many ended.
        delivered: how many of them were delivered.
        credits: what members paid.
        dollars: what RunComfy charged, as far as it said so.
        priced: how many jobs RunComfy named a cost for.
    """

    guild_id: int
    month: str
    model: str
    jobs: int
    delivered: int
    credits: int
    dollars: float
    priced: int

    @property
    def dollars_per_credit(self) -> float | None:
        """What a credit costs the operator; None where nothing was paid."""
        return self.dollars / self.credits if self.credits else None


def costs(connection: Connection, guild_id: int | None = None, *, since: int = 0) -> list[ModelCosts]:
    """Credits against dollars per server, month and model; `since` in milliseconds."""
    was_delivered = jobs.c.state == JobState.DELIVERED
    ended = select(
        jobs.c.guild_id,
        jobs.c.model,
        # Days are summed up to months below: no engine's own calendar is needed.
        (jobs.c.ended_at // _DAY_MS).label("day"),
        func.count().label("jobs"),
        func.sum(case((was_delivered, 1), else_=0)).label("delivered"),
        func.sum(case((was_delivered, jobs.c.price), else_=0)).label("credits"),
        func.sum(func.coalesce(jobs.c.cost_microusd, 0)).label("microusd"),
        func.count(jobs.c.cost_microusd).label("priced"),
    ).where(jobs.c.ended_at.is_not(None), jobs.c.ended_at >= since)
    if guild_id is not None:
        ended = ended.where(jobs.c.guild_id == guild_id)
    rows = connection.execute(ended.group_by(jobs.c.guild_id, jobs.c.model, "day"))
    return _by_month(rows.all())


_DAY_MS = 86_400_000


def _by_month(rows: "list[Row[Any]] | Any") -> list[ModelCosts]:
    sums: dict[tuple[int, str, str], list[int]] = {}
    for row in rows:
        month = datetime.fromtimestamp(int(row.day) * _DAY_MS / 1000, tz=UTC).strftime("%Y-%m")
        total = sums.setdefault((row.guild_id, month, row.model), [0] * 5)
        figures = (row.jobs, row.delivered, row.credits, row.microusd, row.priced)
        total[:] = [left + int(right) for left, right in zip(total, figures, strict=True)]
    return [
        ModelCosts(guild, month, model, count, delivered, paid, microusd / _MICROUSD, priced)
        for (guild, month, model), (count, delivered, paid, microusd, priced) in sorted(sums.items())
    ]


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement in a member's wallet: `amount` (credits) is negative where it left."""

    reference: str
    amount: int
    at: int


def history(
    connection: Connection, guild_id: int, user_id: int, *, limit: int, before: int | None = None
) -> list[Movement]:
    """A member's movements, newest first; `before` is a transfer's time (ms) to page on."""
    account = member_account(guild_id, user_id)
    own = (transfers.c.source == account) | (transfers.c.destination == account)
    statement = select(transfers).where(own).order_by(transfers.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(transfers.c.created_at < before)
    return [_movement(row, account) for row in connection.execute(statement).mappings()]


def _movement(row: Mapping[Any, Any], account: str) -> Movement:
    sign = 1 if row["destination"] == account else -1
    return Movement(row["reference"], sign * int(row["amount"]), int(row["created_at"]))
