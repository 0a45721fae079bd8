"""Waiting for something to become true, never for time to pass."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

#: How long (seconds) a test waits before it gives up. No test needs anything near it.
PATIENCE_S = 20.0


async def until(true: Callable[[], bool | Awaitable[bool]], *, what: str = "it") -> None:
    """Return as soon as `true()` is; fail where it does not come to that."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = true()
                if found if isinstance(found, bool) else await found:
                    return
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None


async def store_threads_ended() -> None:
    """Wait for the threads of stores that could not be opened: the driver ends them by itself, but later."""

    await until(lambda: not store_threads(), what="the end of the driver's threads")


def store_threads() -> set[threading.Thread]:
    """The threads of open stores: the driver has one for each."""
    return {thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name}
