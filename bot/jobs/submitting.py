"""The first steps: a card for every accepted job, then one submit, never two."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree

import structlog

from bot.errors import (
    AmbiguousSubmit,
    ChannelUnavailable,
    MediaError,
    OutOfFunds,
    Rejected,
    RequestNotFound,
    RunComfyError,
    StoreUnavailable,
    Transient,
    Unauthorised,
    UploadTooLarge,
)
from bot.jobs import store
from bot.jobs.failures import Failure, failure_of
from bot.jobs.job import InputFile, Job
from bot.jobs.poster import PostedCard, Progress
from bot.jobs.states import JobState
from bot.jobs.workshop import Held, Workshop, inputs_dir
from bot.moderation import approvals

log = structlog.get_logger(__name__)

#: After a submit refused for the operator's sake (no funds, bad token) the job waits this long (s).
OPERATOR_PAUSE_S = 60.0


class Submitter:
    """Takes a job from `queued` to RunComfy."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._announcing = asyncio.Semaphore(workshop.bounds.announcements)

    async def announce(self, held: Held) -> Job:
        """Post the job's card with its inputs attached, and put the job back into the queue.

        Raises:
            DeliveryError: Discord did not take the card; worth another try unless the channel is gone.
        """
        shop, job = self._workshop, held.job
        async with self._announcing:
            try:
                card = await self._post_card(job)
            except ChannelUnavailable as error:
                await self._forget_inputs(job)
                return await self._fail(job, Failure.CANNOT_POST, error.reason)
        await shop.database.run(
            store.set_card, job, message_id=card.message_id, attached=card.attached, at=shop.now()
        )
        await self._forget_inputs(job)
        return await shop.database.run(store.give_back, job, due_at=shop.now())

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
        try:
            links = await shop.poster.input_links(job)
        except ChannelUnavailable as error:
            # Nobody could be shown the video: nothing is spent on it.
            return await self._fail(job, Failure.CANNOT_POST, error.reason)
        urls = {item.option: links.get(item.option, item.url) for item in job.inputs}
        payload = shop.model_of(job).payload(job.options, urls, model_id=job.model_id)
        at = shop.now()
        job = held.job = await shop.database.run(store.move, job, JobState.SUBMITTING, at=at, submitted_at=at)
        try:
            request_id = await shop.runcomfy.submit(job.model_id, payload)
        except RunComfyError as error:
            return await self._not_taken(held, job, error)
        log.info("submitted", job=job.id, request=request_id)
        job = await self._write_down(job, request_id)
        held.progress = Progress()
        shop.poster.show(job, held.progress)
        return job

    async def recover(self, held: Held) -> Job:
        """A job found in `submitting` was left there by a dead process: nobody knows what RunComfy got."""
        return await self._uncertain(held.job, "found after a crash")

    async def _write_down(self, job: Job, request_id: str) -> Job:
        """Keep the id of a request that is running and paid for: nothing else leads back to it."""
        shop, failures = self._workshop, 0
        while True:
            try:
                return await shop.database.run(
                    store.move, job, JobState.IN_QUEUE, at=shop.now(), request_id=request_id
                )
            except StoreUnavailable as error:
                failures += 1
                log.error("request not written down yet", job=job.id, request=request_id, reason=error.reason)
                await asyncio.sleep(shop.backoff.delay_s(failures))

    async def _not_taken(self, held: Held, job: Job, error: RunComfyError) -> Job:
        """What becomes of a job whose submit failed, by what is known about the failure."""
        log.warning("submit failed", job=job.id, error=type(error).__name__, reason=error.reason)
        match error:
            case AmbiguousSubmit():
                return await self._uncertain(job, error.reason)
            case Rejected() | RequestNotFound():
                kind = failure_of(error.reason)
                failure = Failure.SENSITIVE if kind is Failure.SENSITIVE else Failure.REFUSED
                return await self._fail(job, failure, error.reason)
            case OutOfFunds():
                return await self._wait(held, job, "no-funds", OPERATOR_PAUSE_S)
            case Unauthorised():
                return await self._wait(held, job, "token", OPERATOR_PAUSE_S)
            case Transient():
                delay = self._workshop.backoff.delay_s(1, at_least_s=error.retry_after_s)
                return await self._wait(held, job, "unreachable", delay)
        raise error

    async def _wait(self, held: Held, job: Job, obstacle: str, delay_s: float) -> Job:
        """RunComfy certainly took nothing on: the job goes back into the queue."""
        shop = self._workshop
        at = shop.now()
        job = await shop.database.run(
            store.back_to_queue, job, obstacle=obstacle, at=at, due_at=at + int(delay_s * 1000)
        )
        held.progress = Progress(obstacle=obstacle)
        shop.poster.show(job, held.progress)
        return job

    async def _uncertain(self, job: Job, detail: str) -> Job:
        job = await self._workshop.database.run(
            store.move,
            job,
            JobState.UNCERTAIN,
            at=self._workshop.now(),
            failure=Failure.UNCERTAIN,
            failure_detail=detail,
        )
        log.error("submit outcome unknown: not repeated, credits released", job=job.id, reason=detail)
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

    async def _post_card(self, job: Job) -> PostedCard:
        poster = self._workshop.poster
        try:
            return await poster.post_card(job, await self._input_files(job))
        except UploadTooLarge as error:
            # Each file fits, all of them together do not: RunComfy gets the member's own links instead.
            log.warning("card without its inputs", job=job.id, reason=error.reason)
            return await poster.post_card(job, {})

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
