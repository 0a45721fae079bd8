"""Stars: which members like a video, and whether it has been shown in its server's gallery.

`jobs.gallery_message_id` is NULL until somebody takes it on to show the video, 0 while that is under way,
and then the message in the gallery. So a video is shown once, through crashes and however many stars come
at once.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from sqlalchemy import Connection, delete, func, select, update

from bot.insertion import insert_missing
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.schema import jobs, stars

#: The video is about to be shown; what became of it nobody has written down yet.
BEING_SHOWN = 0


def video_at(connection: Connection, guild_id: int, message_id: int) -> Job | None:
    """The job whose video is posted in this message."""
    statement = select(jobs.c.id).where(
        jobs.c.guild_id == guild_id,
        jobs.c.result_message_id == message_id,
        jobs.c.state == JobState.DELIVERED,
    )
    job_id = connection.scalar(statement)
    return None if job_id is None else store.get(connection, job_id)


def add(connection: Connection, job_id: str, user_ids: Iterable[int]) -> None:
    """These members like the video; who does already is not counted twice."""
    rows = [{"job_id": job_id, "user_id": user} for user in sorted(set(user_ids))]
    if rows:
        insert_missing(connection, stars, rows)


def take_back(connection: Connection, job_id: str, user_id: int) -> None:
    """The member has changed their mind."""
    own = (stars.c.job_id == job_id) & (stars.c.user_id == user_id)
    connection.execute(delete(stars).where(own))


def replace(connection: Connection, job_id: str, user_ids: AbstractSet[int]) -> None:
    """Exactly these members like the video: as counted anew."""
    connection.execute(delete(stars).where(stars.c.job_id == job_id))
    add(connection, job_id, user_ids)


def count(connection: Connection, job_id: str) -> int:
    """How many members like the video."""
    statement = select(func.count()).select_from(stars).where(stars.c.job_id == job_id)
    return connection.scalar(statement) or 0


def claim(connection: Connection, job_id: str) -> bool:
    """Take it on to show the video; False where it was shown, is about to be, or was taken down."""
    free = (jobs.c.id == job_id) & jobs.c.gallery_message_id.is_(None) & jobs.c.taken_down_at.is_(None)
    result = connection.execute(update(jobs).where(free).values(gallery_message_id=BEING_SHOWN))
    return result.rowcount == 1


def let_go(connection: Connection, job_id: str) -> None:
    """The video was certainly not shown: more stars may try again."""
    _change(connection, job_id, None)


def shown(connection: Connection, job_id: str, message_id: int) -> Job:
    """The video is shown in this message of the gallery; returns the job as it is now."""
    _change(connection, job_id, message_id)
    return store.get(connection, job_id)


def unfinished(connection: Connection) -> list[Job]:
    """Videos that somebody had taken on to show when the process ended."""
    being_shown = select(jobs.c.id).where(jobs.c.gallery_message_id == BEING_SHOWN)
    return [store.get(connection, row.id) for row in connection.execute(being_shown)]


def _change(connection: Connection, job_id: str, message_id: int | None) -> None:
    being_shown = (jobs.c.id == job_id) & (jobs.c.gallery_message_id == BEING_SHOWN)
    connection.execute(update(jobs).where(being_shown).values(gallery_message_id=message_id))
