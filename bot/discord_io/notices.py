"""The moderators' channel: every entry of the audit trail is told there, once, soon after it was written.

The trail is the outbox: an entry stays untold until Discord has taken its notice. Every server has a task of
its own, so that one whose channel makes trouble keeps no other waiting.
"""

import asyncio
from contextlib import suppress

import discord
import structlog

from bot.catalog import Catalogue
from bot.clock import Now
from bot.database import Database
from bot.discord_io.refusals import require_login
from bot.discord_io.tellings import is_told_to_member, tell_member, tell_moderators
from bot.errors import DeliveryError, DiscordUnavailable, StoreUnavailable
from bot.jobs.job import Job
from bot.jobs.schedule import Backoff
from bot.locale import Words
from bot.moderation import audit, outbox
from bot.moderation.audit import Entry
from bot.servers.settings import ServerSettings

log = structlog.get_logger(__name__)

#: Entries of one server that are looked up at a time.
_AT_A_TIME = 20
#: How long (seconds) a stop waits for notices under way.
_LAST_WORDS_S = 1.5
#: How long (seconds) a server rests after an error nobody expected.
_STUMBLE_S = 60.0


class NoticeBoard:
    """Tells moderators, and members, what was done. Started and stopped by the composition root."""

    def __init__(
        self,
        bot: discord.Client,
        catalogue: Catalogue,
        database: Database,
        *,
        now: Now,
        backoff: Backoff | None = None,
        look_s: float = 1.0,
        pace_s: float = 1.0,
    ) -> None:
        """`look_s`: how often (seconds) the trail is looked at; `pace_s`: the pause between two notices."""
        self._bot = bot
        self._catalogue = catalogue
        self._database = database
        self._now = now
        self._backoff = backoff or Backoff()
        self._look_s = look_s
        self._pace_s = pace_s
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._told_members: set[int] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Work until `stop` is called. One call per board."""
        while not self._stopping.is_set():
            try:
                waiting = await self._database.run(audit.untold_servers)
            except StoreUnavailable as error:
                log.error("notices have to wait", reason=error.reason)
            else:
                for guild_id in waiting - self._tasks.keys():
                    self._begin(guild_id)
            await self._rest(self._look_s)

    async def stop(self) -> None:
        """End; what was being posted is finished, what was not stays untold."""
        self._stopping.set()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_WORDS_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, guild_id: int) -> None:
        task = asyncio.create_task(self._tell_server(guild_id), name=f"notices-{guild_id}")
        self._tasks[guild_id] = task
        task.add_done_callback(lambda done: self._ended(guild_id, done))

    def _ended(self, guild_id: int, task: asyncio.Task[None]) -> None:
        """A server whose task ended as nobody expected rests before it gets another."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._tasks.pop(guild_id, None)
            return
        log.error("notice failed unexpectedly", server=guild_id, exc_info=error)
        task.get_loop().call_later(_STUMBLE_S, self._tasks.pop, guild_id, None)

    async def _tell_server(self, guild_id: int) -> None:
        """Tell a server all there is to tell, patiently."""
        failures = 0
        while not self._stopping.is_set():
            try:
                if not await self._tell_some(guild_id):
                    return
            except (DiscordUnavailable, StoreUnavailable) as error:
                failures += 1
                log.warning("notice has to wait", server=guild_id, reason=error.reason, failures=failures)
                await self._rest(self._backoff.delay_s(failures))
            else:
                failures = 0

    async def _tell_some(self, guild_id: int) -> bool:
        """Tell the oldest entries; whether there were any."""
        waiting = await self._database.run(outbox.untold, guild_id, limit=_AT_A_TIME)
        for entry, job in waiting.entries:
            if self._stopping.is_set():
                return False
            await self._tell(entry, job, waiting.settings)
            await self._database.run(audit.mark_told, entry.id, at=self._now())
            self._told_members.discard(entry.id)
            await self._rest(self._pace_s)
        return bool(waiting.entries)

    async def _tell(self, entry: Entry, job: Job | None, settings: ServerSettings) -> None:
        """Tell the member, then the moderators: each once, also where the other takes several tries."""
        require_login(self._bot)
        if job is not None and is_told_to_member(entry, job) and entry.id not in self._told_members:
            try:
                await tell_member(self._bot, entry, job)
            except DeliveryError as error:
                self._give_up(error, entry, "member not told")
            self._told_members.add(entry.id)
        if settings.moderators_channel is None:
            return
        channel = self._bot.get_partial_messageable(settings.moderators_channel, guild_id=entry.guild_id)
        try:
            words = Words(self._language(entry.guild_id, settings))
            await tell_moderators(channel, entry, job, self._catalogue, words)
        except DeliveryError as error:
            self._give_up(error, entry, "moderators not told")

    @staticmethod
    def _give_up(error: DeliveryError, entry: Entry, what: str) -> None:
        """Trouble that passes is raised again; a channel that is gone is only worth a line in the log."""
        if isinstance(error, DiscordUnavailable):
            raise error
        log.warning(what, server=entry.guild_id, entry=entry.id, action=entry.action, reason=error.reason)

    def _language(self, guild_id: int, settings: ServerSettings) -> str:
        if settings.language is not None:
            return settings.language
        guild = self._bot.get_guild(guild_id)
        return "" if guild is None else str(guild.preferred_locale)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
