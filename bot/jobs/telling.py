"""Telling people how a job ended: on its card, and by direct message where no card can say enough.

A job's `card_closed_at` stays empty until all of that is done, so a process that dies in between leaves it to
be done at the next start. A direct message that was sent, but not written down, is sent again: with the
same nonce, so that Discord makes one message of both.
"""

import asyncio
from functools import partial

import structlog

from bot.errors import DeliveryError, DiscordUnavailable, StoreUnavailable, UploadTooLarge
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.jobs.workshop import Workshop
from bot.leading import Leadership

log = structlog.get_logger(__name__)

#: How long (ms) the worker that ended a job has for showing that, before the leading one does it.
OTHERS_SHOW_MS = 10_000
#: Ends looked at in one go.
_AT_A_TIME = 500


class Teller:
    """Tells ends. Driven by the tracker's loop."""

    def __init__(self, workshop: Workshop, *, worker: str, leadership: Leadership) -> None:
        """`worker`: whose ends are told here; the process that leads also tells what nobody told."""
        self._workshop = workshop
        self._worker = worker
        self._leadership = leadership
        self._tasks: dict[str, asyncio.Task[None]] = {}
        #: Told directly, and not yet known to the store: the card is still to be brought up to date.
        self._told: set[str] = set()
        self._stopping = asyncio.Event()

    async def look(self) -> None:
        """See to the ends that people have not been shown yet.

        Raises:
            StoreUnavailable: the ends cannot be looked up now.
        """
        shop = self._workshop
        leads = await self._leadership.look()
        ends = await shop.database.run(
            store.with_open_cards,
            worker=self._worker,
            limit=_AT_A_TIME,
            others_before=shop.now() - OTHERS_SHOW_MS if leads else None,
        )
        self._told &= {job.id for job in ends}
        for job in ends:
            if not self._is_told_directly(job):
                self._workshop.poster.show(job, Progress())
            elif job.id not in self._tasks:
                task = asyncio.create_task(self._tell(job), name=f"tell-{job.id}")
                self._tasks[job.id] = task
                task.add_done_callback(partial(self._ended, job.id))

    async def stop(self, *, patience_s: float) -> None:
        """Finish what is being sent, within so many seconds. The rest is told at the next start."""
        self._stopping.set()
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=patience_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _is_told_directly(self, job: Job) -> bool:
        """A card that says the video could not be posted does not hand it over; without one nobody knows."""
        if job.card_message_id is None:
            return True
        return job.state is JobState.UNDELIVERABLE and job.id not in self._told

    async def _tell(self, job: Job) -> None:
        """Send the message, however long Discord does not answer; what it refuses is not offered again."""
        shop, failures = self._workshop, 0
        while not self._stopping.is_set():
            try:
                await self._send(job)
            except DiscordUnavailable as error:
                failures += 1
                log.warning("requester is told later", job=job.id, reason=error.reason, failures=failures)
                await self._rest(shop.backoff.delay_s(failures))
                continue
            except DeliveryError as error:
                log.warning("requester could not be told", job=job.id, reason=error.reason)
            break
        else:
            return
        if job.card_message_id is not None:
            self._told.add(job.id)
            shop.poster.show(job, Progress())
            return
        try:
            await shop.database.run(store.do_without_card, job.id, at=shop.now())
        except StoreUnavailable as error:
            log.error("told, and not written down", job=job.id, reason=error.reason)

    async def _send(self, job: Job) -> None:
        poster = self._workshop.poster
        video = self._workshop.video_path(job)
        if job.state is not JobState.UNDELIVERABLE or not await asyncio.to_thread(video.exists):
            await poster.send_directly(job, None)
            return
        try:
            await poster.send_directly(job, video)
        except UploadTooLarge:
            await poster.send_directly(job, None)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    def _ended(self, job_id: str, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # Its task stays in the way of another one: an error nobody expected is not met over and over.
            log.error("requester not told", job=job_id, exc_info=error)
        else:
            del self._tasks[job_id]
