"""What the audit trail still has to tell a server, with all that is needed to tell it."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.jobs import store
from bot.jobs.job import Job
from bot.moderation import audit
from bot.moderation.audit import Entry
from bot.servers import store as servers
from bot.servers.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class Untold:
    """Entries nobody has been told of, oldest first, each with its job; and how the server wants it told."""

    settings: ServerSettings
    entries: tuple[tuple[Entry, Job | None], ...]


def untold(connection: Connection, guild_id: int, *, limit: int) -> Untold:
    """The oldest entries of a server that have not been told."""
    entries = audit.untold(connection, guild_id, limit=limit)
    about = ((entry, store.find(connection, entry.job_id) if entry.job_id else None) for entry in entries)
    return Untold(servers.load(connection, guild_id), tuple(about))
