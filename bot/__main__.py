"""The command line: `showreel` or `python -m bot`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import declared, declared_store
from bot.errors import (
    CatalogInvalid,
    CopyRefused,
    SettingsInvalid,
    StoreInUse,
    StoreMissing,
    StoreUnavailable,
    TokenRefused,
)
from bot.roles import Role, Shards

app = typer.Typer(
    help="Showreel: a Discord bot that turns prompts and pictures into videos.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
app.add_typer(declared.credits_app, name="credits")
app.add_typer(declared.ledger_app, name="ledger")
app.command()(declared.costs)
app.command()(declared.jobs)
app.command()(declared_store.backup)
app.command()(declared_store.restore)
app.command()(declared_store.copy)
app.command()(declared_store.health)

#: Exit statuses: 0 all is well, 1 something was found that the operator has to look at, 2 it could not be
#: done as things are set up or as it was asked for.
_WRONG_SETUP = 2


def _shards(text: str) -> Shards:
    try:
        return Shards.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


@app.command()
def run(
    role: Annotated[
        Role, typer.Option(help="Which part of the work, where several processes share a PostgreSQL store.")
    ] = Role.ALL,
    shards: Annotated[
        Shards | None,
        typer.Option(
            parser=_shards, metavar="A-B/N", help="Discord's shards A to B of N; without: all of them."
        ),
    ] = None,
) -> None:
    """Run the bot with the settings of the environment and .env."""
    from bot.cli.run import run as run_bot  # noqa: PLC0415 - commands load only what they use

    if shards is not None and not role.has_gateway:
        raise typer.BadParameter("A worker has no connection to Discord's gateway.", param_hint="--shards")
    run_bot(role, shards)


@app.command()
def migrate() -> None:
    """Bring the store up to date. `run` does it by itself."""
    from bot.cli.store import migrate as migrate_store  # noqa: PLC0415 - as above

    migrate_store()
    typer.echo("The store is up to date.")


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
    except StoreMissing as error:
        headline = f"There is no store of this version at {error.path}:"
        sys.exit(_complain(headline, ["`showreel migrate` makes it, or brings it up to date"]))
    except CopyRefused as error:
        sys.exit(_complain("The copy cannot be made or used:", [error.reason]))
    except StoreUnavailable as error:
        sys.exit(_complain("The store cannot be used:", [error.reason]))


def _complain(headline: str, lines: list[str]) -> int:
    typer.echo("\n".join([headline, *(f"  {line}" for line in lines)]), err=True)
    return _WRONG_SETUP


if __name__ == "__main__":
    main()
