"""The stage: the whole bot, as it is built for real, on a stand-in RunComfy and a simulated Discord.

Everything the bot does is real: its HTTP, its store, its files. Only the two services are stand-ins.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import simcord
from pydantic import SecretStr
from simcord.backend import cdn
from yarl import URL

from bot.app import Showreel, Tuning, build
from bot.catalog import Catalogue, MediaFacts, VideoModel
from bot.errors import RequestRefused
from bot.jobs import store
from bot.jobs.schedule import AdaptiveSchedule, Backoff
from bot.jobs.tracker import Rhythm
from bot.rehearsal.attachment_host import AttachmentHost
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from bot.settings import FixedSettings, Settings

TOKEN = "rehearsal"  # noqa: S105 - opens nothing but the stand-in
#: On stage a render takes a small part of its usual time.
HURRY = 0.06

_TUNING = Tuning(
    schedule=AdaptiveSchedule(share=0.1, shortest_s=0.3, longest_s=1.0),
    backoff=Backoff(first_s=0.2, longest_s=1.0),
    rhythm=Rhythm(look_s=0.2, lease_s=30.0, grace_s=2.0, stumble_s=1.0),
    card_pace_s=0.3,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands on it."""

    env: simcord.Env
    showreel: Showreel
    runcomfy: StandIn
    data_dir: Path

    async def settled(self) -> None:
        """Wait until every job has ended and its card says so. Bounded by the jobs' own time limit."""
        while await self._open_jobs():  # noqa: ASYNC110 - the store is asked, as an operator would
            await asyncio.sleep(0.1)

    def unexpected_errors(self) -> list[BaseException]:
        """What the bot's commands raised, other than refusals that a member was told about."""
        return [error for error in self.env.errors if not isinstance(error.__cause__, RequestRefused)]

    async def probe(self, path: Path) -> MediaFacts:
        """Look at a file the way the bot does."""
        return await self.showreel.media.probe(path)

    async def _open_jobs(self) -> int:
        return await self.showreel.database.run(store.count_unfinished)


@asynccontextmanager
async def open_stage(
    data_dir: Path,
    *,
    places: int = 3,
    starting_credits: int = 100,
    catalogue: Catalogue | None = None,
) -> AsyncIterator[Stage]:
    """Build the bot on its stand-ins, with its store in `data_dir`."""
    catalogue = catalogue or hurried(Catalogue.load(), HURRY)
    find: dict[str, simcord.Env] = {}

    def attachment(address: str) -> bytes | None:
        env = find.get("env")
        return env.backend.cdn.get(address) if env else None

    async with (
        AttachmentHost(attachment) as files,
        StandIn(
            schemas=catalogue_schemas(catalogue),
            token=TOKEN,
            slots=2,
            queue_s=(0.4, 0.9),
            render_s=(2.5, 5.0),
            video_scale=0.5,
        ) as runcomfy,
        build(
            _settings(data_dir, runcomfy, places, starting_credits), tuning=_TUNING, catalogue=catalogue
        ) as showreel,
    ):
        cdn.CDN_BASE = files.base
        await showreel.media.start()
        # Refusals are part of the story; `unexpected_errors` tells what is not.
        async with simcord.run(showreel.bot, check_errors=False) as env:
            find["env"] = env
            env.backend.bot_user.name = "Showreel"
            # Outside the bot's own callbacks: SimCord waits for everything that those start.
            tracking = asyncio.create_task(showreel.tracker.run(), name="tracker")
            try:
                yield Stage(env, showreel, runcomfy, data_dir)
            finally:
                await showreel.tracker.stop()
                await showreel.board.close()
                await tracking


def hurried(catalogue: Catalogue, share: float) -> Catalogue:
    """The same models, whose usual time is `share` of what it is."""
    return Catalogue({name: _hurried(model, share) for name, model in catalogue.items()})


def _hurried(model: VideoModel, share: float) -> VideoModel:
    return replace(model, pace=model.pace.scaled(share))


def _settings(data_dir: Path, runcomfy: StandIn, places: int, starting_credits: int) -> Settings:
    return FixedSettings(
        discord_token=SecretStr(TOKEN),
        discord_guild_ids="*",
        attachment_hosts="127.0.0.1",
        runcomfy_api_token=SecretStr(runcomfy.token),
        runcomfy_api_base=URL(runcomfy.api_base),
        runcomfy_output_hosts=runcomfy.output_host,
        database_url=SecretStr(f"sqlite+aiosqlite:///{data_dir / 'showreel.db'}"),
        data_dir=data_dir,
        starting_credits=starting_credits,
        max_active_requests=places,
    )
