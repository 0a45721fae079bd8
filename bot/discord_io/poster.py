"""Posting a job's messages, and finding them again after a crash."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path

import discord
import structlog

from bot.catalog import Catalogue
from bot.clock import Now
from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.cards import CardFacts, card, kept_line
from bot.discord_io.messages import upload_limit, video_name
from bot.discord_io.operator import tell_operator
from bot.discord_io.phrases import escape, shorten
from bot.discord_io.questions import question
from bot.discord_io.refusals import discord_refusals
from bot.discord_io.result_buttons import result_buttons
from bot.errors import ChannelUnavailable, UploadTooLarge
from bot.jobs.circuit import Notice
from bot.jobs.job import Job, with_attached
from bot.jobs.keeping import Keeping
from bot.jobs.poster import PostedCard, Progress, Sure, always_sure
from bot.locale import Words
from bot.servers import store as servers

log = structlog.get_logger(__name__)

_MAX_FILES = 10
_CAPTION_PROMPT = 300
_FIRST_CLAIM = 1
_NOBODY = discord.AllowedMentions.none()
_UNKNOWN_MESSAGE = 10008


class DiscordPoster:
    """Fulfils `bot.jobs.poster.Poster` with the bot's own token: no interaction is needed any more."""

    def __init__(
        self,
        bot: discord.Client,
        catalogue: Catalogue,
        board: CardBoard,
        database: Database,
        *,
        keeping: Keeping,
        now: Now,
    ) -> None:
        """`board` keeps the cards up to date once they are posted; `database` knows servers' settings."""
        self._bot = bot
        self._keeping = keeping
        self._database = database
        self._catalogue = catalogue
        self._board = board
        self._now = now
        #: Jobs whose card may have been posted: Discord did not answer.
        self._unanswered: set[str] = set()
        board.when_lost(self._tell_of_end)

    async def post_card(
        self, job: Job, inputs: Mapping[str, Path], *, sure: Sure = always_sure
    ) -> PostedCard:
        """See `Poster.post_card`. A job claimed before may have a card already: it is looked for first.

        So may one whose post nobody answered: Discord can be away for longer than the nonce helps.
        """
        doubtful = job.fence > _FIRST_CLAIM or job.id in self._unanswered
        if doubtful and (found := await self._find_card(job)):
            self._unanswered.discard(job.id)
            carried = {attachment.filename for attachment in found.attachments}
            options = frozenset(item.option for item in job.inputs if item.filename in carried)
            return PostedCard(found.id, options)
        limit = await upload_limit(self._bot, job.guild_id)
        fitting = dict(list(_fitting(inputs, limit).items())[:_MAX_FILES])
        attached = frozenset(fitting)
        facts = CardFacts(
            with_attached(job, attached), self._catalogue.entry(job.model), Progress(), self._now()
        )
        view = card(facts, Words(job.locale))
        names = {item.option: item.filename for item in job.inputs}
        files = [discord.File(path, filename=names[option]) for option, path in fitting.items()]
        await sure()
        self._unanswered.add(job.id)
        try:
            with discord_refusals(self._bot):
                message = await self._channel(job).send(
                    view=view, files=files, nonce=f"c{job.id}", allowed_mentions=_NOBODY
                )
        except (ChannelUnavailable, UploadTooLarge):
            self._unanswered.discard(job.id)
            raise
        self._unanswered.discard(job.id)
        self._board.remember(job, view)
        return PostedCard(message.id, attached)

    async def post_question(self, job: Job) -> int:
        """See `Poster.post_question`. A crash right after it may ask twice; the answer counts once."""
        settings = await self._database.run(servers.load, job.guild_id)
        if settings.moderators_channel is None:
            raise ChannelUnavailable("no-moderators-channel")
        channel = self._bot.get_partial_messageable(settings.moderators_channel, guild_id=job.guild_id)
        words = Words(job.locale)
        view = question(job, self._catalogue.entry(job.model), await self.input_links(job), words)
        with discord_refusals(self._bot):
            message = await channel.send(view=view, nonce=f"q{job.id}", allowed_mentions=_NOBODY)
        return message.id

    async def delete_video(self, job: Job) -> None:
        """See `Poster.delete_video`. The gallery's copy goes too, wherever the gallery is now."""
        if job.result_message_id is not None:
            await self._delete(self._channel(job), job.result_message_id)
        if job.gallery_message_id:
            settings = await self._database.run(servers.load, job.guild_id)
            gallery = settings.gallery_channel
            if gallery is not None:
                channel = self._bot.get_partial_messageable(gallery, guild_id=job.guild_id)
                await self._delete(channel, job.gallery_message_id)

    async def _delete(self, channel: discord.PartialMessageable, message_id: int) -> None:
        with discord_refusals(self._bot):
            try:
                await channel.get_partial_message(message_id).delete()
            except discord.NotFound:
                log.info("the message was gone already", message=message_id)

    def show(self, job: Job, progress: Progress) -> None:
        """See `Poster.show`."""
        self._board.show(job, progress)

    async def input_links(self, job: Job) -> Mapping[str, str]:
        """See `Poster.input_links`. Fetching the message renews the links; without a card there are none.

        It is fetched for a job without inputs, too: a channel that is gone shows before anything is spent.
        """
        attached = {item.filename: item.option for item in job.inputs if item.attached}
        if job.card_message_id is None:
            return {}
        try:
            with discord_refusals(self._bot):
                message = await self._channel(job).fetch_message(job.card_message_id)
        except ChannelUnavailable as error:
            if isinstance(error.__cause__, discord.NotFound) and error.__cause__.code == _UNKNOWN_MESSAGE:
                return {}
            raise
        return {
            attached[item.filename]: item.url for item in message.attachments if item.filename in attached
        }

    async def find_video(self, job: Job) -> int | None:
        """See `Poster.find_video`."""
        name = video_name(job)
        async for message in self._own_messages(job):
            if any(attachment.filename == name for attachment in message.attachments):
                return message.id
        return None

    async def post_video(self, job: Job, video: Path, *, sure: Sure = always_sure) -> int:
        """See `Poster.post_video`. The requester is mentioned, and nobody else."""
        size = (await asyncio.to_thread(video.stat)).st_size
        if size > await upload_limit(self._bot, job.guild_id):
            raise UploadTooLarge(f"{size} bytes")
        requester = discord.Object(job.user_id)
        await sure()
        with self._board.delivering(job.channel_id), discord_refusals(self._bot):
            message = await self._channel(job).send(
                self._caption(job),
                file=discord.File(video, filename=video_name(job)),
                view=result_buttons(job, Words(job.locale)),
                nonce=f"v{job.id}",
                allowed_mentions=discord.AllowedMentions(
                    everyone=False, roles=False, users=[requester], replied_user=False
                ),
                reference=_reply_to_card(job),
            )
        return message.id

    async def send_directly(self, job: Job, video: Path | None) -> None:
        """See `Poster.send_directly`."""
        words = Words(job.locale)
        channel = f"<#{job.channel_id}>"
        name = "direct-kept" if video is None else "direct-delivered"
        lines = [words(name, channel=channel)]
        if job.failure:
            lines.append(words(f"failure-{job.failure}"))
        if video is None and (until := self._keeping.until(job)) is not None:
            lines.append(kept_line(until, words))
        files = [] if video is None else [discord.File(video, filename=video_name(job))]
        # A word that the video is kept must not stand in the way of the video, sent a minute later.
        nonce = f"d{job.id}" if video is None else f"f{job.id}"
        with discord_refusals(self._bot):
            direct = await self._bot.create_dm(discord.Object(job.user_id))
            await direct.send("\n".join(lines), files=files, nonce=nonce)

    async def tell_operator(self, notice: Notice) -> None:
        """See `Poster.tell_operator`."""
        await tell_operator(self._bot, notice)

    async def _tell_of_end(self, job: Job) -> None:
        """The card that would show how the job ended is gone: the requester hears of it directly.

        Raises:
            DiscordUnavailable: Discord did not answer; worth trying again.
        """
        try:
            await self.send_directly(job, None)
        except (ChannelUnavailable, UploadTooLarge) as error:
            log.warning("requester could not be told", job=job.id, reason=error.reason)

    def _caption(self, job: Job) -> str:
        words = Words(job.locale)
        title = self._catalogue.entry(job.model).title(job.locale)
        head = words("video-caption", member=f"<@{job.user_id}>", title=f"**{title}**")
        return f"{head}\n> {escape(shorten(job.prompt, _CAPTION_PROMPT))}"

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)

    async def _find_card(self, job: Job) -> discord.Message | None:
        marker = f"job:cancel:{job.id}"
        async for message in self._own_messages(job):
            if marker in _custom_ids(message.components):
                return message
        return None

    async def _own_messages(self, job: Job) -> AsyncIterator[discord.Message]:
        """The bot's own messages in the job's channel since the job was asked for, newest first.

        Since when is told by Discord's own ids: our clock may be wrong. The library's `after` would read the
        channel back to its very first message.
        """
        asked = job.interaction_id
        own = self._bot.user
        with discord_refusals(self._bot):
            async for message in self._channel(job).history(limit=None):
                if message.id <= asked:
                    return
                if own is not None and message.author.id == own.id:
                    yield message


def _fitting(inputs: Mapping[str, Path], limit: int) -> dict[str, Path]:
    return {option: path for option, path in inputs.items() if path.stat().st_size <= limit}


def _reply_to_card(job: Job) -> discord.MessageReference:
    """A deleted card does not keep its video away."""
    return discord.MessageReference(
        message_id=job.card_message_id or 0,
        channel_id=job.channel_id,
        guild_id=job.guild_id,
        fail_if_not_exists=False,
    )


def _custom_ids(components: Iterable[object]) -> set[str]:
    """Every custom_id in a message's components, however deeply nested."""
    found: set[str] = set()
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if isinstance(custom_id, str):
            found.add(custom_id)
        found |= _custom_ids(getattr(component, "children", ()))
    return found
