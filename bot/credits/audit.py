"""The audit: proves that the books balance, or says where they do not."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.credits.budget import Month
from bot.credits.ledger import hold_account, total_of_transfers
from bot.jobs.states import JobState
from bot.schema import accounts, jobs, transfers


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that does not add up: an account, what it should hold and what it holds (credits)."""

    account: str
    expected: int
    found: int


def audit(connection: Connection) -> list[Discrepancy]:
    """Compare balances with transfers, and what is held with the jobs that hold it. Empty: all is well."""
    found = {row.id: int(row.balance) for row in connection.execute(select(accounts))}
    return [
        *_differences(total_of_transfers(connection), found),
        *_differences(_expected_holds(connection), _of_kind(found, "hold")),
        *_differences(_expected_budget_holds(connection), _of_kind(found, "budget-hold")),
    ]


def _differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[Discrepancy]:
    return [
        Discrepancy(account, expected.get(account, 0), found.get(account, 0))
        for account in sorted(found.keys() | expected.keys())
        if found.get(account, 0) != expected.get(account, 0)
    ]


def _of_kind(found: Mapping[str, int], kind: str) -> dict[str, int]:
    return {account: held for account, held in found.items() if account.startswith(f"{kind}:")}


def _expected_holds(connection: Connection) -> dict[str, int]:
    """Every open job's price, held for the member."""
    open_jobs = select(jobs.c.id, jobs.c.price).where(jobs.c.ended_at.is_(None), jobs.c.price > 0)
    return {hold_account(row.id): int(row.price) for row in connection.execute(open_jobs)}


def _expected_budget_holds(connection: Connection) -> dict[str, int]:
    """By month, the prices of jobs that may still cost the server: open ones, and unsettled uncertain ones.

    Jobs from before there were budgets hold nothing there, so only those count that once did.
    """
    unsettled = (jobs.c.state == JobState.UNCERTAIN) & jobs.c.reconciled_at.is_(None)
    statement = (
        select(jobs.c.guild_id, jobs.c.created_at, jobs.c.price)
        .join(transfers, transfers.c.reference == "budget-hold:" + jobs.c.id)
        .where(jobs.c.ended_at.is_(None) | unsettled)
    )
    held: dict[str, int] = {}
    for row in connection.execute(statement):
        account = Month.at(row.guild_id, row.created_at).account("budget-hold")
        held[account] = held.get(account, 0) + int(row.price)
    return held
