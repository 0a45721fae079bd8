"""Cancelling, honestly: what was asked for, and what became of it."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from bot.clock import Now
from bot.database import Database
from bot.jobs import store
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState

#: RunComfy is asked by the job's own worker. How often (s) and how many times its answer is looked for:
_LOOK_EVERY_S = 0.25
_LOOKS = 40


class CancelOutcome(StrEnum):
    """What became of the wish to cancel a job."""

    CANCELLED = "cancelled"  # it will not be made, and costs nothing
    WITHHELD = "withheld"  # RunComfy makes it and charges for it, but it will not be posted
    TOO_LATE = "too-late"  # RunComfy is making it already and does not stop
    ASKED = "asked"  # RunComfy has not answered yet
    OVER = "over"  # it had ended before


class Canceller:
    """Cancels jobs for members and moderators, whichever process works on them."""

    def __init__(self, database: Database, *, wake: Callable[[str], None], now: Now) -> None:
        """`wake` interrupts the pause of a job that is in the hands of this process's tracker."""
        self._database = database
        self._wake = wake
        self._now = now

    async def cancel(self, job_id: str, *, by: int, withhold: bool = False) -> tuple[CancelOutcome, Job]:
        """Cancel a job for the user `by`, and wait some seconds for RunComfy's answer where it takes one.

        With `withhold`, which is for moderators, a video that can no longer be stopped is not posted.

        Raises:
            StaleJob: there is no such job, or it moved on at this very moment.
        """
        before = await self._database.run(store.get, job_id)
        if before.ended:
            return CancelOutcome.OVER, before
        job = await self._database.run(store.request_cancel, job_id, by=by, at=self._now(), withhold=withhold)
        self._wake(job_id)
        for _ in range(_LOOKS):
            if job.ended or _too_late(job):
                break
            await asyncio.sleep(_LOOK_EVERY_S)
            job = await self._database.run(store.get, job_id)
        return _outcome(job), job


def _outcome(job: Job) -> CancelOutcome:
    if job.state is JobState.CANCELLED:
        withheld = job.failure == Failure.WITHHELD
        return CancelOutcome.WITHHELD if withheld else CancelOutcome.CANCELLED
    if job.ended:
        return CancelOutcome.OVER
    return CancelOutcome.TOO_LATE if _too_late(job) else CancelOutcome.ASKED


def _too_late(job: Job) -> bool:
    """A finished video is posted, unless it is to be withheld and nobody has begun to post it."""
    if job.state is JobState.RENDERED:
        return not job.withhold or job.posting_since is not None
    return job.cancel_requested_at is None
