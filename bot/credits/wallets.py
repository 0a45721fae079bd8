"""What an operator sees of wallets and accounts, and gives from outside Discord; one transaction each."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bot.credits import ledger
from bot.credits.ledger import Transfer
from bot.schema import jobs


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a member can spend, and what open requests hold (credits)."""

    balance: int
    held: int


def wallet_of(connection: Connection, guild_id: int, user_id: int) -> Wallet:
    """A member's wallet as it is: nothing that is due on first use is given here."""
    own = (jobs.c.guild_id == guild_id) & (jobs.c.user_id == user_id) & jobs.c.ended_at.is_(None)
    held = connection.scalar(select(func.coalesce(func.sum(jobs.c.price), 0)).where(own))
    return Wallet(ledger.balance(connection, ledger.member_account(guild_id, user_id)), int(held or 0))


@dataclass(frozen=True, slots=True)
class Statement:
    """An account with its balance (credits) and its latest transfers, newest first."""

    account: str
    balance: int
    transfers: list[Transfer]


def statement_of(connection: Connection, account: str, *, limit: int) -> Statement | None:
    """The account's statement; None where nothing was ever moved to or from it."""
    if not ledger.has_account(connection, account):
        return None
    balance = ledger.balance(connection, account)
    return Statement(account, balance, ledger.transfers_of(connection, account, limit=limit))
