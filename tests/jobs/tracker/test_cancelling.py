"""Cancelling says honestly which of the things happened, and the books agree."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import pytest
import pytest_asyncio

from bot.jobs import cancelling, store
from bot.jobs.cancelling import Canceller, CancelOutcome
from bot.jobs.schedule import AdaptiveSchedule
from bot.jobs.states import JobState
from bot.jobs.tracker import Rhythm
from bot.jobs.workshop import Bounds
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import MEMBER, PRICE
from tests.support.studio import OPENING, Studio, through_turnstile
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """RunComfy's answer is looked for more often than a person would notice."""
    monkeypatch.setattr(cancelling, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(cancelling, "_LOOKS", 1000)


@pytest_asyncio.fixture(loop_scope="session")
async def gated(slow_studio: Studio) -> AsyncIterator[Studio]:
    """A slow studio whose calls to RunComfy can be held up."""
    async with AsyncExitStack() as stack:
        await through_turnstile(slow_studio, stack)
        yield slow_studio
        await slow_studio.stop()


async def test_a_job_that_waits_here_is_cancelled_at_once(studio: Studio) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=0))
    await studio.open()
    job = await studio.ask()
    await until(lambda: len(studio.board.cards) == 1, what="the card")
    outcome, job = await studio.canceller().cancel(job.id, by=MEMBER)

    assert (outcome, job.state) == (CancelOutcome.CANCELLED, JobState.CANCELLED)
    assert await studio.balance() == OPENING
    assert studio.runcomfy.calls["submit"] == 0


@pytest.mark.parametrize("fault", [None, Fault.CANCEL_WITHOUT_OUTCOME])
async def test_a_job_that_waits_at_runcomfy_is_taken_out_of_its_queue(
    slow_studio: Studio, fault: Fault | None
) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    if fault:
        studio.runcomfy.faults.add(fault)
    outcome, job = await studio.canceller().cancel(job.id, by=MEMBER)

    assert (outcome, job.state) == (CancelOutcome.CANCELLED, JobState.CANCELLED)
    assert studio.runcomfy.requests[job.request_id or ""].state.name == "CANCELLED"
    assert await studio.balance() == OPENING


