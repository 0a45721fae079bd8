"""The audit: proves that the books balance, or says where they do not."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.credits.ledger import hold_account, total_of_transfers
from bot.schema import accounts, jobs


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that does not add up: an account, what it should hold and what it holds (credits)."""

    account: str
    expected: int
    found: int


def audit(connection: Connection) -> list[Discrepancy]:
    """Compare balances with transfers, and open holds with open jobs. Empty when the books balance."""
    found = {row.id: int(row.balance) for row in connection.execute(select(accounts))}
    expected = total_of_transfers(connection)
    held = _expected_holds(connection)
    wrong = [
        Discrepancy(account, expected.get(account, 0), found.get(account, 0))
        for account in sorted(found.keys() | expected.keys())
        if found.get(account, 0) != expected.get(account, 0)
    ]
    holds = {account for account in found if account.startswith("hold:")} | held.keys()
    wrong += [
        Discrepancy(account, held.get(account, 0), found.get(account, 0))
        for account in sorted(holds)
        if found.get(account, 0) != held.get(account, 0)
    ]
    return wrong


def _expected_holds(connection: Connection) -> dict[str, int]:
    open_jobs = select(jobs.c.id, jobs.c.price).where(jobs.c.ended_at.is_(None), jobs.c.price > 0)
    return {hold_account(row.id): int(row.price) for row in connection.execute(open_jobs)}
