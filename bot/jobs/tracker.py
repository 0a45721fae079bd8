"""The tracker: one loop that takes up jobs and brings each to its end, one persisted step at a time.

A new job and one found after a restart take the same way. What a process was doing when it died is in the
store; its jobs are claimed again when their leases run out.
"""

import asyncio
import secrets
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from bot.errors import DeliveryError, StaleJob, StoreUnavailable
from bot.jobs import claims, store
from bot.jobs.delivering import Deliverer
from bot.jobs.job import Job
from bot.jobs.probing import Prober
from bot.jobs.states import JobState
from bot.jobs.submitting import Submitter
from bot.jobs.telling import Teller
from bot.jobs.watching import Watcher
from bot.jobs.workshop import Held, Workshop
from bot.leading import Leadership

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The tracker's own times, in seconds.

    Attributes:
        look_s: how often the store is looked at when nobody wakes the tracker.
        lease_s: how long a job stays claimed by a worker that has gone silent.
        grace_s: how long a stop waits for submits and deliveries under way.
        stumble_s: how long a job rests after a step ended with an error nobody expected.
        catch_up_s: after the store was away for a lease, how long others have to renew theirs.
    """

    look_s: float = 1.0
    lease_s: float = 30.0
    grace_s: float = 5.0
    stumble_s: float = 30.0
    catch_up_s: float = 3.0


#: Steps that are better finished than repeated when the process is asked to stop.
_WORTH_FINISHING = frozenset({JobState.SUBMITTING, JobState.RENDERED})
#: How long (s) a stop waits for jobs to be given back and for direct messages under way.
_LAST_WORDS_S = 2.0
#: Jobs taken up at one look, so that a large backlog does not come all at once.
_CLAIM_LIMIT = 500


class Tracker:
    """Claims jobs, drives them, renews their leases."""

    def __init__(
        self, workshop: Workshop, *, rhythm: Rhythm | None = None, leadership: Leadership | None = None
    ) -> None:
        """`leadership`: shared with whatever else of this process only one process is to do."""
        self._workshop = workshop
        self._rhythm = rhythm or Rhythm()
        self._leadership = leadership or Leadership(
            workshop.database, now=workshop.now, lease_s=self._rhythm.lease_s
        )
        self.worker = f"worker-{secrets.token_hex(6)}"
        self._submitter = Submitter(workshop)
        self._watcher = Watcher(workshop)
        self._deliverer = Deliverer(workshop)
        self._prober = Prober(workshop, wake=self.wake, in_background=self._in_background)
        self._teller = Teller(workshop, worker=self.worker, leadership=self._leadership)
        self._held: dict[str, Held] = {}
        self._drives: dict[str, asyncio.Task[None]] = {}
        self._background: set[asyncio.Task[None]] = set()
        self._look = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._leases_end = 0
        self._stopping = False
        #: Rounds of the loop so far: where they do not go up any more, something is stuck.
        self.turns = 0

    @property
    def in_hand(self) -> int:
        """How many jobs this worker holds."""
        return len(self._held)

    def wake(self, job_id: str | None = None) -> None:
        """Look at the store now; with an id, also interrupt that job's pause."""
        self._look.set()
        if job_id is not None and (held := self._held.get(job_id)):
            held.woken.set()

    async def run(self) -> None:
        """Work until `stop` is called. One call per tracker."""
        self._idle.clear()
        renewing = asyncio.create_task(self._renew_leases(), name="tracker-leases")
        try:
            while not self._stopping:
                self._look.clear()
                self.turns += 1
                try:
                    await self._prober.look()
                    await self._take_up()
                    await self._teller.look()
                except StoreUnavailable as error:
                    # Without the store nothing is taken up, so nothing is submitted.
                    log.error("store unavailable: nothing is taken up", reason=error.reason)
                await self._wait_for_work()
        finally:
            self._idle.set()
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def stop(self) -> None:
        """Finish what is better finished than repeated, let go of everything else, end."""
        self._stopping = True
        self._look.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._rhythm.grace_s):
                await self._idle.wait()  # what a look under way still claims has to be given back, too
                await self._finish_pressing()
        drives = list(self._drives.values())
        for drive in drives:
            drive.cancel()
        await asyncio.gather(*drives, return_exceptions=True)
        await asyncio.sleep(0)  # lets every drive's callback start giving its job back
        await asyncio.gather(self._finish_background(), self._teller.stop(patience_s=_LAST_WORDS_S))
        try:
            await self._leadership.give_up()
        except StoreUnavailable as error:
            log.warning("the lead is free when its lease ends", reason=error.reason)

    async def _finish_background(self) -> None:
        if self._background:
            await asyncio.wait(set(self._background), timeout=_LAST_WORDS_S)
        left = list(self._background)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _finish_pressing(self) -> None:
        pressing = [job_id for job_id, held in self._held.items() if _pressing(held) or _submitting(held)]
        for job_id in pressing:
            if _submitting(self._held[job_id]):
                self._held[job_id].woken.set()  # it may be resting before its next attempt
        if pressing:
            await asyncio.wait([self._drives[job_id] for job_id in pressing])

    # --- taking up --------------------------------------------------------------------------------

    async def _take_up(self) -> None:
        shop = self._workshop
        at, lease_ms = shop.now(), int(self._rhythm.lease_s * 1000)
        if at >= self._leases_end:
            # This process slept, or the store was away: it must not claim its jobs from itself, nor those
            # of others from hands that have just come back, too.
            silent = self._leases_end > 0
            await self._renew()
            if silent and self._rhythm.catch_up_s:
                await asyncio.sleep(self._rhythm.catch_up_s)
                at = shop.now()
        for job in await shop.database.run(
            claims.claim_due, worker=self.worker, at=at, lease_ms=lease_ms, limit=_CLAIM_LIMIT
        ):
            self._hold(job)
        for job in await shop.database.run(
            claims.claim_queued, worker=self.worker, at=at, lease_ms=lease_ms, places=shop.bounds.places
        ):
            self._hold(job)

    def _hold(self, job: Job) -> None:
        held = self._held[job.id] = Held(job, lease_s=self._rhythm.lease_s)
        drive = asyncio.create_task(self._drive(held), name=f"job-{job.id}")
        self._drives[job.id] = drive
        drive.add_done_callback(lambda done: self._let_go(held, done))

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(self._rhythm.look_s):
                await self._look.wait()
        except TimeoutError:
            pass

    # --- driving ----------------------------------------------------------------------------------

    async def _drive(self, held: Held) -> None:
        """Step by step, for as long as the job is this worker's."""
        unsure = False
        while self._is_ours(held.job) and not self._stopping_here(held):
            before = held.job.state
            try:
                # Where a write failed nobody knows what became of it: it is looked up before anything else.
                held.job = await (self._reread(held) if unsure else self._step(held))
                unsure = False
            except StaleJob:
                log.info("dropped: in other hands", job=held.job.id)
                return
            except (DeliveryError, StoreUnavailable) as error:
                unsure = unsure or isinstance(error, StoreUnavailable)
                held.failures += 1
                log.warning("step has to wait", job=held.job.id, reason=error.reason)
                await held.pause(self._workshop.backoff.delay_s(held.failures))
                continue
            if held.job.state is not before:
                held.failures = 0

    async def _reread(self, held: Held) -> Job:
        fresh = await self._workshop.database.run(store.get, held.job.id)
        return store.same_hands(fresh, held.job)

    async def _step(self, held: Held) -> Job:
        match held.job.state:
            case JobState.QUEUED | JobState.AWAITING_APPROVAL:
                return await self._before_the_submit(held)
            case JobState.SUBMITTING:
                return await self._submitter.recover(held)
            case JobState.IN_QUEUE | JobState.IN_PROGRESS:
                return await self._watcher.watch(held)
            case JobState.RENDERED:
                return await self._deliverer.deliver(held)
            case state:
                raise AssertionError(f"a job in {state} was claimed")

    def _is_ours(self, job: Job) -> bool:
        """Whether this worker has to go on with the job. Once it has ended, `worker` says who ended it."""
        return job.worker == self.worker and not job.ended

    async def _before_the_submit(self, held: Held) -> Job:
        if not self._workshop.can_submit(held.job):
            return await self._submitter.turn_away(held)
        if held.job.card_message_id is None:
            return await self._submitter.announce(held)
        if held.job.state is JobState.AWAITING_APPROVAL:
            return await self._submitter.ask_moderators(held)
        return await self._submitter.submit(held)

    def _stopping_here(self, held: Held) -> bool:
        return self._stopping and not _pressing(held)

    def _let_go(self, held: Held, drive: asyncio.Task[None]) -> None:
        if self._held.get(held.job.id) is held:
            del self._held[held.job.id], self._drives[held.job.id]
        self._look.set()
        error = None if drive.cancelled() else drive.exception()
        if error is not None:
            log.error("step failed unexpectedly", job=held.job.id, exc_info=error)
        if self._is_ours(held.job):
            rest_s = self._rhythm.stumble_s if error is not None else 0.0
            self._in_background(self._give_back(held.job, rest_s))

    async def _give_back(self, job: Job, rest_s: float) -> None:
        """Let go of a job that has not ended, to be taken up again after its rest."""
        shop = self._workshop
        try:
            await shop.database.run(store.give_back, job, due_at=shop.now() + int(rest_s * 1000))
        except StaleJob:
            log.info("already in other hands", job=job.id)
        except StoreUnavailable as error:
            log.error("not given back: claimed again when its lease ends", job=job.id, reason=error.reason)

    # --- upkeep -----------------------------------------------------------------------------------

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._rhythm.lease_s / 3)
            try:
                await self._renew()
            except StoreUnavailable as error:
                log.error("leases not renewed", reason=error.reason)

    async def _renew(self) -> None:
        shop = self._workshop
        until = shop.now() + int(self._rhythm.lease_s * 1000)
        renewed = await shop.database.run(claims.renew, list(self._held), worker=self.worker, until=until)
        self._leases_end = until
        for job_id in renewed.kept & self._held.keys():
            self._held[job_id].lease_ends = until
        for job_id in renewed.lost & self._drives.keys():
            if self._held[job_id].job.state is JobState.SUBMITTING:
                continue  # the answer to a submit is worth waiting for, whoever has the job
            # This process was silent for longer than a lease: what it was about to do another one does.
            log.warning("job lost to another worker", job=job_id)
            self._drives[job_id].cancel()
        if freed := await shop.database.run(claims.free_overdue_rests, at=shop.now()):
            log.warning("jobs were to wait longer than any pause lasts: a clock ran ahead", jobs=freed)
        for job_id in renewed.wanted & self._held.keys():
            self._held[job_id].woken.set()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _pressing(held: Held) -> bool:
    return held.job.state in _WORTH_FINISHING


def _submitting(held: Held) -> bool:
    """The submit has begun, before its state is known to be written: cut off here, it counts as uncertain."""
    return held.job.state is JobState.QUEUED and held.job.card_message_id is not None
