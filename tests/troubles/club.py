"""A film club on a loopback Discord, with the whole bot in this process: the real one, only hurried.

Renders take their time on a clock that the test turns: trouble comes while a video is being made.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr
from structlog.testing import capture_logs
from structlog.typing import EventDict
from yarl import URL

from bot.app import build
from bot.catalog import Catalogue
from bot.credits import ledger
from bot.credits.audit import audit
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from bot.rehearsal.stage import HURRY, Pace, hurried
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from bot.settings import FixedSettings, Settings
from bot.showreel import Showreel
from tests.loopback_discord import Channel, Guild, Interaction, LoopbackDiscord, Member, StoredMessage
from tests.support.clock import Seconds
from tests.support.waiting import until

RENDER_S = 60.0
#: What a request of `Club.ask` costs, and what a member has at first (credits).
PRICE, OPENING = 8, 100
_PACE = Pace(look_s=0.05, card_pace_s=0.02)


@dataclass
class Club:
    """One server, one channel, one member; RunComfy's clock in hand, and the books to look at."""

    discord: LoopbackDiscord
    runcomfy: StandIn
    rendering: Seconds
    folder: Path
    guild: Guild
    channel: Channel
    member: Member
    told: list[EventDict]
    showreel: Showreel = field(init=False)
    running: asyncio.Task[None] = field(init=False)
    catalogue: Catalogue = field(default_factory=lambda: hurried(Catalogue.load(), HURRY))

    # --- the bot --------------------------------------------------------------------------------------

    @asynccontextmanager
    async def open(self, *, connected: bool = True) -> AsyncIterator[None]:
        """The bot at work, until the end of the block; then it is stopped as the operator does."""
        stop = asyncio.Event()
        async with build(self._settings(), tuning=_PACE.tuning(), catalogue=self.catalogue) as self.showreel:
            generous = ServerSettings(tiers=(Tier(jobs_at_once=1000),))
            await self.showreel.database.run(servers.save, self.guild.id, generous, at=1)
            self.running = asyncio.create_task(self.showreel.run(self.discord.token, stop))
            try:
                if connected:
                    await self.discord.wait_until_ready()
                yield
            finally:
                stop.set()
                await asyncio.gather(self.running, return_exceptions=True)

    # --- what people do -------------------------------------------------------------------------------

    async def ask(self, prompt: str = "Gulls over the bay", *, channel: Channel | None = None) -> Interaction:
        """Ask for a video, and wait for the answer that it is on its way."""
        asked = await self.send(prompt, channel=channel)
        assert "set aside" in (await asked.response(10)).text
        return asked

    async def send(
        self, prompt: str = "Gulls over the bay", *, channel: Channel | None = None
    ) -> Interaction:
        """Send the command in, whatever becomes of it."""
        return await self.discord.slash(
            self.member,
            channel or self.channel,
            "seedance-2-pro",
            prompt=prompt,
            duration=4,
            resolution="480p",
            sound=False,
        )

    async def a_render(self, prompt: str = "Gulls over the bay") -> Job:
        """A job that RunComfy renders, and whose card says so."""
        known = {job.id for job in await self.jobs()}
        await self.ask(prompt)
        [job] = [job for job in await self.jobs() if job.id not in known]
        return await self.reaches(job, JobState.IN_PROGRESS)

    def renders_finish(self) -> None:
        self.rendering.advance(2 * RENDER_S)

    # --- what people see ------------------------------------------------------------------------------

    def videos(self, channel: Channel | None = None) -> list[StoredMessage]:
        """The messages that carry a video."""
        return [
            message
            for message in (channel or self.channel).messages
            if any(item.filename.endswith(".mp4") for item in message.attachments)
        ]

    def cards(self) -> list[StoredMessage]:
        found = self.videos()
        return [message for message in self.channel.messages if message not in found]

    def direct(self) -> list[StoredMessage]:
        """What the bot has sent to the member."""
        return self.discord.dm(self.member).messages

    async def sees(self, condition: Callable[[], object]) -> None:
        """Wait until people see it."""
        await self.discord.wait_for(condition, timeout=20)

    async def logs(self, event: str) -> None:
        """Wait until the bot has logged it."""
        await until(lambda: any(entry["event"] == event for entry in self.told), what=event)

    # --- what the books say ---------------------------------------------------------------------------

    async def jobs(self) -> list[Job]:
        found = await self.showreel.database.run(store.in_states, JobState)
        return sorted(found, key=lambda job: job.created_at)

    async def job(self) -> Job:
        [job] = await self.jobs()
        return job

    async def reaches(self, job: Job, state: JobState) -> Job:
        async def there() -> bool:
            return (await self.showreel.database.run(store.get, job.id)).state is state

        await until(there, what=str(state))
        return await self.showreel.database.run(store.get, job.id)

    async def closes(self, job: Job) -> Job:
        """Wait until everything about the job's end is told."""

        async def closed() -> bool:
            return (await self.showreel.database.run(store.get, job.id)).card_closed_at is not None

        await until(closed, what="the end to be told")
        return await self.showreel.database.run(store.get, job.id)

    async def balance(self) -> int:
        account = ledger.member_account(self.guild.id, self.member.id)
        return await self.showreel.database.run(ledger.balance, account)

    async def books_balance(self) -> bool:
        return await self.showreel.database.run(audit) == []

    async def free(self) -> bool:
        """Whether the member has paid nothing, and the books balance."""
        return await self.balance() == OPENING and await self.books_balance()

    def errors(self) -> list[EventDict]:
        """What the bot has logged as an error, by itself or through discord.py."""
        return [entry for entry in self.told if entry["log_level"] in ("error", "critical")]

    def _settings(self) -> Settings:
        return FixedSettings(
            discord_token=SecretStr(self.discord.token),
            discord_guild_ids="*",
            attachment_hosts=self.discord.cdn_host,
            runcomfy_api_token=SecretStr(self.runcomfy.token),
            runcomfy_api_base=URL(self.runcomfy.api_base),
            runcomfy_output_hosts=self.runcomfy.output_host,
            database_url=SecretStr(f"sqlite+aiosqlite:///{self.folder / 'showreel.db'}"),
            data_dir=self.folder,
            starting_credits=OPENING,
            max_active_requests=8,
        )


class _IntoList(logging.Handler):
    """What libraries log, beside what the bot logs itself."""

    def __init__(self, told: list[EventDict]) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        entry = {"event": record.getMessage(), "log_level": record.levelname.lower(), "logger": record.name}
        self._told.append(entry | ({"exc_info": record.exc_info} if record.exc_info else {}))


@asynccontextmanager
async def open_club(discord: LoopbackDiscord, folder: Path) -> AsyncIterator[Club]:
    """The club without the bot; `Club.open` brings it in."""
    guild = discord.create_guild("Film club")
    rendering = Seconds()
    library = logging.getLogger("discord")
    async with StandIn(
        schemas=catalogue_schemas(Catalogue.load()),
        clock=rendering,
        slots=8,
        queue_s=0.0,
        render_s=RENDER_S,
        video_scale=0.05,
    ) as runcomfy:
        with capture_logs() as told:
            handler = _IntoList(told)
            library.addHandler(handler)
            try:
                yield Club(
                    discord,
                    runcomfy,
                    rendering,
                    folder,
                    guild,
                    guild.create_channel("studio"),
                    guild.add_member("ines"),
                    told,
                )
            finally:
                library.removeHandler(handler)
        assert runcomfy.leaks == []
