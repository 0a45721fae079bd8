"""Reports: members say that a posted video should not be there. Moderators read them in their channel."""

from sqlalchemy import Connection, func, select

from bot import turns
from bot.errors import StaleJob
from bot.jobs import store
from bot.jobs.states import JobState
from bot.moderation import audit
from bot.moderation.audit import Action
from bot.schema import reports


def report(connection: Connection, guild_id: int, job_id: str, *, user_id: int, reason: str, at: int) -> bool:
    """Report a posted video for the member `user_id`; False where the same member reported it before.

    Raises:
        StaleJob: the server has no such posted video, or it was taken down.
    """
    turns.of_server(connection, guild_id)
    job = store.find(connection, job_id)
    if job is None or job.guild_id != guild_id or job.state is not JobState.DELIVERED or job.taken_down_at:
        raise StaleJob(job_id)
    mine = (reports.c.job_id == job_id) & (reports.c.user_id == user_id)
    if connection.execute(select(reports.c.at).where(mine)).first() is not None:
        return False
    connection.execute(reports.insert().values(job_id=job_id, user_id=user_id, reason=reason, at=at))
    audit.record(
        connection,
        guild_id,
        Action.REPORTED,
        actor=user_id,
        at=at,
        target=job.user_id,
        job_id=job_id,
        reason=reason,
    )
    return True


def count(connection: Connection, job_id: str) -> int:
    """How many members have reported this video."""
    statement = select(func.count()).select_from(reports).where(reports.c.job_id == job_id)
    return connection.scalar(statement) or 0
