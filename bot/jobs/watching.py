"""While RunComfy works: ask, in good time, until the request has ended one way or the other."""

import asyncio
from contextlib import suppress

import structlog

from bot.errors import RequestNotFound, RunComfyError, Transient
from bot.jobs import store
from bot.jobs.failures import Failure, failure_of
from bot.jobs.job import Job
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.jobs.workshop import Held, Workshop
from bot.runcomfy import CancelOutcome, Phase, RequestResult

log = structlog.get_logger(__name__)

#: A request this young (s) may be unknown to the replica that answers.
NEWBORN_S = 60.0
#: How much longer (s) a request is asked for whose end RunComfy has announced and not yet told.
FINISHED_PATIENCE_S = 24 * 3600.0
_MICROUSD = 1_000_000


class Watcher:
    """Takes a job from `in_queue` to `rendered`, or to an end."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._polling = asyncio.Semaphore(workshop.bounds.polls)

    async def watch(self, held: Held) -> Job:
        """One pause and one question. Writes nothing where nothing has changed."""
        if await held.pause(self._delay_s(held)):
            held.job = await self._reread(held.job)
        if held.job.cancel_requested_at is not None:
            held.job = await self._cancel(held)
            if held.job.ended:
                return held.job
        try:
            job = await self._ask(held)
        except RequestNotFound as error:
            return await self._unknown_request(held, error)
        except RunComfyError as error:
            self._count_failure(held, error)
            job = held.job
        else:
            held.failures, held.retry_after_s, held.failing_since = 0, None, None
        return await self._expire(job) if not job.ended and self._out_of_patience(held, job) else job

    def _delay_s(self, held: Held) -> float:
        if held.job.cancel_requested_at is not None and not held.cancel_tried:
            return 0.0
        shop = self._workshop
        usual_s = shop.model_of(held.job).usual_seconds(held.job.options)
        delay_s = shop.schedule.delay_s(age_s=self._age_s(held.job), usual_s=usual_s)
        if not held.failures:
            return delay_s
        return max(delay_s, shop.backoff.delay_s(held.failures, at_least_s=held.retry_after_s))

    def _age_s(self, job: Job) -> float:
        since = job.submitted_at if job.submitted_at is not None else job.created_at
        return max(0.0, (self._workshop.now() - since) / 1000)

    def _overdue(self, job: Job) -> bool:
        return job.at_runcomfy and self._age_s(job) > self._workshop.bounds.job_timeout_s

    def _out_of_patience(self, held: Held, job: Job) -> bool:
        """Whether to give an overdue request up. A first failed question is no reason for it."""
        if not self._overdue(job):
            return False
        if held.finished:
            return self._age_s(job) > self._workshop.bounds.job_timeout_s + FINISHED_PATIENCE_S
        if held.failing_since is None:
            return True
        silent_s = (self._workshop.now() - held.failing_since) / 1000
        return silent_s > self._workshop.bounds.job_timeout_s

    def _count_failure(self, held: Held, error: RunComfyError) -> None:
        held.failures += 1
        if held.failing_since is None:
            held.failing_since = self._workshop.now()
        held.retry_after_s = error.retry_after_s if isinstance(error, Transient) else None
        log.warning(
            "status unknown for now",
            job=held.job.id,
            error=type(error).__name__,
            reason=error.reason,
            failures=held.failures,
            retry_after_s=held.retry_after_s,
        )

    async def _ask(self, held: Held) -> Job:
        request_id = _request_id(held.job)
        async with self._polling:
            status = await self._workshop.runcomfy.status(request_id)
        match status.phase:
            case Phase.QUEUED:
                return await self._waiting(held, JobState.IN_QUEUE, status.queue_position)
            case Phase.RUNNING:
                return await self._waiting(held, JobState.IN_PROGRESS, None)
            case Phase.UNKNOWN:
                return held.job
            case _:
                held.finished = True
                async with self._polling:
                    result = await self._workshop.runcomfy.result(request_id)
                return await self._finished(held, result)

    async def _waiting(self, held: Held, state: JobState, position: int | None) -> Job:
        shop, job = self._workshop, held.job
        if job.state is not state:
            at = shop.now()
            started_at = at if state is JobState.IN_PROGRESS and not job.started_at else job.started_at
            job = await shop.database.run(store.move, job, state, at=at, started_at=started_at)
        held.progress = Progress(position=position)
        shop.poster.show(job, held.progress)
        return job

    async def _finished(self, held: Held, result: RequestResult) -> Job:
        """The status said *finished*; whether it succeeded is for the result to say."""
        cost = None if result.cost_usd is None else int(result.cost_usd * _MICROUSD)
        match result.phase:
            case Phase.FINISHED if result.video_urls:
                return await self._rendered(held, result.video_urls, cost)
            case Phase.FINISHED:
                return await self._end(held.job, JobState.FAILED, Failure.NO_VIDEO, result.error, cost)
            case Phase.FAILED:
                failure = failure_of(result.error)
                return await self._end(held.job, JobState.FAILED, failure, result.error, cost)
            case Phase.CANCELLED:
                failure = Failure.CANCELLED if held.job.cancel_requested_at else Failure.STOPPED
                return await self._end(held.job, JobState.CANCELLED, failure, result.error, cost)
            case _:
                return held.job

    async def _rendered(self, held: Held, urls: tuple[str, ...], cost: int | None) -> Job:
        shop = self._workshop
        at = shop.now()
        if len(urls) > 1:
            log.warning("several videos, the first is posted", job=held.job.id, videos=len(urls))
        job = await shop.database.run(
            store.move,
            held.job,
            JobState.RENDERED,
            at=at,
            rendered_at=at,
            video_url=urls[0],
            cost_microusd=cost,
        )
        held.progress = Progress()
        shop.poster.show(job, held.progress)
        return job

    async def _end(
        self, job: Job, state: JobState, failure: Failure, detail: str | None, cost: int | None = None
    ) -> Job:
        log.info("ended without a video", job=job.id, state=state, failure=failure, detail=detail)
        return await self._workshop.database.run(
            store.move,
            job,
            state,
            at=self._workshop.now(),
            failure=failure,
            failure_detail=detail,
            cost_microusd=cost,
        )

    async def _unknown_request(self, held: Held, error: RequestNotFound) -> Job:
        if self._age_s(held.job) < NEWBORN_S and not self._overdue(held.job):
            self._count_failure(held, error)
            return held.job
        return await self._end(held.job, JobState.FAILED, Failure.REQUEST_GONE, error.reason)

    async def _cancel(self, held: Held) -> Job:
        """Ask RunComfy to drop the request. Only what still waits there can be dropped."""
        shop, job = self._workshop, held.job
        try:
            outcome = await shop.runcomfy.cancel(_request_id(job))
        except RunComfyError as error:
            held.cancel_tried = True
            log.warning("cancelling has to wait", job=job.id, reason=error.reason)
            return job
        held.cancel_tried = False
        if outcome is CancelOutcome.CANCELLED:
            return await self._end(job, JobState.CANCELLED, Failure.CANCELLED, None)
        if job.withhold:
            # It goes on at RunComfy, and is charged; here it ends, and will not be posted.
            return await self._end(job, JobState.CANCELLED, Failure.WITHHELD, None)
        return await shop.database.run(store.refuse_cancel, job, at=shop.now())

    async def _expire(self, job: Job) -> Job:
        """Give a request up; where RunComfy calls it off in time, nothing is made and nothing charged."""
        failure = Failure.TIMED_OUT
        with suppress(RunComfyError):
            if await self._workshop.runcomfy.cancel(_request_id(job)) is CancelOutcome.CANCELLED:
                failure = Failure.TIMED_OUT_WAITING
        return await self._end(job, JobState.EXPIRED, failure, None)

    async def _reread(self, job: Job) -> Job:
        fresh = await self._workshop.database.run(store.get, job.id)
        return store.same_hands(fresh, job)


def _request_id(job: Job) -> str:
    if job.request_id is None:
        raise AssertionError(f"job {job.id} is {job.state} without a request")
    return job.request_id
