"""The ledger: every movement of credits is a transfer between two accounts.

Credits are whole numbers. A transfer has a unique reference, so a repeat is found out; it is never edited and
never deleted. Balances are kept beside the transfers and may not fall below zero, except the world's.

Every function here takes the caller's transaction, so that credits move together with the job's state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot import turns
from bot.errors import InsufficientCredits
from bot.insertion import insert_missing
from bot.schema import accounts, transfers

#: Where credits come from: its balance is minus all credits that were ever given out.
WORLD = "world"


@dataclass(frozen=True, slots=True)
class Transfer:
    """One movement of `amount` credits; `created_at` in milliseconds."""

    reference: str
    source: str
    destination: str
    amount: int
    created_at: int

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> "Transfer":
        """Read a row of `transfers`."""
        return cls(**{name: row[name] for name in cls.__slots__})


def member_account(guild_id: int, user_id: int) -> str:
    """The wallet of a member in one server; a member of two servers has two."""
    return f"member:{guild_id}:{user_id}"


def hold_account(job_id: str) -> str:
    """Credits set aside for one job while it is open."""
    return f"hold:{job_id}"


def spent_account(guild_id: int) -> str:
    """What the members of one server have paid for delivered videos."""
    return f"spent:{guild_id}"


def balance(connection: Connection, account: str) -> int:
    """The account's balance in credits; 0 for an account nobody has used."""
    found = connection.scalar(select(accounts.c.balance).where(accounts.c.id == account))
    return found or 0


def transfer(
    connection: Connection, *, reference: str, source: str, destination: str, amount: int, at: int
) -> None:
    """Move `amount` credits from `source` to `destination`; `at` is the time in milliseconds.

    Raises:
        InsufficientCredits: the source (other than the world) has less than `amount`.
        sqlalchemy.exc.IntegrityError: the reference has been used, or the amount is not positive.
    """
    _ensure_accounts(connection, source, destination)
    # Always in the order of their ids: two transfers the opposite way round cannot wait for each other.
    for account, change in sorted(((source, -amount), (destination, amount))):
        _change_balance(connection, account, change)
    connection.execute(
        transfers.insert().values(
            reference=reference, source=source, destination=destination, amount=amount, created_at=at
        )
    )


def open_wallet(connection: Connection, *, guild_id: int, user_id: int, grant: int, at: int) -> int:
    """Give a member the opening grant (credits), once, and return the balance."""
    turns.of_server(connection, guild_id)
    account = member_account(guild_id, user_id)
    reference = f"opening:{guild_id}:{user_id}"
    if grant and not has_transfer(connection, reference):
        transfer(connection, reference=reference, source=WORLD, destination=account, amount=grant, at=at)
    return balance(connection, account)


def hold(connection: Connection, *, job_id: str, guild_id: int, user_id: int, amount: int, at: int) -> None:
    """Set a job's price aside. A job that costs nothing moves nothing.

    Raises:
        InsufficientCredits: the member's balance does not cover it.
    """
    if amount:
        transfer(
            connection,
            reference=f"hold:{job_id}",
            source=member_account(guild_id, user_id),
            destination=hold_account(job_id),
            amount=amount,
            at=at,
        )


def capture(connection: Connection, *, job_id: str, guild_id: int, at: int) -> None:
    """The video was delivered: what was held is spent."""
    _empty_hold(connection, "capture", job_id, spent_account(guild_id), at)


def release(connection: Connection, *, job_id: str, guild_id: int, user_id: int, at: int) -> None:
    """No video was delivered: what was held goes back to the member, in full."""
    _empty_hold(connection, "release", job_id, member_account(guild_id, user_id), at)


def find_transfer(connection: Connection, reference: str) -> Transfer | None:
    """The transfer with this reference, if there is one."""
    statement = select(transfers).where(transfers.c.reference == reference)
    row = connection.execute(statement).mappings().first()
    return None if row is None else Transfer.from_row(row)


def has_transfer(connection: Connection, reference: str) -> bool:
    """Whether the reference has been used."""
    return find_transfer(connection, reference) is not None


def has_account(connection: Connection, account: str) -> bool:
    """Whether anything was ever moved to or from the account."""
    return connection.scalar(select(accounts.c.id).where(accounts.c.id == account)) is not None


def transfers_of(connection: Connection, account: str, *, limit: int) -> list[Transfer]:
    """The account's transfers, newest first."""
    own = (transfers.c.source == account) | (transfers.c.destination == account)
    statement = select(transfers).where(own).order_by(transfers.c.id.desc()).limit(limit)
    return [Transfer.from_row(row) for row in connection.execute(statement).mappings()]


def _empty_hold(connection: Connection, verb: str, job_id: str, destination: str, at: int) -> None:
    held = balance(connection, hold_account(job_id))
    if held:
        transfer(
            connection,
            reference=f"{verb}:{job_id}",
            source=hold_account(job_id),
            destination=destination,
            amount=held,
            at=at,
        )


def _ensure_accounts(connection: Connection, *names: str) -> None:
    insert_missing(connection, accounts, [{"id": name} for name in sorted(names)])


def _change_balance(connection: Connection, account: str, change: int) -> None:
    statement = update(accounts).where(accounts.c.id == account).values(balance=accounts.c.balance + change)
    if change < 0 and account != WORLD:
        statement = statement.where(accounts.c.balance >= -change)
    if connection.execute(statement).rowcount != 1:
        raise InsufficientCredits(needed=-change, available=balance(connection, account))


def total_of_transfers(connection: Connection) -> dict[str, int]:
    """What each account's balance must be, counted up from its transfers."""
    totals: dict[str, int] = {}
    for column, sign in ((transfers.c.source, -1), (transfers.c.destination, 1)):
        for account, amount in connection.execute(
            select(column, func.sum(transfers.c.amount)).group_by(column)
        ):
            totals[account] = totals.get(account, 0) + sign * int(amount)
    return totals
