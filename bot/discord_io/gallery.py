"""The gallery: a video that enough members have starred is shown once more, in a channel of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from weakref import WeakValueDictionary

import discord
import structlog

from bot.catalog import Catalogue
from bot.community import stars
from bot.community.stars import BEING_SHOWN
from bot.database import Database
from bot.discord_io.gallery_view import gallery_view, may_be_shown
from bot.discord_io.messages import upload_limit, video_link, video_name
from bot.discord_io.refusals import discord_refusals
from bot.errors import (
    ChannelUnavailable,
    DeliveryError,
    DiscordUnavailable,
    MediaError,
    StoreUnavailable,
    UploadTooLarge,
)
from bot.jobs import store
from bot.jobs.job import Job
from bot.media import Downloader
from bot.servers import store as servers
from bot.servers.settings import ServerSettings

log = structlog.get_logger(__name__)

STAR = "⭐"
#: More stars than any server can ask for are not counted.
_MOST_STARS = 1100
#: How far back (messages) a gallery is searched for a video that may have been shown before a crash.
_SEARCH_LIMIT = 200


class Gallery:
    """Counts stars and shows videos."""

    def __init__(
        self,
        bot: discord.Client,
        database: Database,
        catalogue: Catalogue,
        attachments: Downloader,
        folder: Path,
    ) -> None:
        """`attachments` fetches posted videos from Discord, into `folder` for as long as it takes."""
        self._bot = bot
        self._database = database
        self._catalogue = catalogue
        self._attachments = attachments
        self._folder = folder
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._caught_up: set[str] = set()

    async def starred(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody reacted to a message."""
        if event.member is not None and event.member.bot:
            return
        async with self._about(event.guild_id, event.message_id, event.emoji) as job:
            if job is None:
                return
            if event.user_id != job.user_id:
                await self._database.run(stars.add, job.id, [event.user_id])
            await self._catch_up(job)
            await self._consider(job)

    async def unstarred(self, event: discord.RawReactionActionEvent) -> None:
        """Somebody took a reaction back."""
        async with self._about(event.guild_id, event.message_id, event.emoji) as job:
            if job is not None:
                await self._database.run(stars.take_back, job.id, event.user_id)

    async def cleared(
        self, event: discord.RawReactionClearEvent | discord.RawReactionClearEmojiEvent
    ) -> None:
        """A moderator took everybody's reactions away, or everybody's of one kind."""
        emoji = event.emoji if isinstance(event, discord.RawReactionClearEmojiEvent) else STAR
        async with self._about(event.guild_id, event.message_id, emoji) as job:
            if job is not None:
                await self._database.run(stars.replace, job.id, frozenset())

    async def resume(self) -> None:
        """Bring to an end what a crash interrupted; what cannot be now, with the next star or start."""
        try:
            for job in await self._database.run(stars.unfinished):
                if self._bot.get_guild(job.guild_id) is None:
                    continue  # another process's shard
                async with self._turn(job.id):
                    await self._consider(job)
        except (DeliveryError, StoreUnavailable) as error:
            log.warning("gallery not brought up to date", reason=error.reason)

    # --- the way of a star ------------------------------------------------------------------------

    @asynccontextmanager
    async def _about(
        self, guild_id: int | None, message_id: int, emoji: discord.PartialEmoji | str
    ) -> AsyncIterator[Job | None]:
        """The job whose video was starred, in turn; None where it was something else."""
        if guild_id is None or str(emoji) != STAR:
            yield None
            return
        try:
            job = await self._database.run(stars.video_at, guild_id, message_id)
            if job is None:
                yield None
                return
            async with self._turn(job.id):
                yield job
        except (DeliveryError, StoreUnavailable) as error:
            log.warning("star not counted yet", message=message_id, reason=error.reason)

    def _turn(self, job_id: str) -> asyncio.Lock:
        """Stars that come at once are counted one after the other."""
        return self._turns.setdefault(job_id, asyncio.Lock())

    async def _catch_up(self, job: Job) -> None:
        """Count anew what Discord knows, once a process: stars given meanwhile were told to nobody."""
        if job.id in self._caught_up:
            return
        message = await self._original(job)
        reaction = next((item for item in message.reactions if str(item.emoji) == STAR), None)
        members: set[int] = set()
        if reaction is not None:
            with discord_refusals():
                async for user in reaction.users(limit=_MOST_STARS):
                    if not user.bot and user.id != job.user_id:
                        members.add(user.id)
        await self._database.run(stars.replace, job.id, members)
        self._caught_up.add(job.id)

    async def _consider(self, job: Job) -> None:
        """Show the video if it is time. What somebody had begun to show is looked for first."""
        settings = await self._database.run(servers.load, job.guild_id)
        job = await self._database.run(store.get, job.id)
        if settings.gallery_channel is None or job.gallery_message_id or job.taken_down_at is not None:
            return
        begun = job.gallery_message_id == BEING_SHOWN
        if not begun:
            enough = await self._database.run(stars.count, job.id) >= settings.gallery_stars
            if not enough or not await self._may_be_shown(job, settings.gallery_channel):
                return
            if not await self._database.run(stars.claim, job.id):
                return
        await self._show(job, settings, settings.gallery_channel, begun=begun)

    async def _show(self, job: Job, settings: ServerSettings, channel_id: int, *, begun: bool) -> None:
        gallery = self._bot.get_partial_messageable(channel_id, guild_id=job.guild_id)
        try:
            message_id = await self._find(job, gallery) if begun else None
            if message_id is None:
                message_id = await self._post(job, settings.language or job.locale, gallery)
        except ChannelUnavailable as error:
            # Certainly not shown. After any other refusal nobody knows: then it is looked for first.
            await self._database.run(stars.let_go, job.id)
            log.warning("not shown in the gallery", job=job.id, reason=error.reason)
            return
        job = await self._database.run(stars.shown, job.id, message_id)
        log.info("shown in the gallery", job=job.id, message=message_id)
        if job.taken_down_at is not None:
            # Taken down at this very moment, by somebody who could not know of the copy.
            with discord_refusals():
                await gallery.get_partial_message(message_id).delete()

    # --- Discord ----------------------------------------------------------------------------------

    async def _may_be_shown(self, job: Job, gallery_id: int) -> bool:
        original, gallery = await self._channel(job.channel_id), await self._channel(gallery_id)
        return may_be_shown(original, gallery)

    async def _channel(self, channel_id: int) -> object:
        known = self._bot.get_channel(channel_id)
        if known is not None:
            return known
        with discord_refusals():
            return await self._bot.fetch_channel(channel_id)

    async def _original(self, job: Job) -> discord.Message:
        channel = self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
        with discord_refusals():
            return await channel.fetch_message(job.result_message_id or 0)

    async def _find(self, job: Job, gallery: discord.PartialMessageable) -> int | None:
        """The bot's own message that links to the video."""
        wanted, own = video_link(job), self._bot.user
        with discord_refusals():
            async for message in gallery.history(limit=_SEARCH_LIMIT):
                is_own = own is not None and message.author.id == own.id
                if is_own and wanted in _links(message.components):
                    return message.id
        return None

    async def _post(self, job: Job, locale: str, gallery: discord.PartialMessageable) -> int:
        original = await self._original(job)
        try:
            video = await self._fetch(job, original)
            try:
                return await self._send(job, locale, gallery, video)
            except UploadTooLarge:
                return await self._send(job, locale, gallery, None)
        finally:
            await asyncio.to_thread(self._path(job).unlink, missing_ok=True)

    async def _send(
        self, job: Job, locale: str, gallery: discord.PartialMessageable, video: Path | None
    ) -> int:
        """With the video itself, or with the link alone."""
        name = None if video is None else f"gallery-{video_name(job)}"
        files = [] if video is None else [discord.File(video, filename=name)]
        view = gallery_view(job, self._catalogue.get(job.model), locale, name)
        with discord_refusals():
            message = await gallery.send(
                view=view, files=files, nonce=f"g{job.id}", allowed_mentions=discord.AllowedMentions.none()
            )
        return message.id

    async def _fetch(self, job: Job, original: discord.Message) -> Path | None:
        """The posted video on disk; None where it cannot be had, or is larger than the server takes."""
        attachment = next((item for item in original.attachments if item.filename == video_name(job)), None)
        if attachment is None:
            return None
        path = self._path(job)
        await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        try:
            limit = await upload_limit(self._bot, job.guild_id)
            await self._attachments.fetch(attachment.url, path, max_bytes=limit)
        except (MediaError, DiscordUnavailable) as error:
            log.info("shown in the gallery as a link", job=job.id, reason=error.reason)
            return None
        return path

    def _path(self, job: Job) -> Path:
        return self._folder / f"{job.id}.mp4"


def _links(components: Iterable[object]) -> set[str]:
    """Every address that a message's buttons lead to."""
    found: set[str] = set()
    for component in components:
        url = getattr(component, "url", None)
        if isinstance(url, str):
            found.add(url)
        found |= _links(getattr(component, "children", ()))
    return found
