"""The composition root: builds everything from the settings, runs it, and closes it in reverse order.

The rehearsal and the tests build the same bot here, with other tuning and another Discord.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from bot import leading
from bot.catalog import Catalogue
from bot.clock import ForwardClock, Now
from bot.community.wallets import Wallets
from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.client import ShowreelBot, open_bot
from bot.discord_io.connection import stay_connected
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
from bot.wakes import Listener

log = structlog.get_logger(__name__)

#: Closing the connection to Discord may take this long (seconds) of the ten that a stop has.
_GOODBYE_S = 1.5


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is not a setting: the product's own values, which a rehearsal hurries along."""

    schedule: PollSchedule = field(default_factory=AdaptiveSchedule)
    backoff: Backoff = field(default_factory=Backoff)
    #: None: the product's own, with the lease of the settings.
    rhythm: Rhythm | None = None
    card_pace_s: float = 1.0
    now: Now = field(default_factory=ForwardClock)


@dataclass(frozen=True, slots=True)
class Showreel:
    """The bot, built and not yet started."""

    bot: ShowreelBot
    tracker: Tracker
    board: CardBoard
    database: Database
    catalogue: Catalogue
    media: MediaWorker
    notices: NoticeBoard
    housekeeper: Housekeeper
    heartbeat: Heartbeat
    leadership: Leadership
    listener: Listener
    role: Role = Role.ALL

    async def run(self, token: str, stop: asyncio.Event) -> None:
        """Connect to Discord and work until `stop` is set; then end within ten seconds.

        Jobs at RunComfy are looked after from the start, whether Discord answers yet or not.

        Raises:
            TokenRefused: Discord does not accept the token, or does not any more.
        """
        stopped = asyncio.create_task(stop.wait(), name="stop")
        discord = stay_connected(self.bot, token, stop, gateway=self.role.has_gateway)
        working = [
            asyncio.create_task(discord, name="discord"),
            asyncio.create_task(self.heartbeat.run(), name="heartbeat"),
            asyncio.create_task(self.bot.traffic.token_refused(self.bot), name="token"),
        ]
        if self.role.has_tracker:
            working += [
                asyncio.create_task(self.tracker.run(), name="tracker"),
                asyncio.create_task(self.notices.run(), name="notices"),
                asyncio.create_task(self.housekeeper.run(self.leadership), name="housekeeping"),
            ]
            if not self.database.is_sqlite:  # there is nobody to hear
                working.append(asyncio.create_task(self.listener.run(), name="listener"))
        log.info("running", role=self.role)
        await asyncio.wait([stopped, *working], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        await self.stop()
        for task in working:
            task.cancel()
        ended = await asyncio.gather(*working, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome

    async def stop(self) -> None:
        """Let go of every job, show what can be shown, say goodbye to Discord."""
        await asyncio.gather(self.tracker.stop(), self.notices.stop())
        await self.board.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GOODBYE_S):
                await self.bot.close()
        log.info("stopped")


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
    tuning = tuning or Tuning()
    catalogue = catalogue or Catalogue.load(prices_file=settings.prices_file)
    async with AsyncExitStack() as stack:
        database = await _open_database(stack, settings.database_url.get_secret_value(), tuning.now)
        bot = open_bot(
            guild_ids=settings.discord_guild_ids,
            registrar=Registrar(database) if role.has_gateway else None,
            shards=shards,
        )
        keeping = Keeping(settings.keep_videos_days)
        board = CardBoard(
            bot,
            catalogue,
            database,
            keeping=keeping,
            now=tuning.now,
            pace_s=tuning.card_pace_s,
            traffic=bot.traffic,
        )
        attachments = await _open_downloader(stack, settings.attachment_hosts)
        media = MediaWorker()
        stack.push_async_callback(media.aclose)
        workshop = Workshop(
            database=database,
            catalogue=catalogue,
            runcomfy=await stack.enter_async_context(
                open_client(base=settings.runcomfy_api_base, token=settings.runcomfy_api_token)
            ),
            attachments=attachments,
            outputs=await _open_downloader(stack, settings.runcomfy_output_hosts),
            media=media,
            poster=DiscordPoster(bot, catalogue, board, database, keeping=keeping, now=tuning.now),
            schedule=tuning.schedule,
            backoff=tuning.backoff,
            data_dir=settings.data_dir,
            bounds=Bounds(places=settings.max_active_requests, job_timeout_s=settings.job_timeout_s),
            now=tuning.now,
        )
        rhythm = tuning.rhythm or Rhythm(lease_s=settings.lease_s)
        leadership = Leadership(database, now=tuning.now, lease_s=rhythm.lease_s)
        tracker = Tracker(workshop, rhythm=rhythm, leadership=leadership)
        bot.services = _services(bot, workshop, tracker, settings.starting_credits, keeping)
        housekeeper = Housekeeper(
            bot.services.desk,
            database,
            settings.data_dir,
            keeping=keeping,
            now=tuning.now,
        )
        notices = NoticeBoard(
            bot,
            catalogue,
            database,
            now=tuning.now,
            leadership=leadership,
            backoff=tuning.backoff,
            look_s=rhythm.look_s,
            pace_s=tuning.card_pace_s,
        )
        heartbeat = Heartbeat(
            settings.data_dir,
            database,
            role=str(role),
            turns=(lambda: tracker.turns) if role.has_tracker else None,
        )
        listener = Listener(database.url, tracker.wake)
        yield Showreel(
            bot=bot,
            tracker=tracker,
            board=board,
            database=database,
            catalogue=catalogue,
            media=media,
            notices=notices,
            housekeeper=housekeeper,
            heartbeat=heartbeat,
            leadership=leadership,
            listener=listener,
            role=role,
        )


def _services(
    bot: ShowreelBot, workshop: Workshop, tracker: Tracker, starting_credits: int, keeping: Keeping
) -> Services:
    canceller = Canceller(workshop.database, wake=tracker.wake, now=workshop.now)
    return Services(
        database=workshop.database,
        catalogue=workshop.catalogue,
        desk=RequestDesk(
            database=workshop.database,
            catalogue=workshop.catalogue,
            inspector=Inspector(workshop.attachments, workshop.media),
            data_dir=workshop.data_dir,
            starting_credits=starting_credits,
            now=workshop.now,
        ),
        canceller=canceller,
        moderators=ModeratorsDesk(workshop.database, canceller, tracker, workshop.poster, workshop.now),
        tracker=tracker,
        wallets=Wallets(workshop.database, starting_credits, workshop.now),
        kept_videos=KeptVideos(workshop.data_dir, workshop.poster, keeping),
        gallery=Gallery(
            bot, workshop.database, workshop.catalogue, workshop.attachments, workshop.data_dir / "gallery"
        ),
        now=workshop.now,
    )


async def _open_database(stack: AsyncExitStack, url: str, now: Now) -> Database:
    """The store, brought up to date. SQLite is for this process alone."""
    if is_sqlite(url):
        stack.enter_context(only_process(sqlite_path(url)))
    await migrate(url)
    database = Database(url)
    stack.push_async_callback(database.close)
    if database.is_sqlite:
        # Nobody else works on it: what a dead process held is free to be taken up at once.
        await database.run(leading.drop_all)
        if found := await database.run(claims.take_over_all, at=now()):
            log.info("jobs found from before", jobs=found)
    return database


async def _open_downloader(stack: AsyncExitStack, hosts: tuple[str, ...]) -> Downloader:
    downloader = Downloader(AllowedHosts.parse(hosts))
    stack.push_async_callback(downloader.aclose)
    return downloader
