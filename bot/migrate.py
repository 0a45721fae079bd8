"""Brings a store up to date: runs the migrations it has not seen yet, all in one transaction."""

from importlib.resources import as_file, files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import turns
from bot.engines import NO_CONNECTION, is_sqlite, postgresql_engine, sqlite_engine
from bot.errors import StoreUnavailable


async def migrate(url: str) -> None:
    """Create or upgrade the store at `url`. Does nothing where it is up to date.

    Raises:
        StoreUnavailable: the store cannot be opened, was written by a newer version of the bot, or would have
            rows that point nowhere; nothing was changed.
    """
    engine = _engine(url)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    except DBAPIError as error:
        raise StoreUnavailable(str(error.orig)) from error
    except NO_CONNECTION as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    except CommandError as error:
        raise StoreUnavailable(str(error)) from error
    finally:
        await engine.dispose()


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the caller's transaction. Several processes at once take turns."""
    turns.of_migrations(connection)
    with as_file(files("migrations")) as location:
        config = Config()
        config.set_main_option("script_location", str(location))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreUnavailable("a migration left rows that point nowhere")


def is_up_to_date(connection: Connection) -> bool:
    """Whether the store is of exactly this version of the bot."""
    found = set(MigrationContext.configure(connection).get_current_heads())
    with as_file(files("migrations")) as location:
        return found == set(ScriptDirectory(str(location)).get_heads())


def _engine(url: str) -> AsyncEngine:
    if is_sqlite(url):
        return sqlite_engine(url, check_foreign_keys=False)
    return postgresql_engine(url, pooled=False)
