"""The stage: the whole bot, as it is built for real, on a stand-in RunComfy and a simulated Discord.

Everything the bot does is real: its HTTP, its store, its files. Only the two services are stand-ins.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import simcord
from pydantic import SecretStr
from simcord.backend import cdn
from yarl import URL

from bot.app import Tuning, build
from bot.catalog import Catalogue, MediaFacts, VideoModel
from bot.errors import RequestRefused
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.schedule import AdaptiveSchedule, Backoff
from bot.jobs.states import JobState
from bot.jobs.tracker import Rhythm
from bot.rehearsal.attachment_host import AttachmentHost
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from bot.settings import FixedSettings, Settings
from bot.showreel import Showreel

TOKEN = "rehearsal"  # noqa: S105 - opens nothing but the stand-in
#: On stage a render takes a small part of its usual time.
HURRY = 0.06


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast things go on stage, in seconds; a pair is a range to draw from.

    Attributes:
        queue_s: how long a request waits at RunComfy at least.
        render_s: how long a render takes.
        look_s: the tracker's own rhythm, and its shortest pause between two questions.
        card_pace_s: the pause between two edits in one channel.
    """

    queue_s: float | tuple[float, float] = (0.4, 0.9)
    render_s: float | tuple[float, float] = (2.5, 5.0)
    look_s: float = 0.3
    card_pace_s: float = 0.3

    def tuning(self) -> Tuning:
        """The bot's own times, hurried along to match."""
        return Tuning(
            schedule=AdaptiveSchedule(share=0.1, shortest_s=self.look_s, longest_s=1.0),
            backoff=Backoff(first_s=0.2, longest_s=1.0),
            rhythm=Rhythm(look_s=self.look_s, lease_s=30.0, grace_s=2.0, stumble_s=1.0),
            card_pace_s=self.card_pace_s,
        )


#: Builds the bot, and takes it down at the end of the block.
Build = Callable[[Settings, Catalogue], AbstractAsyncContextManager[Showreel]]


class Stage:
    """What stands on it.

    Attributes:
        settings, catalogue: what the bot was built with.
    """

    def __init__(
        self, env: simcord.Env, runcomfy: StandIn, files: AttachmentHost, data_dir: Path, build_it: Build
    ) -> None:
        """`build_it` builds the bot again after a stop."""
        self.env = env
        self.runcomfy = runcomfy
        self.files = files
        self.data_dir = data_dir
        self.showreel: Showreel
        self.settings: Settings
        self.catalogue: Catalogue
        self._build_it = build_it
        self._at_work = AsyncExitStack()

    async def begin(
        self, showreel: Showreel, settings: Settings, catalogue: Catalogue, built: AsyncExitStack
    ) -> None:
        """Let the bot get to work; `built` takes it down again."""
        self.showreel, self.settings, self.catalogue = showreel, settings, catalogue
        self._at_work = built
        # Outside the bot's own callbacks: SimCord waits for everything that those start.
        await built.enter_async_context(_tracking(showreel))

    async def end(self) -> None:
        """Stop the bot the way the operator does, and close everything it opened."""
        await self._at_work.aclose()

    async def restart(self, *, settings: Settings | None = None, catalogue: Catalogue | None = None) -> None:
        """Stop the bot and start it anew on the same store, in the same Discord."""
        settings, catalogue = settings or self.settings, catalogue or self.catalogue
        await self.end()
        async with AsyncExitStack() as built:
            showreel = await built.enter_async_context(self._build_it(settings, catalogue))
            await self.env.restart_bot(showreel.bot)
            await self.begin(showreel, settings, catalogue, built.pop_all())

    async def settled(self) -> None:
        """Wait until every job has ended and its card says so. Bounded by the jobs' own time limit."""
        while await self.showreel.database.run(store.count_unfinished):  # noqa: ASYNC110 - asked as an operator would
            await asyncio.sleep(0.05)

    async def jobs(self) -> list[Job]:
        """Every job there ever was, oldest first."""
        return await self.showreel.database.run(store.in_states, JobState)

    def unexpected_errors(self) -> list[BaseException]:
        """What the bot's commands raised, other than refusals that a member was told about."""
        return [error for error in self.env.errors if not isinstance(error.__cause__, RequestRefused)]

    async def probe(self, path: Path) -> MediaFacts:
        """Look at a file the way the bot does."""
        return await self.showreel.media.probe(path)


