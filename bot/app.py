"""The composition root: builds everything from the settings, and closes it in reverse order.

The rehearsal and the tests build the same bot here, with other tuning and another Discord.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import structlog

from bot import leading
from bot.catalog import Catalogue
from bot.clock import ForwardClock, Now
from bot.community.wallets import Wallets
from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.client import ShowreelBot, open_bot
from bot.discord_io.gallery import Gallery
from bot.discord_io.kept_videos import KeptVideos
from bot.discord_io.notices import NoticeBoard
from bot.discord_io.poster import DiscordPoster
from bot.discord_io.registration import Registrar
from bot.discord_io.services import Services
from bot.engines import is_sqlite, sqlite_path
from bot.heartbeat import Heartbeat
from bot.jobs import claims
from bot.jobs.cancelling import Canceller
from bot.jobs.housekeeping import Housekeeper
from bot.jobs.inspection import Inspector
from bot.jobs.keeping import Keeping
from bot.jobs.requests import RequestDesk
from bot.jobs.schedule import AdaptiveSchedule, Backoff, PollSchedule
from bot.jobs.tracker import Rhythm, Tracker
from bot.jobs.workshop import Bounds, Workshop
from bot.leading import Leadership
from bot.media import AllowedHosts, Downloader, MediaWorker
from bot.migrate import migrate
from bot.moderation.desk import ModeratorsDesk
from bot.only_process import only_process
from bot.roles import Role, Shards
from bot.runcomfy import open_client
from bot.settings import Settings
from bot.showreel import Showreel
from bot.store_clock import StoreClock
from bot.wakes import Listener

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is not a setting: the product's own values, which a rehearsal hurries along."""

    schedule: PollSchedule = field(default_factory=AdaptiveSchedule)
    backoff: Backoff = field(default_factory=Backoff)
    #: None: the product's own, with the lease of the settings.
    rhythm: Rhythm | None = None
    card_pace_s: float = 1.0
    #: None: the store's time where several processes share it, else the system's that never goes back.
    now: Now | None = None


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    tuning: Tuning | None = None,
    catalogue: Catalogue | None = None,
    role: Role = Role.ALL,
    shards: Shards | None = None,
) -> AsyncIterator[Showreel]:
    """Open the store (migrated), build every part, and close all of it at the end.

    Every role builds the same parts; which of them work is for `Showreel.run` to choose.

    Raises:
        StoreInUse: another process works on this store.
        StoreUnavailable: the store cannot be opened.
        CatalogInvalid: a model or price file cannot be used.
    """
    async with AsyncExitStack() as stack:
        ground = await _lay_ground(
            stack, settings, tuning=tuning or Tuning(), catalogue=catalogue, role=role, shards=shards
        )
        board, workshop = await _open_workshop(stack, ground)
        inspector = Inspector(workshop.attachments, await _open_media(stack))
        leadership = Leadership(ground.database, now=ground.now, lease_s=ground.rhythm.lease_s)
        tracker = Tracker(workshop, rhythm=ground.rhythm, leadership=leadership)
        ground.bot.services = _services(ground, workshop, tracker, inspector)
        yield _assemble(ground, board, workshop, tracker, leadership)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every part is built on."""

    settings: Settings
    tuning: Tuning
    role: Role
    database: Database
    clock: StoreClock | None
    now: Now
    rhythm: Rhythm
    catalogue: Catalogue
    bot: ShowreelBot
    keeping: Keeping


async def _lay_ground(
    stack: AsyncExitStack,
    settings: Settings,
    *,
    tuning: Tuning,
    catalogue: Catalogue | None,
    role: Role,
    shards: Shards | None,
) -> _Ground:
    database = await _open_database(stack, settings.database_url.get_secret_value())
    clock = None if database.is_sqlite or tuning.now else await StoreClock.of(database)
    now = tuning.now or clock or ForwardClock()
    if database.is_sqlite:
        await _take_over(database, now)
    return _Ground(
        settings=settings,
        tuning=tuning,
        role=role,
        database=database,
        clock=clock,
        now=now,
        rhythm=tuning.rhythm or Rhythm(lease_s=settings.lease_s),
        catalogue=catalogue or Catalogue.load(prices_file=settings.prices_file),
        bot=open_bot(
            guild_ids=settings.discord_guild_ids,
            registrar=Registrar(database) if role.has_gateway else None,
            shards=shards,
        ),
        keeping=Keeping(settings.keep_videos_days),
    )


async def _open_workshop(stack: AsyncExitStack, ground: _Ground) -> tuple[CardBoard, Workshop]:
    settings, tuning, bot, now = ground.settings, ground.tuning, ground.bot, ground.now
    database, catalogue, keeping = ground.database, ground.catalogue, ground.keeping
    pace_s = tuning.card_pace_s
    board = CardBoard(bot, catalogue, database, keeping=keeping, now=now, pace_s=pace_s, traffic=bot.traffic)
    return board, Workshop(
        database=database,
        catalogue=catalogue,
        runcomfy=await stack.enter_async_context(
            open_client(base=settings.runcomfy_api_base, token=settings.runcomfy_api_token)
        ),
        attachments=await _open_downloader(stack, settings.attachment_hosts),
        outputs=await _open_downloader(stack, settings.runcomfy_output_hosts),
        media=await _open_media(stack),
        poster=DiscordPoster(bot, catalogue, board, database, keeping=keeping, now=now),
        schedule=tuning.schedule,
        backoff=tuning.backoff,
        data_dir=settings.data_dir,
        bounds=Bounds(places=settings.max_active_requests, job_timeout_s=settings.job_timeout_s),
        now=now,
    )


def _services(ground: _Ground, workshop: Workshop, tracker: Tracker, inspector: Inspector) -> Services:
    database, catalogue, now = ground.database, ground.catalogue, ground.now
    starting_credits, data_dir = ground.settings.starting_credits, ground.settings.data_dir
    canceller = Canceller(database, wake=tracker.wake, now=now)
    return Services(
        database=database,
        catalogue=catalogue,
        desk=RequestDesk(
            database=database,
            catalogue=catalogue,
            inspector=inspector,
            data_dir=data_dir,
            starting_credits=starting_credits,
            now=now,
        ),
        canceller=canceller,
        moderators=ModeratorsDesk(database, canceller, tracker, workshop.poster, now),
        tracker=tracker,
        wallets=Wallets(database, starting_credits, now),
        kept_videos=KeptVideos(data_dir, workshop.poster, ground.keeping),
        gallery=Gallery(ground.bot, database, catalogue, workshop.attachments, data_dir / "gallery"),
        now=now,
    )


def _assemble(
    ground: _Ground, board: CardBoard, workshop: Workshop, tracker: Tracker, leadership: Leadership
) -> Showreel:
    bot, database, now, data_dir = ground.bot, ground.database, ground.now, ground.settings.data_dir
    has_tracker = ground.role.has_tracker
    return Showreel(
        bot=bot,
        tracker=tracker,
        board=board,
        database=database,
        catalogue=ground.catalogue,
        media=workshop.media,
        notices=NoticeBoard(
            bot,
            ground.catalogue,
            database,
            now=now,
            leadership=leadership,
            backoff=ground.tuning.backoff,
            look_s=ground.rhythm.look_s,
            pace_s=ground.tuning.card_pace_s,
        ),
        housekeeper=Housekeeper(bot.services.desk, database, data_dir, keeping=ground.keeping, now=now),
        heartbeat=Heartbeat(
            data_dir,
            database,
            role=str(ground.role),
            turns=(lambda: tracker.turns) if has_tracker else None,
        ),
        leadership=leadership,
        listener=None if database.is_sqlite else Listener(database.url, tracker.wake),
        clock=ground.clock,
        role=ground.role,
    )


async def _open_database(stack: AsyncExitStack, url: str) -> Database:
    """The store, brought up to date. SQLite is for this process alone."""
    if is_sqlite(url):
        stack.enter_context(only_process(sqlite_path(url)))
    await migrate(url)
    database = Database(url)
    stack.push_async_callback(database.close)
    return database


async def _take_over(database: Database, now: Now) -> None:
    """Nobody else works on the store: what a dead process held is free to be taken up at once."""
    await database.run(leading.drop_all)
    if found := await database.run(claims.take_over_all, at=now()):
        log.info("jobs found from before", jobs=found)


async def _open_media(stack: AsyncExitStack) -> MediaWorker:
    """Members' files and finished videos have a worker each: a file that hangs holds up no delivery."""
    media = MediaWorker()
    stack.push_async_callback(media.aclose)
    return media


async def _open_downloader(stack: AsyncExitStack, hosts: tuple[str, ...]) -> Downloader:
    downloader = Downloader(AllowedHosts.parse(hosts))
    stack.push_async_callback(downloader.aclose)
    return downloader
