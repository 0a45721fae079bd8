"""The store of servers' settings."""

from sqlalchemy import Connection, delete, select

from bot import turns
from bot.schema import server_settings
from bot.servers.settings import ServerSettings


def load(connection: Connection, guild_id: int) -> ServerSettings:
    """The server's settings; the defaults where it never set anything."""
    found = connection.scalar(
        select(server_settings.c.settings).where(server_settings.c.guild_id == guild_id)
    )
    return ServerSettings() if found is None else ServerSettings.model_validate(found)


def save(connection: Connection, guild_id: int, settings: ServerSettings, *, at: int) -> None:
    """Keep the server's settings."""
    turns.of_server(connection, guild_id)
    connection.execute(delete(server_settings).where(server_settings.c.guild_id == guild_id))
    row = {"guild_id": guild_id, "settings": settings.model_dump(mode="json"), "updated_at": at}
    connection.execute(server_settings.insert().values(row))
