"""Jobs to try things on."""

from dataclasses import replace
from itertools import count

from sqlalchemy import Connection

from bot.jobs import admission, store
from bot.jobs.job import Job, NewJob
from bot.jobs.states import JobState

GUILD = 100
CHANNEL = 200
MEMBER = 300
MODEL = "seedance-2-pro"
MODEL_ID = "bytedance/seedance-v2/pro"
#: What `new_job` asks for where the test says nothing else.
PRICE = 8

_interactions = count(1)

#: The shortest way into each state.
_WAYS: dict[JobState, tuple[JobState, ...]] = {
    JobState.QUEUED: (),
    JobState.SUBMITTING: (JobState.SUBMITTING,),
    JobState.IN_QUEUE: (JobState.SUBMITTING, JobState.IN_QUEUE),
    JobState.IN_PROGRESS: (JobState.SUBMITTING, JobState.IN_QUEUE, JobState.IN_PROGRESS),
    JobState.RENDERED: (JobState.SUBMITTING, JobState.IN_QUEUE, JobState.RENDERED),
    JobState.CANCELLED: (JobState.CANCELLED,),
    JobState.FAILED: (JobState.FAILED,),
    JobState.UNCERTAIN: (JobState.SUBMITTING, JobState.UNCERTAIN),
    JobState.EXPIRED: (JobState.SUBMITTING, JobState.IN_QUEUE, JobState.EXPIRED),
    JobState.DELIVERED: (JobState.SUBMITTING, JobState.IN_QUEUE, JobState.RENDERED, JobState.DELIVERED),
    JobState.UNDELIVERABLE: (
        JobState.SUBMITTING,
        JobState.IN_QUEUE,
        JobState.RENDERED,
        JobState.UNDELIVERABLE,
    ),
}
REACHABLE = tuple(_WAYS)

_TEMPLATE = NewJob(
    interaction_id=0,
    guild_id=GUILD,
    channel_id=CHANNEL,
    user_id=MEMBER,
    locale="en-US",
    model=MODEL,
    model_id=MODEL_ID,
    options={"prompt": "A quiet harbour", "duration": 4, "resolution": "480p", "sound": False},
    inputs=(),
    price=PRICE,
)


def new_job(**changes: object) -> NewJob:
    """A request like any other, of an interaction of its own unless told otherwise."""
    return replace(_TEMPLATE, **{"interaction_id": next(_interactions), **changes})  # type: ignore[arg-type]  # by name


def accepted(connection: Connection, new: NewJob | None = None, *, at: int, opening: int = 1000) -> Job:
    """A job of the store, waiting in its queue."""
    job, _ = admission.admit(connection, new or new_job(), opening_credits=opening, at=at)
    return job


def accepted_with_card(connection: Connection, new: NewJob | None = None, *, at: int) -> Job:
    """A job whose card hangs already, so that it may be submitted."""
    job = accepted(connection, new, at=at)
    store.set_card(connection, job, message_id=job.interaction_id, attached=frozenset(), at=at)
    return store.get(connection, job.id)


def moved_to(connection: Connection, job: Job, state: JobState, *, at: int) -> Job:
    """The job, taken the shortest way to a state."""
    for step in _WAYS[state]:
        if step is JobState.IN_QUEUE:
            job = store.move(connection, job, step, at=at, request_id=f"request-{job.id}")
        else:
            job = store.move(connection, job, step, at=at)
    return job


def in_state(connection: Connection, state: JobState, *, at: int) -> Job:
    """A new job in a state."""
    return moved_to(connection, accepted(connection, at=at), state, at=at)
