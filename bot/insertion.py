"""Inserting what may be there already: both engines can, each in words of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite


def insert_missing(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key the table does not have; the others stay as they are."""
    insert = insert_on_sqlite if connection.dialect.name == "sqlite" else insert_on_postgresql
    connection.execute(insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])
