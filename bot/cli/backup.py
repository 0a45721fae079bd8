"""`showreel backup` and `showreel restore`: copies of a SQLite store."""

import asyncio
from pathlib import Path

import typer

from bot import backup as copies
from bot.backup import Contents
from bot.cli.output import moment
from bot.cli.store import store_url
from bot.clock import now_ms
from bot.database import Database
from bot.engines import sqlite_path
from bot.errors import StoreMissing
from bot.jobs import restoring
from bot.jobs.restoring import Settled
from bot.migrate import migrate
from bot.only_process import only_process
from bot.settings_values import SQLITE_PREFIX

_MEGABYTE = 1_000_000
_FAILED = 1


def backup(file: Path) -> int:
    """Copy the store into a new file; 1 where the books in it do not balance.

    Raises:
        SettingsInvalid: the settings do not say where the store is.
        StoreMissing: there is none.
        CopyRefused: the file exists, cannot be written, or did not come out sound.
    """
    store = sqlite_path(store_url())
    if not store.is_file():
        raise StoreMissing(str(store))
    contents = copies.back_up(store, file)
    typer.echo(f"Written: {file}, {_figures(contents)}.")
    if contents.discrepancies is None:
        typer.echo("It is of another version: its books are looked at when it is restored.")
    elif contents.discrepancies:
        typer.echo(
            "Its books do not balance, so it cannot be restored: see `showreel ledger audit`.", err=True
        )
        return _FAILED
    return 0


def restore(file: Path) -> None:
    """Put a copy in the place of the store, and make it fit to be worked on.

    Raises:
        SettingsInvalid: the settings do not say where the store is.
        StoreInUse: the bot is running on it.
        CopyRefused: the copy is not sound, or its books do not balance; nothing was changed.
        StoreUnavailable: a newer version of the bot wrote it; nothing was changed.
    """
    store = sqlite_path(store_url())
    with only_process(store), copies.taken_in(file, store) as part:
        contents = copies.look(part)
        settled = asyncio.run(_make_fit(f"{SQLITE_PREFIX}{part.absolute()}"))
        aside = copies.put_in_place(part, store)
    newest = "nothing" if contents.newest is None else f"the newest of {moment(contents.newest)}"
    typer.echo(f"Restored: {store}, {_figures(contents)}, {newest}.")
    if aside is not None:
        typer.echo(f"The store that was there is kept as {aside}.")
    _tell(settled)


def _tell(settled: Settled) -> None:
    typer.echo(
        f"Ended, for they may have been sent since: {settled.ended} waiting. "
        f"Uncertain: {settled.uncertain}. "
        f"Going on, and looked for before anything is posted: {settled.going_on}."
    )


async def _make_fit(url: str) -> Settled:
    await migrate(url)
    database = Database(url)
    try:
        return await database.run(restoring.settle, at=now_ms())
    finally:
        await database.close()


def _figures(contents: Contents) -> str:
    return f"{contents.size / _MEGABYTE:.1f} MB, {contents.jobs} jobs, {contents.transfers} transfers"
