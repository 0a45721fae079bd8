"""Taking turns: what transactions must not do at the same moment, they do one after the other.

SQLite has one writer, so there every transaction has its turn already. PostgreSQL runs many at once, each
seeing what was committed when its statement began: a transaction that decides by what it has counted takes
its turn first, and keeps it until it ends.
"""

import zlib

from sqlalchemy import Connection, text

_TAKE = text("SELECT pg_advisory_xact_lock(:kind, :key)")
#: Kinds of turns, so that equal keys of two kinds never meet. Any numbers will do, as long as they stay.
_SERVER, _PLACES, _COMMANDS, _MIGRATIONS = 7301, 7302, 7303, 7304


def of_server(connection: Connection, guild_id: int) -> None:
    """Decisions about one server come one at a time: its members' limits, credits, budget and settings."""
    # Two servers that share a key wait for each other now and then, which nobody notices.
    _take(connection, _SERVER, zlib.crc32(str(guild_id).encode()) - 2**31)


def of_places(connection: Connection) -> None:
    """Places at RunComfy are counted and given away one worker at a time."""
    _take(connection, _PLACES, 0)


def of_commands(connection: Connection) -> None:
    """What is registered with Discord is written down by one process at a time."""
    _take(connection, _COMMANDS, 0)


def of_migrations(connection: Connection) -> None:
    """Of several processes that start at once, one brings the store up to date."""
    _take(connection, _MIGRATIONS, 0)


def _take(connection: Connection, kind: int, key: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE, {"kind": kind, "key": key})
