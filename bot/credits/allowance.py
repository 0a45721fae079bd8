"""Allowances: a wallet is refilled once a period, on first use, up to its tier's cap."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from bot import turns
from bot.credits.ledger import WORLD, balance, member_account, transfer
from bot.schema import allowances
from bot.servers.tiers import Period, Tier


def refill(connection: Connection, *, guild_id: int, user_id: int, tier: Tier, at: int) -> int:
    """Give the allowance of the period that `at` (ms) falls into, once; returns the credits given."""
    if not tier.allowance:
        return 0
    turns.of_server(connection, guild_id)
    key = {"guild_id": guild_id, "user_id": user_id, "period": period_name(tier.period, at)}
    known = select(allowances.c.amount).where(*(allowances.c[name] == value for name, value in key.items()))
    if connection.execute(known).first() is not None:
        return 0
    account = member_account(guild_id, user_id)
    amount = max(0, min(tier.allowance, tier.cap - balance(connection, account)))
    connection.execute(allowances.insert().values(**key, amount=amount, at=at))
    if amount:
        transfer(
            connection,
            reference=f"allowance:{guild_id}:{user_id}:{key['period']}",
            source=WORLD,
            destination=account,
            amount=amount,
            at=at,
        )
    return amount


def next_period_at(period: Period, at: int) -> int:
    """When the period after the one of `at` begins (both ms): midnight in UTC, for weeks of a Monday."""
    today = datetime.fromtimestamp(at / 1000, tz=UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = 1 if period is Period.DAY else 7 - today.weekday()
    return int((today + timedelta(days=days)).timestamp() * 1000)


def period_name(period: Period, at: int) -> str:
    """The day (`2026-11-20`) or the ISO week (`2026-W47`) in UTC."""
    moment = datetime.fromtimestamp(at / 1000, tz=UTC)
    if period is Period.DAY:
        return moment.strftime("%Y-%m-%d")
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"
