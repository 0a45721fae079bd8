"""Credits that people move: members among themselves, staff from and to the world."""

from sqlalchemy import Connection

from bot.credits.ledger import WORLD, balance, has_transfer, member_account, transfer


def give(
    connection: Connection, *, guild_id: int, giver: int, receiver: int, amount: int, reference: str, at: int
) -> int:
    """Move credits from one member to another in one transaction; returns the giver's balance.

    Raises:
        InsufficientCredits: the giver has less.
    """
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
) -> int:
    """Give credits to a member out of nothing; returns the balance. A repeated reference gives none."""
    account = member_account(guild_id, user_id)
    if not has_transfer(connection, reference):
        transfer(connection, reference=reference, source=WORLD, destination=account, amount=amount, at=at)
    return balance(connection, account)


def revoke(
    connection: Connection, *, guild_id: int, user_id: int, amount: int, reference: str, at: int
) -> int:
    """Take credits from a member, at most what there is; returns the credits taken.

    What is held for open requests stays held.
    """
    account = member_account(guild_id, user_id)
    if has_transfer(connection, reference):
        return 0
    taken = min(amount, balance(connection, account))
    if taken:
        transfer(connection, reference=reference, source=account, destination=WORLD, amount=taken, at=at)
    return taken
