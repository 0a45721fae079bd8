"""Jobs as the operator looks at them: across servers, newest first."""

from collections.abc import Collection

from sqlalchemy import Connection, select

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.schema import jobs


def listed(
    connection: Connection, *, states: Collection[JobState], guild_id: int | None, limit: int
) -> list[Job]:
    """Jobs in these states, of one server or of all.

    Without any state: those that may need somebody, which are the open ones and the uncertain ones that
    nobody has settled.
    """
    unsettled = (jobs.c.state == JobState.UNCERTAIN) & jobs.c.reconciled_at.is_(None)
    wanted = jobs.c.state.in_(list(states)) if states else jobs.c.ended_at.is_(None) | unsettled
    statement = select(jobs).where(wanted).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
    if guild_id is not None:
        statement = statement.where(jobs.c.guild_id == guild_id)
    return [Job.from_row(row) for row in connection.execute(statement).mappings()]
