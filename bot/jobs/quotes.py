"""Quotes: requests that were checked and priced, and wait for their member's yes. They survive a restart."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.errors import QuoteGone
from bot.jobs.job import InputFile, NewJob, inputs_as_json
from bot.schema import quotes

#: A quote is good for as long as the buttons under it can be answered in place (ms).
LIFE_MS = 15 * 60 * 1000


def keep(connection: Connection, new: NewJob, *, at: int) -> None:
    """Keep a quoted request, under the interaction that asked for it."""
    drop(connection, new.interaction_id)
    request = {**asdict(new), "options": dict(new.options), "inputs": inputs_as_json(new.inputs)}
    row = {
        "interaction_id": new.interaction_id,
        "guild_id": new.guild_id,
        "user_id": new.user_id,
        "request": request,
        "at": at,
    }
    connection.execute(quotes.insert().values(row))


def find(connection: Connection, interaction_id: int, *, user_id: int, at: int) -> NewJob:
    """A member's quoted request.

    Raises:
        QuoteGone: it was used, given up or too old, or is somebody else's.
    """
    statement = select(quotes.c.request).where(
        quotes.c.interaction_id == interaction_id,
        quotes.c.user_id == user_id,
        quotes.c.at > at - LIFE_MS,
    )
    # Whoever uses it up takes hold of it here: accepting it and giving it up are never both done.
    statement = statement.with_for_update()
    request: dict[str, Any] | None = connection.scalar(statement)
    if request is None:
        raise QuoteGone
    inputs = tuple(InputFile(**item) for item in request["inputs"])
    roles = tuple(request["role_ids"])
    return NewJob(**{**request, "inputs": inputs, "role_ids": roles})


def give_up(connection: Connection, interaction_id: int, *, user_id: int, at: int) -> None:
    """The member does not want it any more.

    Raises:
        QuoteGone: as `find`; it may just have been accepted.
    """
    find(connection, interaction_id, user_id=user_id, at=at)
    drop(connection, interaction_id)


def drop(connection: Connection, interaction_id: int) -> None:
    """The quote was used or given up."""
    connection.execute(delete(quotes).where(quotes.c.interaction_id == interaction_id))


def drop_all(connection: Connection) -> None:
    """Nobody's quote holds any more."""
    connection.execute(delete(quotes))


def sweep(connection: Connection, *, at: int) -> list[int]:
    """Drop quotes that are too old; returns their interactions, whose files can go."""
    old = quotes.c.at <= at - LIFE_MS
    found = [row.interaction_id for row in connection.execute(select(quotes.c.interaction_id).where(old))]
    connection.execute(delete(quotes).where(old))
    return found
