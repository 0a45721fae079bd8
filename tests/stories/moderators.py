"""A moderator of the club, the moderators' channel, and ways to try what is forbidden."""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor

from bot.credits import budget
from bot.credits.budget import Month, Standing
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.screen import lines_of
from bot.rehearsal.stage import Pace, Stage
from bot.servers import store as servers
from tests.stories.community import Community, Message
from tests.stories.media import picture
from tests.stories.quick_stage import QUICK, quick_stage
from tests.stories.staff import set_up, text_of
from tests.support.waiting import until

MODERATES = discord.Permissions(manage_messages=True)
NOT_PERMITTED = "Only moderators can do that."


class Moderator:
    """Acts in the club, and reads the moderators' channel."""

    def __init__(self, club: Community, name: str = "mo") -> None:
        self.club = club
        self.who: MemberActor = club.add_member(name, can=MODERATES)
        self.room = club.guild.create_text_channel("moderators")

    async def opens_the_room(self, **settings: Any) -> "Moderator":
        """From now on moderators are told and asked there."""
        await set_up(self.club, moderators_channel=self.room.id, **settings)
        return self

    async def runs(self, command: str, **options: Any) -> str:
        return text_of(await self.answer(command, **options))

    async def answer(self, command: str, **options: Any) -> simcord.InteractionResult:
        return await self.who.slash(self.club.channel, f"moderate {command}", **options)

    async def is_offered(self, command: str, option: str, typed: str = "") -> list[dict[str, Any]]:
        return await self.who.autocomplete(self.club.channel, f"moderate {command}", option, typed)

    async def presses(self, seen: Any, label: str) -> simcord.InteractionResult:
        """Press a button of a notice, or of an answer."""
        return await self.who.click(_message(self.room, seen), label=label)

    # --- what the moderators' channel shows ---------------------------------------------------------

    def notices(self) -> list[Message]:
        ids = self.club.env.backend.messages.get(self.room.id, {})
        return [
            self.club.shown[message_id][-1] for message_id in sorted(ids) if message_id in self.club.shown
        ]

    async def reads(self, words: str) -> Message:
        """Wait until a notice shows these words."""
        found: list[Message] = []

        async def shown() -> bool:
            found[:] = [notice for notice in self.notices() if words in "\n".join(lines_of(notice))]
            return bool(found)

        await until(shown)
        return found[0]

    def history(self) -> list[str]:
        """The first line of every notice."""
        return [lines_of(notice)[0] for notice in self.notices()]

    async def budget(self) -> Standing:
        """What this month's budget says."""
        showreel = self.club.stage.showreel
        month = Month.at(self.club.guild.id, showreel.bot.services.now())
        settings = await showreel.database.run(servers.load, self.club.guild.id)
        return await showreel.database.run(budget.standing, month, settings.budget)


@asynccontextmanager
async def moderated(
    folder: Path, *, pace: Pace = QUICK, places: int = 10, **settings: Any
) -> AsyncIterator[tuple[Community, Moderator]]:
    """A club with a moderators' channel; everything that happened there was expected."""
    async with quick_stage(folder, pace=pace, places=places) as stage:
        club = Community(stage)
        yield club, await Moderator(club).opens_the_room(**settings)
        assert stage.unexpected_errors() == []
        assert await club.books_balance()


async def asked(club: Community, prompt: str = "A lamp that nobody needs", **more: Any) -> Job:
    """The job of a member's accepted request."""
    await club.ask(prompt=prompt, image1=picture(), **more)
    return (await club.stage.jobs())[-1]


async def reaches(club: Community, job: Job, state: JobState) -> Job:
    async def there() -> bool:
        return (await club.job(job.id)).state is state

    await until(there)
    return await club.job(job.id)


def moderator_elsewhere(stage: Stage) -> Moderator:
    """Somebody who moderates another server that the bot serves."""
    return Moderator(Community(stage, name="Chess club"), "stranger")


async def anyone_may_try(club: Community) -> None:
    """An administrator has given `/moderate` to everybody: Discord lets them all send it."""
    command = club.env.backend.find_command("moderate", club.guild.id)
    assert command is not None
    everyone = club.guild.default_role
    club.guild.set_command_permissions(int(command["id"]), {everyone: True})


async def forged(
    who: MemberActor,
    custom_id: str,
    *,
    channel: str = "studio",
    typed: Iterable[tuple[str, str]] | None = None,
) -> str:
    """What is answered to an interaction that no message of the bot's offers."""
    room = who.guild.channels[channel]
    message = {
        "id": "1",
        "channel_id": str(room.id),
        "content": "",
        "author": {"id": "2", "username": "x", "discriminator": "0", "avatar": None},
        "components": [
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": custom_id}]}
        ],
        "attachments": [],
        "embeds": [],
        "mentions": [],
        "mention_roles": [],
        "pinned": False,
        "mention_everyone": False,
        "tts": False,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "type": 0,
    }
    if typed is None:
        data = {"custom_id": custom_id, "component_type": 2}
        return said(await who._dispatch_interaction(3, room, data, extra={"message": message}))
    fields = [
        {"type": 18, "component": {"type": 4, "custom_id": name, "value": text}} for name, text in typed
    ]
    data = {"custom_id": custom_id, "components": fields}
    return said(await who._dispatch_interaction(5, room, data, extra={"message": message}))


def said(result: simcord.InteractionResult) -> str:
    """What the person alone was told: the answer, or what was sent beside the message."""
    followups = [text_of_message(message) for message in result.followups]
    return "\n".join([text_of(result), *followups]).strip()


def text_of_message(message: Any) -> str:
    return "\n".join(lines_of({"content": message.content, "components": message.components}))


def labels_of(message: Any) -> list[str]:
    """The buttons of an answer or notice that can be pressed."""
    components = message["components"] if isinstance(message, dict) else message.components
    return [item["label"] for item in _walk(components) if item.get("label") and not item.get("disabled")]


def _walk(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in components:
        yield item
        yield from _walk(item.get("components") or ())
        yield from _walk([item["accessory"]] if item.get("accessory") else ())


def _message(room: Any, seen: Any) -> Any:
    if isinstance(seen, dict):
        return next(message for message in room.history() if message.id == int(seen["id"]))
    return seen.response if isinstance(seen, simcord.InteractionResult) else seen
