"""A real PostgreSQL for the tests: started with the first test that needs one, ended with the last."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from unittest.mock import patch

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

if TYPE_CHECKING:
    from pgserver.postgres_server import PostgresServer

#: A test server may lose everything when the machine does: that saves most of its time.
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """A server of this test run's own, on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@/{name}?host={self._folder}"

    def create(self, name: str | None = None, *, like: str = "template1") -> str:
        """A new database, a copy of another one; returns its URL."""
        name = name or f"store{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.rpartition("@/")[2].partition("?")[0]
        self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def execute(self, *statements: str) -> None:
        """Run statements outside of any store."""
        asyncio.run(self._execute(statements))

    async def _execute(self, statements: tuple[str, ...]) -> None:
        engine: AsyncEngine = create_async_engine(
            self.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server while the block runs."""
    with TemporaryDirectory(prefix="pg-") as folder:  # a short path: a socket's name has little room
        server = _start(Path(folder))
        try:
            socket = server.get_postmaster_info().socket_dir
            assert socket is not None
            postgres = Postgres(Path(socket))
            postgres.execute(*(f"ALTER SYSTEM SET {name} = '{value}'" for name, value in _FAST.items()))
            postgres.execute("SELECT pg_reload_conf()")
            yield postgres
        finally:
            server.cleanup()


def _start(folder: Path) -> "PostgresServer":
    """Imported here: the package looks, when it is imported, for a folder that a test run need not have."""
    with patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
        from pgserver import postgres_server  # noqa: PLC0415 - see above

    return postgres_server.get_server(folder / "data", cleanup_mode="stop")
