"""`showreel copy`: everything a store holds into another one."""

import asyncio
from contextlib import ExitStack

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.cli.output import show_table
from bot.cli.store import store_url
from bot.copying import Copied, copy_store
from bot.engines import is_sqlite, sqlite_path
from bot.errors import CopyRefused
from bot.only_process import only_process
from bot.settings_values import store_url as parsed_url


def copy(source: str, target: str | None) -> None:
    """Copy the store `source` into the empty store `target`, or into that of the settings.

    Raises:
        SettingsInvalid: the target is not given, and the settings do not name one.
        StoreInUse: a bot runs on a SQLite store that is one of the two.
        CopyRefused, StoreUnavailable: see `copy_store`; nothing was written.
    """
    source, target = _parsed(source, "--from"), store_url() if target is None else _parsed(target, "--to")
    with ExitStack() as stack:
        if is_sqlite(source) and not sqlite_path(source).is_file():
            raise CopyRefused(f"there is no store at {sqlite_path(source)}")
        for url in (source, target):
            if is_sqlite(url):
                stack.enter_context(only_process(sqlite_path(url)))
        copied = _copy(source, target)
    show_table(("table", "rows", "sha-256"), [(part.table, part.rows, part.digest[:16]) for part in copied])
    typer.echo("Every row arrived as it was sent, and the books balance.")
    typer.echo("Do not run a bot on the old store any more: it would send again what waits in both.")


def _parsed(url: str, option: str) -> str:
    """The URL with an absolute path; nothing of it is told where it is wrong, for it may carry a password."""
    try:
        return parsed_url(url)
    except ValueError as error:
        raise CopyRefused(f"{option} {error}") from None


def _copy(source: str, target: str) -> list[Copied]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def on_rows(table: str, done: int, total: int) -> None:
            if table not in tasks:
                tasks[table] = progress.add_task(table, total=total)
            progress.update(tasks[table], completed=done)

        return asyncio.run(copy_store(source, target, on_rows))
