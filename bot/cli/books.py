"""`showreel credits` and `showreel ledger`: wallets and books. Each returns the exit status."""

from dataclasses import asdict

import typer

from bot.cli.output import moment, show_json, show_table
from bot.cli.store import read, write
from bot.clock import now_ms
from bot.credits.audit import audit
from bot.credits.wallets import statement_of, wallet_of
from bot.errors import ReferenceTaken
from bot.moderation import treasury
from bot.moderation.audit import THE_BOT

_FAILED = 1


def grant(server: int, member: int, amount: int, reference: str, *, as_json: bool) -> int:
    """Give a member credits, once a reference; 1 where the reference stands for another grant."""
    # A space of its own: no reference from outside can be mistaken for one of the bot's.
    own = f"external:{reference}"
    try:
        granted = write(
            treasury.grant, server, member, amount, by=THE_BOT, reference=own, reason=reference, at=now_ms()
        )
    except ReferenceTaken as error:
        typer.echo(
            f"Nothing was given: the reference {reference!r} was used before, to give {error.amount} to"
            f" {error.account}.",
            err=True,
        )
        return _FAILED
    if as_json:
        show_json(
            {
                "server": str(server),
                "member": str(member),
                "amount": amount,
                "reference": reference,
                "given": granted.is_new,
                "balance": granted.balance,
            }
        )
    elif granted.is_new:
        typer.echo(f"Given: {amount}. The member has {granted.balance} now.")
    else:
        typer.echo(f"Given before under this reference, so not again. The member has {granted.balance}.")
    return 0


def balance(server: int, member: int, *, as_json: bool) -> None:
    """What a member has."""
    wallet = read(wallet_of, server, member)
    if as_json:
        show_json({"server": str(server), "member": str(member), **asdict(wallet)})
    else:
        typer.echo(f"{wallet.balance} to spend, {wallet.held} held for open requests.")


def audit_ledger(*, as_json: bool) -> int:
    """Prove that the books balance; 1 where they do not."""
    wrong = read(audit)
    if as_json:
        show_json({"balanced": not wrong, "discrepancies": [asdict(item) for item in wrong]})
    elif wrong:
        show_table(
            ("account", "should hold", "holds"), [(item.account, item.expected, item.found) for item in wrong]
        )
    else:
        typer.echo("The books balance.")
    return _FAILED if wrong else 0


def show_account(account: str, limit: int, *, as_json: bool) -> int:
    """An account and its transfers; 1 where there is no such account."""
    statement = read(statement_of, account, limit=limit)
    if statement is None:
        typer.echo(
            f"Nothing was ever moved to or from {account!r}. Accounts are called world, member:SERVER:MEMBER,"
            " hold:JOB, spent:SERVER, and budget, budget-hold or budget-spent:SERVER:YYYY-MM.",
            err=True,
        )
        return _FAILED
    if as_json:
        show_json(asdict(statement))
        return 0
    typer.echo(f"{account} holds {statement.balance}.")
    show_table(
        ("when", "amount", "other account", "reference"),
        [
            (moment(item.created_at), item.amount, item.source, item.reference)
            if item.destination == account
            else (moment(item.created_at), -item.amount, item.destination, item.reference)
            for item in statement.transfers
        ],
    )
    return 0
