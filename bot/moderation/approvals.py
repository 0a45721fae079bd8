"""Approvals: which requests wait for a moderator's yes, and why. The waiting itself is a job's state."""

from enum import StrEnum

from sqlalchemy import Connection, func, select

from bot.schema import jobs
from bot.servers.settings import ServerSettings

#: A request that nobody has answered after this long (ms) expires, and its credits go back.
PATIENCE_MS = 24 * 3_600_000


class Reason(StrEnum):
    """Why a request waits; the message catalogue has `approval-<value>` for each."""

    EVERYTHING = "everything"  # the server asks for every request
    FIRST_REQUESTS = "first-requests"  # the member is new
    PRICE = "price"  # it costs more than the server lets through by itself
    FLAGGED = "flagged"  # a filter found something


def reason_for(
    connection: Connection,
    settings: ServerSettings,
    *,
    guild_id: int,
    user_id: int,
    price: int,
    flagged: bool,
) -> Reason | None:
    """Why this request has to wait for a moderator; None where it may go on. `price` in credits."""
    if flagged:
        return Reason.FLAGGED
    if settings.approve_everything:
        return Reason.EVERYTHING
    if settings.approve_above is not None and price > settings.approve_above:
        return Reason.PRICE
    if settings.approve_first and _requests_so_far(connection, guild_id, user_id) < settings.approve_first:
        return Reason.FIRST_REQUESTS
    return None


def _requests_so_far(connection: Connection, guild_id: int, user_id: int) -> int:
    own = (jobs.c.guild_id == guild_id) & (jobs.c.user_id == user_id)
    return connection.scalar(select(func.count()).select_from(jobs).where(own)) or 0
