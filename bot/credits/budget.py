"""A server's budget: what all its members together may spend in a month (UTC).

Beside each member's hold the same amount is held in the server's budget. Three accounts a month: what is
left (`budget`), what open requests hold (`budget-hold`), and what was spent (`budget-spent`). Without a limit
what is held comes straight from the world, so that spending is counted all the same.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from bot import turns
from bot.credits.ledger import WORLD, balance, has_transfer, transfer
from bot.errors import BudgetExhausted, InsufficientCredits

#: Shares of the budget (per cent) at which the moderators are told, once a month each.
WARNINGS = (50, 80, 100)


@dataclass(frozen=True, slots=True)
class Month:
    """One server's month, `name` as `2026-11`."""

    guild_id: int
    name: str

    @classmethod
    def at(cls, guild_id: int, at_ms: int) -> "Month":
        """The month a moment (ms) falls into."""
        return cls(guild_id, datetime.fromtimestamp(at_ms / 1000, tz=UTC).strftime("%Y-%m"))

    def account(self, kind: str) -> str:
        """One of the month's accounts: `budget`, `budget-hold` or `budget-spent`."""
        return f"{kind}:{self.guild_id}:{self.name}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a month stands, in credits; `limit` and `left` are None where there is no limit."""

    limit: int | None
    held: int
    spent: int

    @property
    def left(self) -> int | None:
        """What may still be asked for."""
        return None if self.limit is None else max(0, self.limit - self.held - self.spent)

    @property
    def percent(self) -> int:
        """How much of the limit is held or spent, in per cent; 0 where there is no limit."""
        if self.limit is None:
            return 0
        return 100 if self.limit == 0 else (self.held + self.spent) * 100 // self.limit


def standing(connection: Connection, month: Month, limit: int | None) -> Standing:
    """Where the month stands."""
    held = balance(connection, month.account("budget-hold"))
    return Standing(limit, held, balance(connection, month.account("budget-spent")))


def fit_to_limit(connection: Connection, month: Month, limit: int | None, *, at: int) -> None:
    """Make what is left in the month what the limit leaves: at a month's first use, and when it changes."""
    turns.of_server(connection, month.guild_id)
    wanted = standing(connection, month, limit).left or 0
    found = balance(connection, month.account("budget"))
    if wanted == found:
        return
    account = month.account("budget")
    source, destination = (WORLD, account) if wanted > found else (account, WORLD)
    transfer(
        connection,
        reference=f"budget-limit:{month.guild_id}:{month.name}:{secrets.token_hex(8)}",
        source=source,
        destination=destination,
        amount=abs(wanted - found),
        at=at,
    )


def hold(
    connection: Connection, month: Month, limit: int | None, *, job_id: str, amount: int, at: int
) -> None:
    """Hold a job's price in the month's budget.

    Raises:
        BudgetExhausted: the budget has less left than the price.
    """
    fit_to_limit(connection, month, limit, at=at)
    if not amount:
        return
    try:
        transfer(
            connection,
            reference=f"budget-hold:{job_id}",
            source=WORLD if limit is None else month.account("budget"),
            destination=month.account("budget-hold"),
            amount=amount,
            at=at,
        )
    except InsufficientCredits as error:
        raise BudgetExhausted(needed=amount, left=error.available) from error


def capture(connection: Connection, month: Month, *, job_id: str, amount: int, at: int) -> None:
    """RunComfy made the video: its price counts against the month."""
    destination = month.account("budget-spent")
    _settle(connection, f"budget-capture:{job_id}", month, destination, job_id=job_id, amount=amount, at=at)


def release(
    connection: Connection, month: Month, limit: int | None, *, job_id: str, amount: int, at: int
) -> None:
    """Nothing was made: the price may be asked for again."""
    destination = WORLD if limit is None else month.account("budget")
    _settle(connection, f"budget-release:{job_id}", month, destination, job_id=job_id, amount=amount, at=at)
    fit_to_limit(connection, month, limit, at=at)


def _settle(
    connection: Connection,
    reference: str,
    month: Month,
    destination: str,
    *,
    job_id: str,
    amount: int,
    at: int,
) -> None:
    # Jobs from before there were budgets hold nothing here.
    if not amount or not has_transfer(connection, f"budget-hold:{job_id}"):
        return
    transfer(
        connection,
        reference=reference,
        source=month.account("budget-hold"),
        destination=destination,
        amount=amount,
        at=at,
    )
