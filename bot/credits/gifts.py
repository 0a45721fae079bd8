"""Credits that people move: members among themselves, staff from and to the world."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot import turns
from bot.credits.ledger import WORLD, balance, find_transfer, has_transfer, member_account, transfer
from bot.errors import ReferenceTaken


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant: the balance (credits) after it, and whether it was given now or had been before."""

    balance: int
    is_new: bool


def give(
    connection: Connection, *, guild_id: int, giver: int, receiver: int, amount: int, reference: str, at: int
) -> int:
    """Move credits from one member to another in one transaction; returns the giver's balance.

    Raises:
        InsufficientCredits: the giver has less.
    """
    turns.of_server(connection, guild_id)
    source = member_account(guild_id, giver)
    if not has_transfer(connection, reference):
        transfer(
            connection,
            reference=reference,
            source=source,
            destination=member_account(guild_id, receiver),
            amount=amount,
            at=at,
        )
    return balance(connection, source)


def grant(
    connection: Connection, *, guild_id: int, user_id: int, amount: int, reference: str, at: int
) -> Granted:
    """Give credits to a member out of nothing, once a reference: the same grant again gives none.

    Raises:
        ReferenceTaken: the reference was used for another amount, member or purpose.
    """
    turns.of_server(connection, guild_id)
    account = member_account(guild_id, user_id)
    known = find_transfer(connection, reference)
    if known is None:
        transfer(connection, reference=reference, source=WORLD, destination=account, amount=amount, at=at)
    elif (known.source, known.destination, known.amount) != (WORLD, account, amount):
        raise ReferenceTaken(reference, account=known.destination, amount=known.amount)
    return Granted(balance(connection, account), known is None)


def revoke(
    connection: Connection, *, guild_id: int, user_id: int, amount: int, reference: str, at: int
) -> int:
    """Take credits from a member, at most what there is; returns the credits taken.

    What is held for open requests stays held.
    """
    turns.of_server(connection, guild_id)
    account = member_account(guild_id, user_id)
    if has_transfer(connection, reference):
        return 0
    taken = min(amount, balance(connection, account))
    if taken:
        transfer(connection, reference=reference, source=account, destination=WORLD, amount=taken, at=at)
    return taken
