"""What was registered where: a digest of the commands per application and server."""

from sqlalchemy import Connection, delete, select

from bot import turns
from bot.schema import command_scopes

#: Stands for every server.
EVERYWHERE = 0


def digests(connection: Connection, application_id: int) -> dict[int, str]:
    """The digests by server."""
    statement = select(command_scopes.c.guild_id, command_scopes.c.digest).where(
        command_scopes.c.application_id == application_id
    )
    return {row.guild_id: row.digest for row in connection.execute(statement)}


def remember(connection: Connection, application_id: int, guild_id: int, digest: str) -> None:
    """These commands are registered for this server now."""
    turns.of_commands(connection)
    forget(connection, application_id, guild_id)
    connection.execute(
        command_scopes.insert().values(application_id=application_id, guild_id=guild_id, digest=digest)
    )


def forget(connection: Connection, application_id: int, guild_id: int) -> None:
    """No commands are registered for this server any more."""
    connection.execute(
        delete(command_scopes).where(
            command_scopes.c.application_id == application_id, command_scopes.c.guild_id == guild_id
        )
    )
