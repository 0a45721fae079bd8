"""The board of cards: keeps every card up to date with as few edits as possible.

Discord allows a handful of edits in a few seconds per channel. So a card is edited only when something a
person can see has changed, the newest state wins, and ends come before progress.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import discord
import structlog

from bot.catalog import Catalogue
from bot.clock import Now
from bot.database import Database
from bot.discord_io.cards import CardFacts, card
from bot.discord_io.refusals import discord_refusals
from bot.errors import ChannelUnavailable, DeliveryError, StoreUnavailable
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.locale import Words

log = structlog.get_logger(__name__)

#: Ends of which the requester hears in another way than by the card.
_TOLD_OTHERWISE = frozenset({JobState.DELIVERED, JobState.UNDELIVERABLE})


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
        rest_s: float = 5.0,
    ) -> None:
        """`pace_s`: the pause (seconds) between two edits in one channel; `rest_s`: after a refused one."""
        self._bot = bot
        self._catalogue = catalogue
        self._database = database
        self._keeping = keeping
        self._now = now
        self._pace_s = pace_s
        self._rest_s = rest_s
        self._wanted: dict[int, dict[str, CardFacts]] = {}
        self._shown: dict[str, str] = {}
        self._lost: set[str] = set()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._tell_lost: Callable[[Job], Awaitable[None]] = _tell_nobody

    def show(self, job: Job, progress: Progress) -> None:
        """Bring the job's card up to date, soon."""
        if job.card_message_id is None:
            return
        kept_until = self._keeping.until(job)
        facts = CardFacts(job, self._catalogue[job.model], progress, self._now(), kept_until)
        self._wanted.setdefault(job.channel_id, {})[job.id] = facts
        if job.channel_id not in self._tasks:
            task = asyncio.create_task(self._work(job.channel_id), name=f"cards-{job.channel_id}")
            self._tasks[job.channel_id] = task

    def remember(self, job: Job, view: discord.ui.LayoutView) -> None:
        """The card has just been posted like this."""
        self._shown[job.id] = _visible(view)

    def when_lost(self, tell: Callable[[Job], Awaitable[None]]) -> None:
        """`tell` is called with a job that ended while its card was gone."""
        self._tell_lost = tell

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
                job_id = min(waiting, key=lambda key: not waiting[key].job.ended)
                if await self._edit(waiting.pop(job_id)):
                    await asyncio.sleep(self._pace_s)
        finally:
            self._tasks.pop(channel_id, None)
            if not self._wanted.get(channel_id):
                self._wanted.pop(channel_id, None)

    async def _edit(self, facts: CardFacts) -> bool:
        """Edit one card if it looks different now; whether Discord was asked."""
        job = facts.job
        view = card(facts, Words(job.locale))
        visible = _visible(view)
        # A lost card is tried once more at the end: it may have been out of reach for a while only.
        asked = self._shown.get(job.id) != visible and (job.ended or job.id not in self._lost)
        try:
            if asked:
                await self._show(facts, view)
                self._shown[job.id] = visible
            if job.ended:
                await self._finish(job)
        except (DeliveryError, StoreUnavailable) as error:
            log.warning("card has to wait", job=job.id, reason=error.reason)
            await asyncio.sleep(self._rest_s)
            self._wanted.setdefault(job.channel_id, {}).setdefault(job.id, facts)
        return asked

    async def _show(self, facts: CardFacts, view: discord.ui.LayoutView) -> None:
        job = facts.job
        try:
            await self._send(job, view)
        except ChannelUnavailable as error:
            log.info("card is gone", job=job.id, reason=error.reason)
            self._lost.add(job.id)
        else:
            self._lost.discard(job.id)

    async def _finish(self, job: Job) -> None:
        await self._database.run(store.close_card, job.id, at=self._now())
        if job.id in self._lost and job.state not in _TOLD_OTHERWISE:
            await self._tell_lost(job)
        self._shown.pop(job.id, None)
        self._lost.discard(job.id)

    async def _send(self, job: Job, view: discord.ui.LayoutView) -> None:
        channel = self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
        with discord_refusals():
            message = channel.get_partial_message(job.card_message_id or 0)
            await message.edit(view=view, allowed_mentions=discord.AllowedMentions.none())


async def _tell_nobody(_job: Job) -> None:
    """Until somebody says who tells the requester."""


def _visible(view: discord.ui.LayoutView) -> str:
    components: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]  # discord.py's
    return json.dumps(components, sort_keys=True)
