"""What `showreel credits`, `ledger`, `costs` and `jobs` take. Their work is loaded when they run."""

from typing import Annotated

import typer

from bot.jobs.states import JobState

credits_app = typer.Typer(help="Members' credits.", no_args_is_help=True)
ledger_app = typer.Typer(help="The books.", no_args_is_help=True)

_MOST = 2**63 - 1

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Server = Annotated[int, typer.Option(help="The server's id in Discord.", min=1, max=_MOST)]
AnyServer = Annotated[int | None, typer.Option(help="Of this server alone (its id).", min=1, max=_MOST)]
Member = Annotated[int, typer.Option(help="The member's id in Discord.", min=1, max=_MOST)]
Limit = Annotated[int, typer.Option(help="Show so many at most, the newest.", min=1, max=100_000)]


def _reference(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text) > 80:  # noqa: PLR2004 - said in the words
        raise typer.BadParameter("One to 80 characters that can be printed.")
    return text


@credits_app.command()
def grant(
    server: Server,
    member: Member,
    amount: Annotated[int, typer.Option(help="Credits.", min=1, max=1_000_000_000)],
    reference: Annotated[
        str, typer.Option(help="What it is for, such as an order's number.", callback=_reference)
    ],
    *,
    as_json: Json = False,
) -> None:
    """Give a member credits, once a reference: the same again gives none and says so."""
    from bot.cli import books  # noqa: PLC0415 - commands load only what they use

    raise typer.Exit(books.grant(server, member, amount, reference, as_json=as_json))


@credits_app.command()
def balance(server: Server, member: Member, *, as_json: Json = False) -> None:
    """What a member has."""
    from bot.cli import books  # noqa: PLC0415 - as above

    books.balance(server, member, as_json=as_json)


@ledger_app.command()
def audit(*, as_json: Json = False) -> None:
    """Prove that the books balance, or say where they do not."""
    from bot.cli import books  # noqa: PLC0415 - as above

    raise typer.Exit(books.audit_ledger(as_json=as_json))


@ledger_app.command()
def show(
    account: Annotated[str, typer.Argument(help="Such as world or member:SERVER:MEMBER.")],
    limit: Limit = 50,
    *,
    as_json: Json = False,
) -> None:
    """Show an account and its transfers."""
    from bot.cli import books  # noqa: PLC0415 - as above

    raise typer.Exit(books.show_account(account, limit, as_json=as_json))


def costs(
    server: AnyServer = None,
    month: Annotated[str | None, typer.Option(help="Of this month alone, such as 2026-11.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show credits against dollars by server, month and model."""
    from bot.cli import reports  # noqa: PLC0415 - as above

    reports.costs(server, month, as_json=as_json)


def jobs(
    state: Annotated[
        list[JobState] | None,
        typer.Option(help="In this state; may be given several times. Without: open, or to be settled."),
    ] = None,
    server: AnyServer = None,
    limit: Limit = 50,
    *,
    as_json: Json = False,
) -> None:
    """List jobs, the newest first."""
    from bot.cli import reports  # noqa: PLC0415 - as above

    reports.jobs(state or [], server, limit, as_json=as_json)
