"""How commands show what they found: a table for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Where nobody looks through a window, a line is as long as it has to be.
_UNBOUNDED = 500


def show_json(value: object) -> None:
    """One JSON document. Ids are text in it: many programs cannot hold whole numbers of that size."""
    typer.echo(json.dumps(value, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table; numbers stand to the right."""
    lines = [["-" if cell is None else cell for cell in row] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(columns):
        numbers = any(isinstance(line[place], int | float) for line in lines)
        table.add_column(name, justify="right" if numbers else "left", overflow="fold")
    for line in lines:
        # Said outright that it is text: it could look like the console's own markup.
        table.add_row(*(Text(str(cell)) for cell in line))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_UNBOUNDED)
    console.print(table)


def moment(at: int) -> str:
    """A time (ms) for people, in UTC to the second."""
    return datetime.fromtimestamp(at / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%SZ")
