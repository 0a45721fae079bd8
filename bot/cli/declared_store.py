"""What `showreel backup`, `restore`, `copy` and `health` take. Their work is loaded when they run."""

from pathlib import Path
from typing import Annotated

import typer


def backup(
    file: Annotated[Path, typer.Argument(help="The new file; one that exists is left alone.")],
) -> None:
    """Write a whole copy of a SQLite store, also beside the running bot."""
    from bot.cli import backup as work  # noqa: PLC0415 - commands load only what they use

    raise typer.Exit(work.backup(file))


def restore(
    file: Annotated[
        Path | None, typer.Argument(help="A copy that `showreel backup` has written.", show_default=False)
    ] = None,
    *,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="The store was put back by other means, such as pg_restore.")
    ] = False,
) -> None:
    """Put a copy in the place of the store. What waited in it ends: it may have been sent since."""
    if (file is None) != in_place:
        raise typer.BadParameter(
            "Give the FILE to restore, or --in-place for a store that was restored already."
        )
    from bot.cli import backup as work  # noqa: PLC0415 - as above

    if file is None:
        work.settle_in_place()
    else:
        work.restore(file)


def copy(
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="The store to copy, as in DATABASE_URL.")
    ],
    target: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="An empty one; DATABASE_URL if not given.")
    ] = None,
) -> None:
    """Copy everything from one store into another, empty one: from SQLite to PostgreSQL, or back."""
    from bot.cli import copying as work  # noqa: PLC0415 - as above

    work.copy(source, target)


def health() -> None:
    """Say whether this machine's bot is alive and well: 0 if it is, 1 if not."""
    from bot.cli import health as work  # noqa: PLC0415 - as above

    raise typer.Exit(work.health())
