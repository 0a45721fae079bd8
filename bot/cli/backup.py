"""`showreel backup` and `showreel restore`: copies of a SQLite store."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import typer

from bot import backup as copies
from bot.backup import Contents
from bot.cli.output import moment
from bot.cli.store import store_url
from bot.clock import now_ms
from bot.copying import check_alone
from bot.database import Database
from bot.engines import is_sqlite, sqlite_path
from bot.errors import CopyRefused, StoreMissing
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
    store = _sqlite_store()
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
    store = _sqlite_store()
    with only_process(store), copies.taken_in(file, store) as part:
        contents = copies.look(part)
        settled = asyncio.run(_make_fit(f"{SQLITE_PREFIX}{part.absolute()}"))
        aside = copies.put_in_place(part, store)
    newest = "" if contents.newest is None else f", the newest of {moment(contents.newest)}"
    typer.echo(f"Restored: {store}, {_figures(contents)}{newest}.")
    if aside is not None:
        typer.echo(f"The store that was there is kept as {aside}.")
    _tell(settled)


def settle_in_place() -> None:
    """Make a store fit to be worked on that was restored by other means.

    Raises:
        SettingsInvalid: the settings do not say where the store is.
        StoreInUse: the bot is running on it.
        StoreMissing: there is none.
        CopyRefused: somebody else is connected to it, or its books do not balance; nothing was changed.
        StoreUnavailable: it cannot be used.
    """
    url = store_url()
    with ExitStack() as stack:
        if is_sqlite(url):
            if not sqlite_path(url).is_file():
                raise StoreMissing(str(sqlite_path(url)))
            stack.enter_context(only_process(sqlite_path(url)))
        _tell(asyncio.run(_settle_alone(url)))


async def _settle_alone(url: str) -> Settled:
    await check_alone(url, "the store")
    return await _make_fit(url)


def _sqlite_store() -> Path:
    url = store_url()
    if not is_sqlite(url):
        raise CopyRefused(
            "PostgreSQL has its own tools for that, pg_dump and pg_restore: see docs/operating.md"
        )
    return sqlite_path(url)


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
