"""A community on the stage: people who act, and eyes and books to look at afterwards."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

import discord
import simcord
from PIL import Image
from simcord.actors import MemberActor
from simcord.backend.models import Overwrite
from simcord.builders import ChannelHandle, GuildHandle
from simcord.enums import OverwriteType

from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.jobs import store
from bot.jobs.job import Job
from bot.rehearsal.screen import lines_of
from bot.rehearsal.stage import Stage
from tests.support.waiting import until

File: TypeAlias = tuple[str, bytes]
Message: TypeAlias = Mapping[str, Any]

#: How long (seconds) a story waits for something that must come.
PATIENCE_S = 15.0
EPHEMERAL = 1 << 6


@dataclass(frozen=True)
class Answer:
    """What the bot answered to one person."""

    text: str
    ephemeral: bool
    deferred: bool


class Community:
    """One server with one channel and one member who asks; more of each can be added."""

    def __init__(self, stage: Stage, *, name: str = "Film club") -> None:
        self.stage = stage
        self.env: simcord.Env = stage.env
        self.guild: GuildHandle = self.env.create_guild(name)
        self.channel: ChannelHandle = self.guild.create_text_channel("studio")
        self.member: MemberActor = self.add_member("ines")
        self.shown: dict[int, list[Message]] = {}
        self.env.backend.subscribers.append(self._watch)

    # --- people -------------------------------------------------------------------------------------

    def add_member(self, name: str, *, can: discord.Permissions | None = None) -> MemberActor:
        roles = [self.guild.create_role(f"{name}-can", permissions=can)] if can else []
        return self.guild.add_member(self.env.create_user(name), roles=roles)

    async def ask(
        self,
        command: str = "seedance-1-0-lite",
        *,
        who: MemberActor | None = None,
        channel: ChannelHandle | None = None,
        **options: str | int | File,
    ) -> Answer:
        result = await (who or self.member).slash(channel or self.channel, command, **options)
        return answer_of(result)

    async def press_cancel(self, card: Message, *, who: MemberActor | None = None) -> Answer:
        result = await (who or self.member).click(self.message(card), label="Cancel")
        return answer_of(result)

    async def press_as_shown(
        self, seen: Message, *, who: MemberActor | None = None, job_id: str | None = None
    ) -> Answer:
        """Press Cancel on a card as it once looked, or on one forged for another job."""
        who = who or self.member
        forged = deepcopy(dict(seen))
        [button] = [item for item in components_of(forged) if "custom_id" in item]
        if job_id is not None:
            button["custom_id"] = f"job:cancel:{job_id}"
        data = {"custom_id": button["custom_id"], "component_type": button["type"]}
        channel = who.guild.channels["studio"]
        return answer_of(await who._dispatch_interaction(3, channel, data, extra={"message": forged}))

    def forbid_the_bot(self, *permissions: str, channel: ChannelHandle | None = None) -> None:
        denied = discord.Permissions(**dict.fromkeys(permissions, True))
        bot_id = self.env.backend.bot_user.id
        overwrite = Overwrite(target_id=bot_id, type=OverwriteType.MEMBER, allow=0, deny=denied.value)
        self.env.backend.set_overwrite((channel or self.channel).id, overwrite)

    def sizes_are_told(self) -> None:
        """Discord says of an attached picture how large it is; SimCord alone does not."""
        store = self.env.backend.cdn.store_attachment

        def store_and_measure(
            attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
        ) -> dict[str, Any]:
            attachment = store(attachment_id, channel_id, filename, data, description)
            if str(attachment["content_type"]).startswith("image/"):
                with Image.open(io.BytesIO(data)) as image:
                    attachment |= {"width": image.width, "height": image.height}
            return attachment

        self.env.backend.cdn.store_attachment = store_and_measure  # type: ignore[method-assign]  # the seam

    def delete_channel(self) -> None:
        self.env.backend.delete_channel(self.channel.id)

    def forgiven(self, kind: type[BaseException]) -> int:
        """Forget the errors of this kind, which the story provoked; how many there were."""
        mine = [error for error in self.env._errors if isinstance(error.__cause__, kind)]
        self.env._errors = [error for error in self.env._errors if error not in mine]
        return len(mine)

    # --- what people see ------------------------------------------------------------------------------

    def message(self, seen: Message) -> discord.Message:
        return next(m for m in self.channel.history() if m.id == int(seen["id"]))

    def public(self) -> list[Message]:
        """Every message that everybody in the channel sees, as it looks now, oldest first."""
        ids = self.env.backend.messages.get(self.channel.id, {})
        return [self.shown[message_id][-1] for message_id in sorted(ids) if message_id in self.shown]

    def posts(self) -> list[Message]:
        """The messages that carry a posted video."""
        return [message for message in self.public() if _reply_to(message) is not None]

    async def card_of(self, job: Job) -> Message:
        async def posted() -> bool:
            return (await self.job(job.id)).card_message_id is not None

        await until(posted)
        message_id = (await self.job(job.id)).card_message_id
        assert message_id is not None
        return self.shown[message_id][-1]

    async def card_says(self, job: Job, words: str) -> Message:
        """Wait until the job's card shows these words."""

        async def said() -> bool:
            return any(words in line for line in lines_of(await self.card_of(job)))

        await until(said)
        return await self.card_of(job)

    def direct_messages(self, member: MemberActor | None = None) -> list[discord.Message]:
        channel_id = self.env.backend.dm_channels.get((member or self.member).id)
        return [] if channel_id is None else (member or self.member).user.dm_channel.history()

    def file_of(self, message: Message | discord.Message) -> bytes:
        attachments = message.attachments if isinstance(message, discord.Message) else message["attachments"]
        [attachment] = attachments
        url = attachment.url if isinstance(attachment, discord.Attachment) else attachment["url"]
        data = self.env.backend.cdn.get(url)
        assert data is not None
        return data

    def pinged(self, message: Message) -> tuple[set[int], set[int], bool]:
        """Users and roles that a message notifies, and whether it notifies everybody."""
        stored = self.env.backend.get_message(int(message["channel_id"]), int(message["id"]))
        return set(stored.ping_user_ids), set(stored.ping_role_ids), stored.mention_everyone

    def requests_to(self, method: str, ending: str) -> list[Any]:
        """Bodies of the bot's requests to Discord whose path ends so."""
        return [
            entry.json
            for entry in self.env.http_requests
            if entry.method == method and entry.path.endswith(ending)
        ]

    # --- what the books say -----------------------------------------------------------------------------

    async def job(self, job_id: str | None = None) -> Job:
        """The job with this id, or the only one there is."""
        if job_id is not None:
            return await self.stage.showreel.database.run(store.get, job_id)
        [job] = await self.stage.jobs()
        return job

    async def balance(self, member: MemberActor | None = None) -> int:
        account = ledger.member_account(self.guild.id, (member or self.member).id)
        return await self.stage.showreel.database.run(ledger.balance, account)

    async def spent(self) -> int:
        return await self.stage.showreel.database.run(ledger.balance, ledger.spent_account(self.guild.id))

    async def books_balance(self) -> bool:
        return await self.stage.showreel.database.run(audit) == []

    async def everything_ends(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.stage.settled()

    async def nothing_happened(self, *, balance: int | None = None) -> bool:
        """Nothing accepted, nothing spent, nothing public, nothing sent to RunComfy."""
        return (
            await self.stage.jobs() == []
            and self.public() == []
            and self.stage.runcomfy.submits == []
            and await self.spent() == 0
            and (balance is None or await self.balance() == balance)
            and await self.books_balance()
        )

    def _watch(self, event: str, payload: Message) -> None:
        if event in ("MESSAGE_CREATE", "MESSAGE_UPDATE") and not payload.get("flags", 0) & EPHEMERAL:
            self.shown.setdefault(int(payload["id"]), []).append(deepcopy(dict(payload)))


def components_of(message: Message) -> Iterator[dict[str, Any]]:
    """Every component of a message, however deeply nested."""
    for item in message.get("components") or ():
        yield item
        yield from components_of(item)


def answer_of(result: simcord.InteractionResult) -> Answer:
    text = result.response.content if result.response else ""
    return Answer(text, result.ephemeral, result.deferred)


@asynccontextmanager
async def closed_store(database: Database) -> AsyncIterator[None]:
    """While this block runs, the SQLite store takes no transaction: as on a disk gone read-only."""
    await _query_only(database, "ON")
    try:
        yield
    finally:
        await _query_only(database, "OFF")


async def _query_only(database: Database, switch: str) -> None:
    async with database._turn, database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(f"PRAGMA query_only = {switch}")


def _reply_to(message: Message) -> int | None:
    reference = message.get("message_reference")
    return int(reference["message_id"]) if reference else None
