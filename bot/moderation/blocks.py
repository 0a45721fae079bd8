"""Blocks: members who may not ask for videos, for a while or for good."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from bot.schema import blocks


@dataclass(frozen=True, slots=True)
class Block:
    """One block; times in milliseconds, `until` None for one without an end."""

    guild_id: int
    user_id: int
    until: int | None
    reason: str
    by: int
    at: int


def find(connection: Connection, guild_id: int, user_id: int, *, at: int) -> Block | None:
    """The block that holds for this member at this moment."""
    statement = select(blocks).where(
        blocks.c.guild_id == guild_id,
        blocks.c.user_id == user_id,
        blocks.c.until.is_(None) | (blocks.c.until > at),
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else Block(**row)


def put(connection: Connection, block: Block) -> None:
    """Block a member, in place of any earlier block."""
    lift(connection, block.guild_id, block.user_id)
    row = {name: getattr(block, name) for name in Block.__slots__}
    connection.execute(blocks.insert().values(row))


def lift(connection: Connection, guild_id: int, user_id: int) -> bool:
    """End a member's block; whether there was one."""
    own = (blocks.c.guild_id == guild_id) & (blocks.c.user_id == user_id)
    return connection.execute(delete(blocks).where(own)).rowcount > 0
