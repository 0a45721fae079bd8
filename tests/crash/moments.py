"""The exact moments at which a process can be made to die: before or after its n-th written transaction."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from bot.database import Database

T = TypeVar("T")

_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Step:
    """The n-th transaction that writes something; death comes before its commit, or right after."""

    number: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'}:{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Step":
        when, _, number = text.partition(":")
        return cls(int(number), when == "after")


def die_at(text: str) -> None:
    """Make this process kill itself at the step. SIGKILL leaves it nothing to tidy up."""
    step, numbers = Step.parse(text), count(1)
    original = Database._transaction

    async def transaction(
        self: Database, function: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> T:
        is_it = False

        def watched(connection: Connection, *args: object, **kwargs: object) -> T:
            nonlocal is_it
            value = function(connection, *args, **kwargs)
            if connection.info.pop("has written", False) and next(numbers) == step.number:
                is_it = True
                if not step.after:
                    _die()
            return value

        value: T = await original(self, watched, args, kwargs)
        if is_it:
            _die()
        return value

    event.listen(Engine, "after_cursor_execute", _note_writes)
    Database._transaction = transaction  # type: ignore[method-assign]  # this process is to die


def _note_writes(connection: Connection, cursor: Any, statement: str, *_: object) -> None:
    if statement.lstrip().startswith(_WRITES) and cursor.rowcount:
        connection.info["has written"] = True


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
