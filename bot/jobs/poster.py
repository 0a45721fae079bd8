"""What the tracker needs from Discord. `bot.discord_io` fulfils it; nothing here knows discord.py."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.jobs.circuit import Notice
from bot.jobs.job import Job


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a job beyond its row.

    Attributes:
        position: place in RunComfy's queue, where it says so; 1 is next.
        obstacle: why a waiting job does not go on (`no-funds`, `unreachable`, `token`), or why a rendered one
            is not fetched yet (`file`, `disk`); a token for words.
    """

    position: int | None = None
    obstacle: str | None = None


@dataclass(frozen=True, slots=True)
class PostedCard:
    """A posted card: its message, and the options whose files it carries."""

    message_id: int
    attached: frozenset[str]


#: Raises where the job is not this worker's any more; asked right before something is sent.
Sure = Callable[[], Awaitable[None]]


async def always_sure() -> None:
    """For who posts without a lease."""


class Poster(Protocol):
    """Posts and finds a job's messages. Every method raises `DeliveryError` where Discord refuses."""

    async def post_card(
        self, job: Job, inputs: Mapping[str, Path], *, sure: Sure = always_sure
    ) -> PostedCard:
        """Post the job's card with those of its inputs (option -> file) that fit.

        Called again after a crash it finds the card of the same job instead of posting a second one.
        """

    async def post_question(self, job: Job) -> int:
        """Ask the server's moderators to approve the request; the id of the message that asks."""

    def show(self, job: Job, progress: Progress) -> None:
        """Bring the card up to date, soon. Never waits, never raises."""

    async def input_links(self, job: Job) -> Mapping[str, str]:
        """Fresh links (option -> address) to the inputs that the card carries.

        Raises `ChannelUnavailable` where nobody would see the video, also for a job without inputs.
        """

    async def find_video(self, job: Job) -> int | None:
        """The id of the message that carries this job's video, if it has been posted."""

    async def post_video(self, job: Job, video: Path, *, sure: Sure = always_sure) -> int:
        """Post the video as a reply to the card and return the message's id. At most once per job."""

    async def delete_video(self, job: Job) -> None:
        """Delete the posted video. It is no error if it is gone already."""

    async def send_directly(self, job: Job, video: Path | None) -> None:
        """Tell the requester by direct message how the job ended, with the video if there is one."""

    async def tell_operator(self, notice: Notice) -> None:
        """Tell whoever runs the bot, by direct message, that submits stopped or go on again."""
