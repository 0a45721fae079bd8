"""What was spent and on what: credits against dollars, from the jobs and the ledger."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from bot.credits import budget
from bot.credits.budget import Month, Standing
from bot.credits.ledger import member_account
from bot.jobs.states import JobState
from bot.schema import jobs, transfers

_MICROUSD = 1_000_000
_DAY_MS = 86_400_000
#: How many members a report names.
_TOP = 5


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
        priced_credits: what members paid for those.
    """

    guild_id: int
    month: str
    model: str
    jobs: int
    delivered: int
    credits: int
    dollars: float
    priced: int
    priced_credits: int

    @property
    def success_percent(self) -> int:
        """How many of the jobs that ended were delivered, in per cent."""
        return self.delivered * 100 // self.jobs

    @property
    def dollars_per_credit(self) -> float | None:
        """What a credit cost the operator, over the jobs whose cost is known; None where nothing was paid."""
        return self.dollars / self.priced_credits if self.priced_credits else None


@dataclass(frozen=True, slots=True)
class Span:
    """A time from `since` up to, but without, `until` (milliseconds)."""

    since: int
    until: int

    @classmethod
    def of_month(cls, month: str) -> "Span":
        """A month (`2026-11`) in UTC. Raises ValueError for anything else."""
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
        after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return cls(*(int(moment.timestamp() * 1000) for moment in (first, after)))


#: From the beginning to the end.
ALWAYS = Span(0, 2**62)


def month_of(at: int) -> str:
    """The month (`2026-11`, UTC) a moment (ms) falls into."""
    return datetime.fromtimestamp(at / 1000, tz=UTC).strftime("%Y-%m")


def costs(connection: Connection, guild_id: int | None = None, *, span: Span = ALWAYS) -> list[ModelCosts]:
    """Credits against dollars per server, month and model, over the jobs that ended in `span`."""
    was_delivered = jobs.c.state == JobState.DELIVERED
    was_priced = jobs.c.cost_microusd.is_not(None)
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
        func.sum(case((was_delivered & was_priced, jobs.c.price), else_=0)).label("priced_credits"),
    ).where(*_ended_in(span, guild_id))
    rows = connection.execute(ended.group_by(jobs.c.guild_id, jobs.c.model, "day"))
    return _by_month(rows.mappings())


def _ended_in(span: Span, guild_id: int | None) -> list[ColumnElement[bool]]:
    ended = [jobs.c.ended_at >= span.since, jobs.c.ended_at < span.until]
    return ended if guild_id is None else [*ended, jobs.c.guild_id == guild_id]


_FIGURES = ("jobs", "delivered", "credits", "microusd", "priced", "priced_credits")


def _by_month(days: Iterable[Mapping[Any, Any]]) -> list[ModelCosts]:
    sums: dict[tuple[int, str, str], Counter[str]] = {}
    for day in days:
        key = (day["guild_id"], month_of(int(day["day"]) * _DAY_MS), day["model"])
        sums.setdefault(key, Counter()).update({name: int(day[name]) for name in _FIGURES})
    return [
        ModelCosts(
            guild_id=guild_id,
            month=month,
            model=model,
            jobs=total["jobs"],
            delivered=total["delivered"],
            credits=total["credits"],
            dollars=total["microusd"] / _MICROUSD,
            priced=total["priced"],
            priced_credits=total["priced_credits"],
        )
        for (guild_id, month, model), total in sorted(sums.items())
    ]


@dataclass(frozen=True, slots=True)
class MemberUsage:
    """What one member had made: videos delivered, and credits paid for them."""

    user_id: int
    videos: int
    credits: int


def top_members(connection: Connection, guild_id: int, *, span: Span, limit: int) -> list[MemberUsage]:
    """The members who paid most for videos delivered in `span`."""
    paid, videos = func.sum(jobs.c.price), func.count()
    statement = (
        select(jobs.c.user_id, videos.label("videos"), paid.label("credits"))
        .where(jobs.c.state == JobState.DELIVERED, *_ended_in(span, guild_id))
        .group_by(jobs.c.user_id)
        .order_by(paid.desc(), videos.desc(), jobs.c.user_id)
        .limit(limit)
    )
    return [
        MemberUsage(row["user_id"], int(row["videos"]), int(row["credits"]))
        for row in connection.execute(statement).mappings()
    ]


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement in a wallet: `amount` (credits) from the account `other`, or negative to it."""

    reference: str
    amount: int
    other: str
    at: int


def history(
    connection: Connection, guild_id: int, user_id: int, *, limit: int, skip: int = 0
) -> list[Movement]:
    """A member's movements, newest first, without the `skip` newest; several can be of the same moment."""
    account = member_account(guild_id, user_id)
    own = (transfers.c.source == account) | (transfers.c.destination == account)
    statement = select(transfers).where(own).order_by(transfers.c.id.desc()).limit(limit).offset(skip)
    return [_movement(row, account) for row in connection.execute(statement).mappings()]


def _movement(row: Mapping[Any, Any], account: str) -> Movement:
    sign, other = (1, row["source"]) if row["destination"] == account else (-1, row["destination"])
    return Movement(row["reference"], sign * int(row["amount"]), other, int(row["created_at"]))


@dataclass(frozen=True, slots=True)
class Report:
    """A server's usage: its costs by month and model, and who made most in `month`."""

    month: str
    costs: list[ModelCosts]
    top: list[MemberUsage]
    standing: Standing

    @property
    def of_month(self) -> list[ModelCosts]:
        """The month's own costs, by model."""
        return [item for item in self.costs if item.month == self.month]


def report(connection: Connection, guild_id: int, month: str, *, limit: int | None) -> Report:
    """A server's usage; `limit` is the budget (credits) that the month stands against."""
    return Report(
        month,
        costs(connection, guild_id),
        top_members(connection, guild_id, span=Span.of_month(month), limit=_TOP),
        budget.standing(connection, Month(guild_id, month), limit),
    )