@asynccontextmanager
async def open_stage(
    data_dir: Path,
    *,
    places: int = 3,
    slots: int = 2,
    starting_credits: int = 100,
    guild_ids: str = "*",
    catalogue: Catalogue | None = None,
    pace: Pace | None = None,
    video_scale: float = 0.5,
) -> AsyncIterator[Stage]:
    """Build the bot on its stand-ins, with its store in `data_dir`.

    `slots`: renders that RunComfy runs at once. `guild_ids`: the servers to serve, as in the settings.
    """
    catalogue = catalogue or hurried(Catalogue.load(), HURRY)
    pace = pace or Pace()
    find: dict[str, simcord.Env] = {}

    def attachment(address: str) -> bytes | None:
        env = find.get("env")
        return env.backend.cdn.get(address) if env else None

    async with (
        AttachmentHost(attachment) as files,
        StandIn(
            schemas=catalogue_schemas(catalogue),
            token=TOKEN,
            slots=slots,
            queue_s=pace.queue_s,
            render_s=pace.render_s,
            video_scale=video_scale,
        ) as runcomfy,
        AsyncExitStack() as built,
    ):
        cdn.CDN_BASE = files.base
        settings = _settings(data_dir, runcomfy, places, starting_credits, guild_ids)
        build_it = partial(_built, tuning=pace.tuning())
        showreel = await built.enter_async_context(build_it(settings, catalogue))
        # Refusals are part of the story; `unexpected_errors` tells what is not.
        async with simcord.run(showreel.bot, check_errors=False) as env:
            find["env"] = env
            # SimCord's clock stands in the past; the bot looks for its messages by the time of day.
            await env.advance_time((datetime.now(UTC) - env.now()).total_seconds())
            stage = Stage(env, runcomfy, files, data_dir, build_it)
            await stage.begin(showreel, settings, catalogue, built.pop_all())
            try:
                yield stage
            finally:
                await stage.end()


@asynccontextmanager
async def _built(settings: Settings, catalogue: Catalogue, *, tuning: Tuning) -> AsyncIterator[Showreel]:
    async with build(settings, tuning=tuning, catalogue=catalogue) as showreel:
        await showreel.media.start()
        yield showreel


@asynccontextmanager
async def _tracking(showreel: Showreel) -> AsyncIterator[None]:
    working = [
        asyncio.create_task(showreel.tracker.run(), name="tracker"),
        asyncio.create_task(showreel.notices.run(), name="notices"),
    ]
    try:
        yield
    finally:
        await asyncio.gather(showreel.tracker.stop(), showreel.notices.stop())
        await showreel.board.close()
        await asyncio.gather(*working)


def hurried(catalogue: Catalogue, share: float) -> Catalogue:
    """The same models, whose usual time is `share` of what it is."""
    return Catalogue({name: _hurried(model, share) for name, model in catalogue.items()})


def _hurried(model: VideoModel, share: float) -> VideoModel:
    return replace(model, pace=model.pace.scaled(share))


def _settings(
    data_dir: Path, runcomfy: StandIn, places: int, starting_credits: int, guild_ids: str
) -> Settings:
    return FixedSettings(
        discord_token=SecretStr(TOKEN),
        discord_guild_ids=guild_ids,
        attachment_hosts="127.0.0.1",
        runcomfy_api_token=SecretStr(runcomfy.token),
        runcomfy_api_base=URL(runcomfy.api_base),
        runcomfy_output_hosts=runcomfy.output_host,
        database_url=SecretStr(f"sqlite+aiosqlite:///{data_dir / 'showreel.db'}"),
        data_dir=data_dir,
        starting_credits=starting_credits,
        max_active_requests=places,
    )
