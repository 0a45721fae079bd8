"""Presses under way, of buttons whose every press is a request of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import PressedAlready


class Presses:
    """Who presses what at this moment. Discord sends a server's interactions to one process."""

    def __init__(self) -> None:
        self._under_way: set[tuple[int, str]] = set()

    @contextmanager
    def alone(self, user_id: int, custom_id: str) -> Iterator[None]:
        """A block that a member is in once: a finger that trembles asks for one video, not for ten.

        Raises:
            PressedAlready: the member is in it.
        """
        press = (user_id, custom_id)
        if press in self._under_way:
            raise PressedAlready
        self._under_way.add(press)
        try:
            yield
        finally:
            self._under_way.remove(press)
