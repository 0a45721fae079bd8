"""Copies of a SQLite store: made beside a running bot, looked at, put in the place of the store."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, create_engine, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from bot.credits.audit import Discrepancy, audit
from bot.engines import BUSY_TIMEOUT_S
from bot.errors import CopyRefused
from bot.migrate import is_up_to_date
from bot.schema import jobs, transfers


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a copy: its size in bytes, how many jobs and transfers, the time (ms) of the newest thing.

    `discrepancies` is None where the copy is of another version: its books cannot be looked at yet.
    """

    size: int
    jobs: int
    transfers: int
    newest: int | None
    discrepancies: list[Discrepancy] | None


def back_up(store: Path, to: Path) -> Contents:
    """Write a copy of one moment of the store into the new file `to`, and look at it.

    The store's writers are not held up. The file has its name only once it is whole and on the disk.

    Raises:
        CopyRefused: the file exists already or cannot be written, or what was written is not sound.
    """
    if to.exists():
        raise CopyRefused(f"{to} exists already")
    with _part_file(to) as part:
        _vacuum(store, part)
        contents = look(part)
        _to_the_disk(part)
        if to.exists():
            raise CopyRefused(f"{to} exists already")
        part.replace(to)
    _to_the_disk(to.parent)
    return contents


@contextmanager
def taken_in(copy: Path, store: Path) -> Iterator[Path]:
    """The copy as a new file beside `store`, for as long as the block lasts. It was looked at first.

    Raises:
        CopyRefused: it is no copy of a store, or not sound.
    """
    if store.exists() and copy.exists() and copy.samefile(store):
        raise CopyRefused(f"{copy} is the store itself")
    look(copy)
    with _part_file(store) as part:
        _vacuum(copy, part)
        yield part


def look(copy: Path) -> Contents:
    """Judge a copy that nobody writes.

    Raises:
        CopyRefused: there is none, it is no copy of a store, or SQLite finds it damaged.
    """
    if not copy.is_file():
        raise CopyRefused(f"there is no file {copy}")
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True),
        poolclass=StaticPool,
    )
    try:
        with engine.connect() as connection:
            _check_is_sound(connection)
            return _contents(connection, copy)
    except DatabaseError as error:
        raise CopyRefused(f"{copy} cannot be used: {error.orig}") from error
    finally:
        engine.dispose()


def put_in_place(restored: Path, store: Path) -> Path | None:
    """Give `restored` the store's name; returns where the store that was there is kept, if there was one.

    Only for who holds the lock of the process. The store's file is there at every moment, old or new.

    Raises:
        CopyRefused: not all of `restored` is in its file yet; nothing was changed.
    """
    if restored.with_name(f"{restored.name}-wal").exists():
        raise CopyRefused("it is still being written")
    _to_the_disk(restored)
    if store.exists():
        _give_to_owner_of(store, restored)
    aside = _set_aside(store) if store.exists() else None
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    restored.replace(store)
    _to_the_disk(store.parent)
    return aside


def _set_aside(store: Path) -> Path:
    with suppress(sqlite3.Error), closing(sqlite3.connect(store)) as connection:
        # Brings what is in its log into the file itself, where the store is not damaged.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stem = f"{store.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (store.with_name(stem + more) for more in ("", *(f"-{n}" for n in range(2, 1000))))
    aside = next(name for name in names if not name.exists())
    for suffix in ("-wal", ""):
        part = store.with_name(store.name + suffix)
        if part.exists():
            _second_name(part, aside.with_name(aside.name + suffix))
    return aside


def _give_to_owner_of(store: Path, restored: Path) -> None:
    """The bot may run as somebody else than who restores."""
    shutil.copymode(store, restored)
    facts = store.stat()
    if (facts.st_uid, facts.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.chown(restored, facts.st_uid, facts.st_gid)


def _second_name(path: Path, name: Path) -> None:
    try:
        os.link(path, name)
    except OSError:  # not every file system can
        shutil.copy2(path, name)
        _to_the_disk(name)


@contextmanager
def _part_file(destination: Path) -> Iterator[Path]:
    """An empty file beside `destination` that nobody else may read; it is gone afterwards, unless renamed."""
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{destination.name}.", suffix=".part", dir=destination.parent
        )
    except OSError as error:
        raise CopyRefused(f"nothing can be written beside {destination}: {error.strerror}") from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


def _vacuum(source: Path, part: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=BUSY_TIMEOUT_S, isolation_level=None)) as connection:
            # A bot that runs on it leaves checkpoints to nobody else: see `bot.database.Access`.
            connection.execute("PRAGMA wal_autocheckpoint = 0")
            connection.execute("VACUUM INTO ?", [str(part)])
    except sqlite3.Error as error:
        raise CopyRefused(f"{source} cannot be copied: {error}") from error


def _check_is_sound(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    if found != "ok":
        raise CopyRefused(f"it is damaged: {found}")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise CopyRefused("it is damaged: rows point nowhere")
    if not connection.exec_driver_sql("SELECT version_num FROM alembic_version").first():
        raise CopyRefused("it is no copy of a Showreel store")


def _contents(connection: Connection, copy: Path) -> Contents:
    def count_of(name: str) -> int:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())  # noqa: S608 - our names

    newest = [connection.scalar(select(func.max(at))) for at in (jobs.c.updated_at, transfers.c.created_at)]
    return Contents(
        size=copy.stat().st_size,
        jobs=count_of(jobs.name),
        transfers=count_of(transfers.name),
        newest=max((at for at in newest if at is not None), default=None),
        discrepancies=audit(connection) if is_up_to_date(connection) else None,
    )


def _to_the_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
