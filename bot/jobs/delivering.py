"""The last step: fetch the video at once, post it exactly once, settle."""

import asyncio
from functools import partial
from pathlib import Path

import structlog

from bot.catalog.media import MediaKind
from bot.errors import (
    DISK,
    DeliveryError,
    DiscordUnavailable,
    DownloadFailed,
    MediaError,
    MediaUnreadable,
    UploadTooLarge,
)
from bot.jobs import store
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.poster import Progress
from bot.jobs.schedule import LONGEST_PAUSE_S
from bot.jobs.states import JobState
from bot.jobs.workshop import Held, Workshop

log = structlog.get_logger(__name__)

#: So many downloads that failed in a passing way are repeated soon; from then on there is one in ten minutes.
QUICK_TRIES = 8
#: From this failure on the card says that the file does not come.
TOLD_FROM = 3


class Deliverer:
    """Takes a job from `rendered` to an end."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._delivering = asyncio.Semaphore(workshop.bounds.deliveries)

    async def deliver(self, held: Held) -> Job:
        """One attempt; after a passing failure the job stays `rendered` and the pause is taken here."""
        if held.job.withhold and held.job.posting_since is None:
            # Asked for while it rendered, and RunComfy was done before it could be asked to stop.
            return await self._end(held.job, JobState.CANCELLED, Failure.WITHHELD, "")
        try:
            async with self._delivering:
                return await self._attempt(held)
        except MediaError as error:
            if not self._passes(held.job, error):
                failure = Failure.NOT_A_VIDEO if isinstance(error, MediaUnreadable) else Failure.VIDEO_GONE
                return await self._end(held.job, JobState.FAILED, failure, error.reason)
            return await self._fetch_later(held, error)
        except DeliveryError as error:
            if not isinstance(error, DiscordUnavailable) or await self._gives_up(held.job):
                return await self._undeliverable(held.job, error)
            reason = error.reason
        held.failures += 1
        log.warning("delivery has to wait", job=held.job.id, reason=reason, failures=held.failures)
        await held.pause(self._workshop.backoff.delay_s(held.failures))
        return held.job

    def _passes(self, job: Job, error: MediaError) -> bool:
        """Whether fetching the video again may help. Room on the own disk is waited for without end."""
        if not isinstance(error, DownloadFailed) or error.permanent:
            return False
        return _is_ours(error) or not self._out_of_patience(job)

    async def _fetch_later(self, held: Held, error: MediaError) -> Job:
        """The video is made and paid for: a host that does not hand it over now may do so in an hour."""
        held.failures += 1
        log.warning("video not fetched yet", job=held.job.id, reason=error.reason, failures=held.failures)
        if _is_ours(error) or held.failures >= TOLD_FROM:
            held.progress = Progress(obstacle="disk" if _is_ours(error) else "file")
            self._workshop.poster.show(held.job, held.progress)
        rare = held.failures >= QUICK_TRIES and not _is_ours(error)
        at_least_s = LONGEST_PAUSE_S if rare else None
        await held.pause(self._workshop.backoff.delay_s(held.failures, at_least_s=at_least_s))
        return held.job

    async def _attempt(self, held: Held) -> Job:
        shop = self._workshop
        message_id = None
        if held.job.posting_since is not None:
            # An earlier attempt got as far as posting: look before anything is fetched or sent again.
            message_id = await shop.poster.find_video(held.job)
            if message_id is None and held.job.withhold:
                return await self._end(held.job, JobState.CANCELLED, Failure.WITHHELD, "")
        if message_id is None:
            message_id = await self._post(held)
        job = await shop.database.run(
            store.move, held.job, JobState.DELIVERED, at=shop.now(), result_message_id=message_id
        )
        log.info("delivered", job=job.id, message=message_id)
        await asyncio.to_thread(shop.video_path(job).unlink, missing_ok=True)
        return job

    async def _post(self, held: Held) -> int:
        shop = self._workshop
        video = await self._fetch(held.job)
        if held.job.posting_since is None:
            at = shop.now()
            held.job = await shop.database.run(store.note, held.job, at=at, posting_since=at)
        return await shop.poster.post_video(held.job, video, sure=partial(shop.make_sure, held))

    async def _fetch(self, job: Job) -> Path:
        """The video on disk, looked at: what is not a video is never posted."""
        shop = self._workshop
        path = shop.video_path(job)
        if not path.exists():
            _make_folder(path.parent)
            # Under its own name only once it has been looked at: a stop may come in between.
            # By the fence, too: another worker may be fetching the same video, if this one was silent.
            unseen = path.with_name(f"{path.name}.{job.fence}.unseen")
            url = job.video_url or ""
            await shop.outputs.fetch(url, unseen, max_bytes=shop.bounds.video_bytes)
            try:
                await self._check_is_video(unseen)
            except MediaUnreadable:
                await asyncio.to_thread(unseen.unlink, missing_ok=True)
                raise
            await asyncio.to_thread(unseen.replace, path)
        return path

    async def _check_is_video(self, path: Path) -> None:
        facts = await self._workshop.media.probe(path)
        if facts.kind is not MediaKind.VIDEO:
            raise MediaUnreadable(facts.format or "unknown")

    async def _gives_up(self, job: Job) -> bool:
        """Whether a Discord that does not answer has been waited for long enough.

        An attempt whose answer was lost may have posted the video: only a look that does not find it counts.
        """
        if not self._out_of_patience(job):
            return False
        try:
            return await self._workshop.poster.find_video(job) is None
        except DeliveryError:
            return False

    def _out_of_patience(self, job: Job) -> bool:
        since = job.rendered_at if job.rendered_at is not None else job.updated_at
        return (self._workshop.now() - since) / 1000 > self._workshop.bounds.delivery_patience_s

    async def _undeliverable(self, job: Job, error: DeliveryError) -> Job:
        """The channel will not have it: it is free, and sent directly (`bot.jobs.telling`)."""
        failure = Failure.UPLOAD_TOO_LARGE if isinstance(error, UploadTooLarge) else Failure.CANNOT_POST
        return await self._end(job, JobState.UNDELIVERABLE, failure, error.reason)

    async def _end(self, job: Job, state: JobState, failure: Failure, detail: str) -> Job:
        log.warning("not delivered", job=job.id, state=state, failure=failure, detail=detail)
        return await self._workshop.database.run(
            store.move, job, state, at=self._workshop.now(), failure=failure, failure_detail=detail
        )


def _is_ours(error: MediaError) -> bool:
    """The disk is full or gone: nothing is wrong with the video."""
    return error.reason == DISK


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadFailed(DISK) from error
