"""The store, without Discord: `showreel migrate`, and how the other commands get at it.

They work beside a running bot: SQLite itself lets one writer in at a time, PostgreSQL many, and reading waits
for nobody.
"""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, TypeVar

from bot.database import Database
from bot.engines import Access, is_sqlite, name_of, sqlite_path
from bot.errors import StoreMissing
from bot.migrate import is_up_to_date
from bot.migrate import migrate as migrate_store
from bot.only_process import only_process
from bot.settings import StoreSettings, load_settings

T = TypeVar("T")


def migrate() -> None:
    """Make the store, or bring it up to date.

    Raises:
        StoreInUse: the bot is running on it.
        StoreUnavailable: it cannot be opened, or a newer version of the bot wrote it.
    """
    url = store_url()
    with only_process(sqlite_path(url)) if is_sqlite(url) else nullcontext():
        asyncio.run(migrate_store(url))


def read(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """The value of function(connection, ...) on one moment's state of the store.

    Raises:
        SettingsInvalid: the settings do not say where the store is.
        StoreMissing: there is none yet, or it is not of this version.
        StoreUnavailable: it cannot be used.
    """
    return asyncio.run(_run(Access.READER, function, args, kwargs))


def write(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """The same in a transaction that may write; waits its turn where the bot is writing.

    Raises:
        SettingsInvalid, StoreMissing, StoreUnavailable: as `read`; nothing was written.
    """
    return asyncio.run(_run(Access.GUEST, function, args, kwargs))


async def _run(
    access: Access, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> T:
    url = store_url()
    if is_sqlite(url) and not sqlite_path(url).is_file():
        raise StoreMissing(name_of(url))  # SQLite would make an empty file
    database = Database(url, access=access)
    try:
        if not await database.run(is_up_to_date):
            raise StoreMissing(name_of(url))
        return await database.run(function, *args, **kwargs)
    finally:
        await database.close()


def store_url() -> str:
    """Where the settings say the store is.

    Raises:
        SettingsInvalid: they do not.
    """
    return load_settings(StoreSettings).database_url.get_secret_value()