async def test_a_job_that_is_being_rendered_goes_on_and_is_paid(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.ask()
    await studio.reaches(job, JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S)
    await studio.reaches(job, JobState.IN_PROGRESS)
    for _ in range(2):
        outcome, job = await studio.canceller().cancel(job.id, by=MEMBER)
        assert (outcome, job.state) == (CancelOutcome.TOO_LATE, JobState.IN_PROGRESS)
    studio.rendering.advance(RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)

    assert studio.videos_of(job) == 1
    assert await studio.balance() == OPENING - PRICE
    assert studio.runcomfy.calls["cancel"] == 2


async def test_a_queue_that_lets_nobody_go_is_too_late_too(slow_studio: Studio) -> None:
    studio = slow_studio
    studio.runcomfy.faults.add(Fault.NOT_CANCELLABLE)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    outcome, _ = await studio.canceller().cancel(job.id, by=MEMBER)

    assert outcome is CancelOutcome.TOO_LATE


async def test_a_video_that_is_there_is_delivered(studio: Studio) -> None:
    posting = studio.board.pause("post_video")
    await studio.open()
    job = await studio.ask()
    await posting.reached.wait()
    outcome, _ = await studio.canceller().cancel(job.id, by=MEMBER)
    posting.go_on.set()
    await studio.reaches(job, JobState.DELIVERED)

    assert outcome is CancelOutcome.TOO_LATE
    assert await studio.balance() == OPENING - PRICE


async def test_a_job_that_has_ended_is_over(studio: Studio) -> None:
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    outcome, after = await studio.canceller().cancel(job.id, by=MEMBER)

    assert (outcome, after.state, after.ended_at) == (CancelOutcome.OVER, JobState.DELIVERED, job.ended_at)


async def test_while_runcomfy_has_not_answered_that_is_the_answer(
    gated: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "_LOOKS", 3)
    await gated.open()
    job = await gated.reaches(await gated.ask(), JobState.IN_QUEUE)
    held = gated.turnstile.pause("cancel")
    outcome, _ = await gated.canceller().cancel(job.id, by=MEMBER)
    assert outcome is CancelOutcome.ASKED

    held.go_on.set()
    await gated.reaches(job, JobState.CANCELLED)


async def test_a_job_that_fails_while_somebody_waits_to_cancel_it_is_over(gated: Studio) -> None:
    gated.runcomfy.faults.add(Fault.FAILS_WITH_TEXT)
    await gated.open()
    job = await gated.reaches(await gated.ask(), JobState.IN_QUEUE)
    gated.turnstile.answer("cancel", 500)
    gated.rendering.advance(QUEUE_S + RENDER_S)
    outcome, job = await gated.canceller().cancel(job.id, by=MEMBER)

    assert (outcome, job.state) == (CancelOutcome.OVER, JobState.FAILED)


async def test_a_cancel_that_runcomfy_does_not_take_is_asked_again_in_its_turn(gated: Studio) -> None:
    """Not over and over without a pause: the poll schedule is asked for each wait."""
    schedule = Remembering(share=0.1, shortest_s=0.001, longest_s=0.002)
    gated.workshop = replace(gated.workshop, schedule=schedule)
    gated.turnstile.answer("cancel", 403)
    await gated.open()
    job = await gated.reaches(await gated.ask(), JobState.IN_QUEUE)
    asked = len(schedule.asked)
    await gated.database.run(store.request_cancel, job.id, by=MEMBER, at=gated.clock())
    gated.tracker.wake(job.id)
    await until(lambda: gated.turnstile.passed["cancel"] >= 5, what="five attempts")
    attempts = gated.turnstile.passed["cancel"]
    assert len(schedule.asked) - asked >= attempts - 1

    gated.turnstile.answer("cancel", None)
    await gated.reaches(job, JobState.CANCELLED)


@pytest.mark.parametrize("refused", [False, True])
async def test_a_job_cancelled_in_the_middle_of_its_submit_is_cancelled_after_it(
    gated: Studio, *, refused: bool
) -> None:
    """Taken on, it is taken out of RunComfy's queue; refused, it does not come back into ours."""
    submitting = gated.turnstile.pause("submit")
    if refused:
        gated.turnstile.answer("submit", 429)
    await gated.open()
    job = await gated.ask()
    await submitting.reached.wait()
    await gated.database.run(store.request_cancel, job.id, by=MEMBER, at=gated.clock())
    submitting.go_on.set()
    await gated.reaches(job, JobState.CANCELLED)

    assert gated.submits_of(job) == (0 if refused else 1)
    assert await gated.balance() == OPENING


async def test_a_wish_that_another_process_wrote_down_is_noticed(slow_studio: Studio) -> None:
    """Nobody wakes this tracker: it learns of the wish when it prolongs its leases."""
    studio = slow_studio
    studio.workshop = replace(
        studio.workshop, schedule=AdaptiveSchedule(share=1, shortest_s=300, longest_s=300)
    )
    await studio.open(rhythm=Rhythm(look_s=0.02, lease_s=0.06))
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    elsewhere = Canceller(studio.database, wake=lambda _: None, now=studio.clock)
    outcome, _ = await elsewhere.cancel(job.id, by=MEMBER)

    assert outcome is CancelOutcome.CANCELLED


@dataclass(frozen=True)
class Remembering(AdaptiveSchedule):
    """A schedule that writes down how often it was asked."""

    asked: list[float] = field(default_factory=list)

    def delay_s(self, *, age_s: float, usual_s: float) -> float:
        self.asked.append(age_s)
        return super().delay_s(age_s=age_s, usual_s=usual_s)
