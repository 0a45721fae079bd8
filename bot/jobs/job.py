"""A job as a value: what was asked for, and how far it has come."""

import secrets
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bot.jobs.states import AT_RUNCOMFY, ENDED, JobState

#: Letters and digits that people do not confuse when they read an id aloud.
_ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
#: 50 random bits: short enough to type, long enough to never meet the same twice.
_ID_LENGTH = 10

OptionValue = str | int | bool


def new_job_id() -> str:
    """A fresh random id, ten characters."""
    return "".join(secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH))


@dataclass(frozen=True, slots=True)
class InputFile:
    """One attachment of the request.

    Attributes:
        option: the slash command's option it was given for (`image1`).
        filename: a name of our own making, the option and the real format (`image1.png`).
        kind: `image`, `video` or `audio`.
        url: where the member's own attachment is, for as long as Discord keeps it.
        size_bytes: its length in bytes.
        attached: whether the job's card carries a copy, whose link can be renewed.
    """

    option: str
    filename: str
    kind: str
    url: str
    size_bytes: int
    attached: bool = False


@dataclass(frozen=True, slots=True)
class NewJob:
    """A request that was found to be in order; `price` in credits, `role_ids` the member's roles."""

    interaction_id: int
    guild_id: int
    channel_id: int
    user_id: int
    locale: str
    model: str
    model_id: str
    options: Mapping[str, OptionValue]
    inputs: tuple[InputFile, ...]
    price: int
    role_ids: tuple[int, ...] = ()
    #: Where it was asked for in a thread: the channel the thread belongs to.
    parent_channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One row of `jobs`; see `bot.schema` for what each column means. Times in milliseconds."""

    id: str
    interaction_id: int
    guild_id: int
    channel_id: int
    user_id: int
    locale: str
    model: str
    model_id: str
    options: dict[str, OptionValue]
    inputs: tuple[InputFile, ...]
    price: int
    priority: int
    approval_reason: str | None
    approval_message_id: int | None
    state: JobState
    created_at: int
    updated_at: int
    due_at: int | None
    worker: str | None
    fence: int
    cancel_requested_at: int | None
    withhold: bool
    request_id: str | None
    submitted_at: int | None
    started_at: int | None
    rendered_at: int | None
    video_url: str | None
    cost_microusd: int | None
    card_message_id: int | None
    card_closed_at: int | None
    posting_since: int | None
    result_message_id: int | None
    ended_at: int | None
    failure: str | None
    failure_detail: str | None
    reconciled_at: int | None
    taken_down_at: int | None
    gallery_message_id: int | None

    @property
    def ended(self) -> bool:
        """Whether the job will never change again."""
        return self.state in ENDED

    @property
    def at_runcomfy(self) -> bool:
        """Whether the job takes up a place at RunComfy."""
        return self.state in AT_RUNCOMFY

    @property
    def prompt(self) -> str:
        """What the member wrote."""
        return str(self.options["prompt"])

    @classmethod
    def from_row(cls, row: Mapping[Any, Any]) -> "Job":
        """Read a row of `jobs`."""
        values = {field.name: row[field.name] for field in fields(cls)}
        values["state"] = JobState(row["state"])
        values["inputs"] = tuple(InputFile(**item) for item in row["inputs"])
        return cls(**values)


def inputs_as_json(inputs: tuple[InputFile, ...]) -> list[dict[str, object]]:
    """The inputs as they are kept in the store."""
    return [asdict(item) for item in inputs]


def with_attached(job: Job, options: AbstractSet[str]) -> Job:
    """The job, knowing which of its inputs its card carries."""
    return replace(job, inputs=mark_attached(job.inputs, options))


def mark_attached(inputs: tuple[InputFile, ...], options: AbstractSet[str]) -> tuple[InputFile, ...]:
    """The inputs, those of `options` marked as attached to the card."""
    return tuple(replace(item, attached=item.option in options) for item in inputs)
