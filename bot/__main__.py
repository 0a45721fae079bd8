"""The command line: `showreel` or `python -m bot`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import CatalogInvalid, SettingsInvalid, StoreInUse, StoreUnavailable, TokenRefused

app = typer.Typer(
    help="Showreel: a Discord bot that turns prompts and pictures into videos.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
ledger = typer.Typer(help="The books.", no_args_is_help=True)
app.add_typer(ledger, name="ledger")

#: Exit statuses: wrong settings or files, and anything the operator has to look at.
_WRONG_SETUP = 2
_FAILED = 1


@app.command()
def run() -> None:
    """Run the bot with the settings of the environment and .env."""
    from bot.cli.run import run as run_bot  # noqa: PLC0415 - commands load only what they use

    run_bot()


@app.command()
def migrate() -> None:
    """Bring the store up to date. `run` does it by itself."""
    from bot.cli.store import migrate as migrate_store  # noqa: PLC0415 - as above

    migrate_store()
    typer.echo("The store is up to date.")


@ledger.command()
def audit() -> None:
    """Prove that the books balance, or say where they do not."""
    from bot.cli.store import audit_ledger  # noqa: PLC0415 - as above

    wrong = audit_ledger()
    for item in wrong:
        typer.echo(f"{item.account}: holds {item.found}, should hold {item.expected}")
    if wrong:
        raise typer.Exit(_FAILED)
    typer.echo("The books balance.")


@app.command()
def rehearse(
    out: Annotated[Path, typer.Option(help="Where the posted videos are written.")] = Path("rehearsal-out"),
) -> None:
    """Play the whole bot once, on stand-ins of Discord and RunComfy. No token is needed."""
    from bot.cli.rehearse import rehearse as play  # noqa: PLC0415 - as above

    raise typer.Exit(play(out))


@app.command()
def playground(
    port: Annotated[int | None, typer.Option(help="The page's port; any free one if not given.")] = None,
) -> None:
    """Try the bot's commands in a browser, on stand-ins of Discord and RunComfy. No token is needed."""
    from bot.cli.rehearse import playground as open_playground  # noqa: PLC0415 - as above

    open_playground(port)


def main() -> None:
    """Run a command; what the operator can mend is said in words, without a traceback."""
    try:
        app()
    except SettingsInvalid as error:
        sys.exit(_complain("The settings need attention:", [f"{p.name} {p.problem}" for p in error.problems]))
    except CatalogInvalid as error:
        sys.exit(_complain(f"{error.source} cannot be used:", error.problem.split("; ")))
    except TokenRefused:
        sys.exit(_complain("The settings need attention:", ["DISCORD_TOKEN is not accepted by Discord"]))
    except StoreInUse as error:
        sys.exit(_complain("Another Showreel works on this store already:", [f"it holds {error.path}"]))
    except StoreUnavailable as error:
        sys.exit(_complain("The store cannot be used:", [error.reason]))


def _complain(headline: str, lines: list[str]) -> int:
    typer.echo("\n".join([headline, *(f"  {line}" for line in lines)]), err=True)
    return _WRONG_SETUP


if __name__ == "__main__":
    main()
