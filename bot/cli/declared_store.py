"""What `showreel backup` and `restore` take. Their work is loaded when they run."""

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
    file: Annotated[Path, typer.Argument(help="A copy that `showreel backup` has written.")],
) -> None:
    """Put a copy in the place of the store. What waited in it ends: it may have been sent since."""
    from bot.cli import backup as work  # noqa: PLC0415 - as above

    work.restore(file)
