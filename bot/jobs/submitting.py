"""The first steps: a card for every accepted job, then one submit, never two."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import rmtree

import structlog
from pydantic import JsonValue

from bot.errors import (
    AmbiguousSubmit,
    ChannelUnavailable,
    MediaError,
    OutOfFunds,
    Rejected,
    RequestNotFound,
    RunComfyError,
    StaleJob,
    StoreUnavailable,
    Transient,
    Unauthorised,
    UploadTooLarge,
)
from bot.jobs import breaker, store
from bot.jobs.breaker import Gate
from bot.jobs.circuit import Cause
from bot.jobs.failures import Failure, failure_of
from bot.jobs.job import InputFile, Job
from bot.jobs.poster import PostedCard, Progress
from bot.jobs.probing import show_waiting
from bot.jobs.states import JobState
from bot.jobs.workshop import Held, Workshop, inputs_dir
from bot.moderation import approvals

log = structlog.get_logger(__name__)


#: A request that RunComfy has taken is tried to be written down this often (s) at least.
WRITE_DOWN_S = 2.0


class Submitter:
    """Takes a job from `queued` to RunComfy."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._announcing = asyncio.Semaphore(workshop.bounds.announcements)
        #: Jobs in hand that rest until there is room.
        self._waiting: dict[str, Held] = {}
        #: A card may say that RunComfy does not answer, although the circuit is closed.
        self._blamed = False

    async def announce(self, held: Held) -> Job:
        """Post the job's card with its inputs attached, and put the job back into the queue.

        Raises:
            DeliveryError: Discord did not take the card; worth another try unless the channel is gone.
        """
        shop, job = self._workshop, held.job
        async with self._announcing:
            try:
                card = await self._post_card(held)
            except ChannelUnavailable as error:
                await self._forget_inputs(job)
                return await self._fail(job, Failure.CANNOT_POST, error.reason)
        await self._remember_card(job, card)
        await self._forget_inputs(job)
        return await shop.database.run(store.give_back, job, due_at=shop.now())

    async def _remember_card(self, job: Job, card: PostedCard) -> None:
        """Keep where the card is, however long the store is away: posted again it would be a second one."""
        shop, failures = self._workshop, 0
        while True:
            try:
                await shop.database.run(
                    store.set_card, job, message_id=card.message_id, attached=card.attached, at=shop.now()
                )
            except StoreUnavailable as error:
                failures += 1
                log.error("card not written down yet", job=job.id, reason=error.reason)
                await asyncio.sleep(min(shop.backoff.delay_s(failures), WRITE_DOWN_S))
            else:
                return

    async def turn_away(self, held: Held) -> Job:
        """End a job whose model the operator took out while it waited: it could never be submitted."""
        await self._forget_inputs(held.job)
        return await self._fail(held.job, Failure.MODEL_GONE, held.job.model)

    async def ask_moderators(self, held: Held) -> Job:
        """Put the question to the moderators, then wait; a request that nobody answers expires.

        Raises:
            DeliveryError: Discord did not take the question; worth another try.
        """
        shop, job = self._workshop, held.job
        expires_at = job.created_at + approvals.PATIENCE_MS
        if shop.now() >= expires_at:
            return await shop.database.run(
                store.move, job, JobState.EXPIRED, at=shop.now(), failure=Failure.NOT_APPROVED
            )
        if job.approval_message_id is None:
            message_id = await self._question(job)
            job = held.job = await shop.database.run(
                store.note, job, at=shop.now(), approval_message_id=message_id
            )
        return await shop.database.run(store.give_back, job, due_at=expires_at)

    async def _question(self, job: Job) -> int:
        """The message with the question; 0 where it cannot be posted: the board of open jobs asks it too."""
        try:
            return await self._workshop.poster.post_question(job)
        except ChannelUnavailable as error:
            log.warning("moderators could not be asked", job=job.id, reason=error.reason)
            return 0

    async def submit(self, held: Held) -> Job:
        """Send the job to RunComfy. The state is written first: found again in it, it is not sent again."""
        shop, job = self._workshop, held.job
        # Asked before anything is asked of Discord. What counts is asked when the state is written.
        gate = await shop.database.run(breaker.look, job, at=shop.now())
        if not gate.room:
            return await self._held_up(held, gate)
        try:
            links = await shop.poster.input_links(job)
        except ChannelUnavailable as error:
            # Nobody could be shown the video: nothing is spent on it.
            return await self._fail(job, Failure.CANNOT_POST, error.reason)
        urls = {item.option: links.get(item.option, item.url) for item in job.inputs}
        payload = shop.model_of(job).payload(job.options, urls, model_id=job.model_id)
        gate = await shop.database.run(breaker.begin_submit, job, at=shop.now())
        if not gate.room:
            return await self._held_up(held, gate)
        held.job = gate.job
        try:
            return await self._send(held, payload)
        finally:
            for waiting in self._waiting.values():
                waiting.woken.set()

    async def recover(self, held: Held) -> Job:
        """A job found in `submitting` was left there by a dead process: nobody knows what RunComfy got.

        That was our own doing, so it does not count as an answer lost by RunComfy.
        """
        shop, reason = self._workshop, "found after a crash"
        log.error("submit outcome unknown: not repeated, credits released", job=held.job.id, reason=reason)
        return await shop.database.run(breaker.uncertain, held.job, reason=reason, at=shop.now())

    async def _held_up(self, held: Held, gate: Gate) -> Job:
        """The circuit has no room for the job now."""
        shop, job = self._workshop, gate.job
        if gate.circuit.cause is not None:
            self._obstructed(held, job, gate.circuit.cause)
        if job.worker is not None:
            # Others are being submitted. It keeps its place and rests, in hand: given back, it would be taken
            # up again at once, in turn with every other job that waits.
            self._waiting[job.id] = held
            try:
                await held.pause(shop.backoff.delay_s(1))
            finally:
                del self._waiting[job.id]
        return job

    async def _send(self, held: Held, payload: Mapping[str, JsonValue]) -> Job:
        shop, job = self._workshop, held.job
        await shop.make_sure(held)
        try:
            request_id = await shop.runcomfy.submit(job.model_id, payload)
        except RunComfyError as error:
            return await self._not_taken(held, job, error)
        log.info("submitted", job=job.id, request=request_id)
        job = await self._write_down(job, request_id)
        held.progress = Progress()
        shop.poster.show(job, held.progress)
        if self._blamed:
            with suppress(StoreUnavailable):  # else the next one that is accepted sees to it
                await show_waiting(shop)
                self._blamed = False
        return job

    async def _write_down(self, job: Job, request_id: str) -> Job:
        """Keep the id of a request that is running and paid for: nothing else leads back to it."""
        shop, failures = self._workshop, 0
        while True:
            try:
                return await shop.database.run(breaker.accepted, job, request_id=request_id, at=shop.now())
            except StoreUnavailable as error:
                failures += 1
                log.error("request not written down yet", job=job.id, request=request_id, reason=error.reason)
                await asyncio.sleep(min(shop.backoff.delay_s(failures), WRITE_DOWN_S))
            except StaleJob:
                # Another worker found the job and called it uncertain: staff need the id to settle it.
                log.error("request of a job that counts as uncertain", job=job.id, request=request_id)
                await shop.database.run(store.keep_request_id, job, request_id=request_id)
                raise

    async def _not_taken(self, held: Held, job: Job, error: RunComfyError) -> Job:
        """What becomes of a job whose submit failed, by what is known about the failure."""
        log.warning("submit failed", job=job.id, error=type(error).__name__, reason=error.reason)
        match error:
            case AmbiguousSubmit():
                log.error(
                    "submit outcome unknown: not repeated, credits released", job=job.id, reason=error.reason
                )
                shop = self._workshop
                return await shop.database.run(breaker.lost, job, reason=error.reason, at=shop.now())
            # The next two leave the circuit as it is. They prove that RunComfy can be heard, but they are
            # given before a render is started, and what the circuit guards against is renders whose answers
            # are lost: refusals in between must not make more of those possible.
            case Rejected() | RequestNotFound():
                kind = failure_of(error.reason)
                failure = Failure.SENSITIVE if kind is Failure.SENSITIVE else Failure.REFUSED
                return await self._fail(job, failure, error.reason)
            case Transient():
                return await self._try_later(held, job, error)
            case OutOfFunds():
                return await self._refused(held, job, Cause.NO_FUNDS)
            case Unauthorised():
                return await self._refused(held, job, Cause.TOKEN)
        raise error

    async def _try_later(self, held: Held, job: Job, error: Transient) -> Job:
        """RunComfy certainly took nothing on: the job goes back into the queue, and rests."""
        shop, at = self._workshop, self._workshop.now()
        due_at = at + int(shop.backoff.delay_s(1, at_least_s=error.retry_after_s) * 1000)
        job = await shop.database.run(
            store.back_to_queue, job, obstacle=Cause.UNREACHABLE, at=at, due_at=due_at
        )
        self._blamed = True
        return self._obstructed(held, job, Cause.UNREACHABLE)

    async def _refused(self, held: Held, job: Job, cause: Cause) -> Job:
        """RunComfy takes nothing from the operator: every job waits until that is settled."""
        shop = self._workshop
        job = await shop.database.run(breaker.refused, job, cause, at=shop.now())
        return self._obstructed(held, job, cause)

    def _obstructed(self, held: Held, job: Job, cause: Cause) -> Job:
        held.progress = Progress(obstacle=cause)
        self._workshop.poster.show(job, held.progress)
        return job

    async def _fail(self, job: Job, failure: Failure, detail: str) -> Job:
        return await self._workshop.database.run(
            store.move,
            job,
            JobState.FAILED,
            at=self._workshop.now(),
            failure=failure,
            failure_detail=detail,
        )

    async def _post_card(self, held: Held) -> PostedCard:
        poster, job = self._workshop.poster, held.job
        files = await self._input_files(job)
        sure = partial(self._workshop.make_sure, held)
        try:
            return await poster.post_card(job, files, sure=sure)
        except UploadTooLarge as error:
            # Each file fits, all of them together do not: RunComfy gets the member's own links instead.
            log.warning("card without its inputs", job=job.id, reason=error.reason)
            return await poster.post_card(job, {}, sure=sure)

    async def _forget_inputs(self, job: Job) -> None:
        folder = inputs_dir(self._workshop.data_dir, job.interaction_id)
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)

    async def _input_files(self, job: Job) -> Mapping[str, Path]:
        """The inputs on disk: left by the validation, or fetched again after a restart elsewhere."""
        found: dict[str, Path] = {}
        for item in job.inputs:
            path = self._workshop.input_path(job, item.filename)
            if path.exists() or await self._fetch(item, path):
                found[item.option] = path
        return found

    async def _fetch(self, item: InputFile, path: Path) -> bool:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            await self._workshop.attachments.fetch(item.url, path, max_bytes=item.size_bytes)
        except MediaError as error:
            log.warning("input could not be fetched again", option=item.option, reason=error.reason)
            return False
        return True
