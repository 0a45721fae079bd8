"""One process per SQLite store: a lock that the kernel lets go of when its holder dies, however it dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreInUse


@contextmanager
def only_process(store: Path) -> Iterator[None]:
    """Hold the lock beside the store's file while the block runs.

    Raises:
        StoreInUse: another process holds it.
    """
    path = store.with_name(f"{store.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreInUse(str(path)) from error
        yield
