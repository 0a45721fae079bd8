"""Waiting for something to become true without polling: everything that changes the world says so."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

DEFAULT_TIMEOUT_S = 5.0


class Changes:
    """Wakes every waiter after each change; a waiter looks again at its own condition."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def wait_for(
        self,
        condition: Callable[[], T | None],
        timeout: float = DEFAULT_TIMEOUT_S,
        *,
        told: Callable[[], str] = str,
    ) -> T:
        """The first truthy value of `condition`.

        Raises:
            TimeoutError: after `timeout` seconds; `told()` is its explanation.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (value := condition()):
                    waiter = asyncio.get_running_loop().create_future()
                    self._waiters.add(waiter)
                    await waiter
        except TimeoutError:
            raise TimeoutError(f"nothing of the kind within {timeout} s. {told()}") from None
        return value
