"""The board of cards: keeps every card up to date with as few edits as possible.

Discord allows a handful of edits in a few seconds per channel. So a card is edited only when something a
person can see has changed, the newest state wins, and ends come before progress.

Edits and posts have limits of their own in a channel, but share the bot's global one: cards take only a part
of it, wait where it is used up, and show no progress in a channel while a video is being posted there.
"""

import asyncio
import contextvars
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import discord
import structlog

from bot.catalog import Catalogue
from bot.clock import Now
from bot.database import Database
from bot.discord_io.cards import CardFacts, card
from bot.discord_io.refusals import discord_refusals
from bot.discord_io.traffic import Traffic
from bot.errors import ChannelUnavailable, DeliveryError, StoreUnavailable
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.locale import Words

log = structlog.get_logger(__name__)

#: Edits a second over all channels: most of the fifty requests Discord allows the bot are left for the rest.
_EDITS_PER_S = 20.0
#: Ends of which the requester hears in another way than by the card.
_TOLD_OTHERWISE = frozenset({JobState.DELIVERED, JobState.UNDELIVERABLE})
#: So many of the last closed cards are remembered.
_CLOSED_KNOWN = 1000


class CardBoard:
    """Edits cards, one task per channel that has something to show."""

    def __init__(
        self,
        bot: discord.Client,
        catalogue: Catalogue,
        database: Database,
        *,
        keeping: Keeping,
        now: Now,
        pace_s: float = 1.0,
        rest_s: float | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        """`pace_s`: the pause (seconds) between two edits in one channel; `rest_s`: after a refused one.

        A rest is five pauses long unless something else is given.
        `traffic` knows when the bot's global rate limit is used up.
        """
        self._bot = bot
        self._catalogue = catalogue
        self._database = database
        self._keeping = keeping
        self._now = now
        self._pace_s = pace_s
        self._rest_s = 5 * pace_s if rest_s is None else rest_s
        self._wanted: dict[int, dict[str, CardFacts]] = {}
        self._shown: dict[str, str] = {}
        #: How the last cards were closed: an end is asked for again until the store knows of it.
        self._closed: dict[str, str] = {}
        self._lost: set[str] = set()
        self._context = contextvars.copy_context()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._traffic = traffic or Traffic()
        self._deliveries: Counter[int] = Counter()
        #: Channels that have only progress to show while a video is posted there; set to look again.
        self._standing_back: dict[int, asyncio.Event] = {}
        self._next_turn = 0.0
        self._tell_lost: Callable[[Job], Awaitable[None]] = _tell_nobody

    def show(self, job: Job, progress: Progress) -> None:
        """Bring the job's card up to date, soon."""
        if job.card_message_id is None:
            return
        kept_until = self._keeping.until(job)
        facts = CardFacts(job, self._catalogue.entry(job.model), progress, self._now(), kept_until)
        self._wanted.setdefault(job.channel_id, {})[job.id] = facts
        if job.ended:
            self._look_again(job.channel_id)
        if job.channel_id not in self._tasks:
            work = self._work(job.channel_id)
            # Not in the context of whoever asked: a command's ends with its answer, this goes on.
            task = self._context.run(asyncio.create_task, work, name=f"cards-{job.channel_id}")
            self._tasks[job.channel_id] = task

    def remember(self, job: Job, view: discord.ui.LayoutView) -> None:
        """The card has just been posted like this."""
        self._shown[job.id] = _visible(view)

    def when_lost(self, tell: Callable[[Job], Awaitable[None]]) -> None:
        """`tell` is called with a job that ended while its card was gone."""
        self._tell_lost = tell

    @contextmanager
    def delivering(self, channel_id: int) -> Iterator[None]:
        """While a video is being posted in a channel, progress on its cards stands back."""
        self._deliveries[channel_id] += 1
        try:
            yield
        finally:
            self._deliveries[channel_id] -= 1
            if not self._deliveries[channel_id]:
                del self._deliveries[channel_id]
                self._look_again(channel_id)

    async def close(self, *, patience_s: float = 2.0) -> None:
        """Show what can be shown within `patience_s` seconds. What is left is shown at the next start."""
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, channel_id: int) -> None:
        try:
            while waiting := self._wanted.get(channel_id):
                if limited_s := self._traffic.limited_s():
                    await asyncio.sleep(limited_s)
                    continue
                job_id = min(waiting, key=lambda key: not waiting[key].job.ended)
                if channel_id in self._deliveries and not waiting[job_id].job.ended:
                    await self._stand_back(channel_id)
                elif await self._edit(waiting.pop(job_id)):
                    await asyncio.sleep(self._pace_s)
        finally:
            self._tasks.pop(channel_id, None)
            if not self._wanted.get(channel_id):
                self._wanted.pop(channel_id, None)

    async def _stand_back(self, channel_id: int) -> None:
        """Until no video is being posted in the channel, or an end is to be shown there."""
        look_again = self._standing_back[channel_id] = asyncio.Event()
        try:
            await look_again.wait()
        finally:
            del self._standing_back[channel_id]

    def _look_again(self, channel_id: int) -> None:
        if channel_id in self._standing_back:
            self._standing_back[channel_id].set()

    async def _turn(self) -> None:
        """Wait for this edit's place among those of all channels."""
        now = asyncio.get_running_loop().time()
        at = max(now, self._next_turn)
        self._next_turn = at + 1 / _EDITS_PER_S
        await asyncio.sleep(at - now)

    async def _edit(self, facts: CardFacts) -> bool:
        """Edit one card if it looks different now; whether Discord was asked."""
        job = facts.job
        view = card(facts, Words(job.locale))
        visible = _visible(view)
        if job.ended and self._closed.get(job.id) == visible:
            return False  # asked for before the store knew that it was done
        # A lost card is tried once more at the end: it may have been out of reach for a while only.
        asked = self._shown.get(job.id) != visible and (job.ended or job.id not in self._lost)
        try:
            if asked and not job.ended and await self._is_outdated(job):
                return False
            if asked:
                await self._show(facts, view)
                self._shown[job.id] = visible
            if job.ended:
                await self._finish(job, visible)
        except (DeliveryError, StoreUnavailable) as error:
            log.warning("card has to wait", job=job.id, reason=error.reason)
            await asyncio.sleep(self._rest_s)
            self._wanted.setdefault(job.channel_id, {}).setdefault(job.id, facts)
        return asked

    async def _is_outdated(self, job: Job) -> bool:
        """Whether the job has moved on since this was to be shown, perhaps in another process's hands."""
        fresh = await self._database.run(store.find, job.id)
        return fresh is None or fresh.state is not job.state

    async def _show(self, facts: CardFacts, view: discord.ui.LayoutView) -> None:
        job = facts.job
        await self._turn()
        try:
            await self._send(job, view)
        except ChannelUnavailable as error:
            log.info("card is gone", job=job.id, reason=error.reason)
            self._lost.add(job.id)
        else:
            self._lost.discard(job.id)

    async def _finish(self, job: Job, visible: str) -> None:
        if job.id in self._lost and job.state not in _TOLD_OTHERWISE:
            # First, so that a crash in between repeats it (with the same nonce) and loses nothing.
            await self._tell_lost(job)
            self._lost.discard(job.id)
        await self._database.run(store.close_card, job.id, at=self._now())
        self._closed[job.id] = visible
        while len(self._closed) > _CLOSED_KNOWN:
            del self._closed[next(iter(self._closed))]
        self._shown.pop(job.id, None)
        self._lost.discard(job.id)

    async def _send(self, job: Job, view: discord.ui.LayoutView) -> None:
        channel = self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
        with discord_refusals(self._bot):
            message = channel.get_partial_message(job.card_message_id or 0)
            await message.edit(view=view, allowed_mentions=discord.AllowedMentions.none())


async def _tell_nobody(_job: Job) -> None:
    """Until somebody says who tells the requester."""


def _visible(view: discord.ui.LayoutView) -> str:
    components: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]  # discord.py's
    return json.dumps(components, sort_keys=True)
