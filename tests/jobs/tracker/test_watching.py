"""While RunComfy works: odd words and broken answers end nothing; what has ended there ends here, rightly."""

from dataclasses import replace

import pytest

from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.pauses import Remembering
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

BROKEN_READS = [fault for fault in Fault if fault.startswith("read-")]


@pytest.mark.parametrize("fault", BROKEN_READS)
async def test_a_broken_answer_is_asked_for_again(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.retry_after = "0"
    studio.runcomfy.faults.add(fault, times=1 if fault is Fault.READ_HANG else 5)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert studio.runcomfy.faults.hits[fault] >= 1


@pytest.mark.parametrize("fault", [Fault.TOKEN_EXPIRED, Fault.SOMEBODY_ELSES, Fault.PAYMENT_REQUIRED_402])
async def test_a_refusal_to_say_does_not_end_a_job_that_is_under_way(
    slow_studio: Studio, fault: Fault
) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.runcomfy.faults.add(fault, times=3)
    await until(lambda: studio.runcomfy.faults.hits[fault] == 3, what="three refusals")
    studio.rendering.advance(QUEUE_S + RENDER_S)

    await studio.reaches(job, JobState.DELIVERED)


async def test_an_unknown_word_is_no_end(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.runcomfy.faults.add(Fault.UNKNOWN_STATUS_WORD, times=5)
    await until(lambda: studio.runcomfy.faults.hits[Fault.UNKNOWN_STATUS_WORD] == 5, what="five odd words")
    assert (await studio.get(job)).state is JobState.IN_QUEUE
    studio.rendering.advance(QUEUE_S + RENDER_S)

    await studio.reaches(job, JobState.DELIVERED)


async def test_a_wait_that_runcomfy_asks_for_is_given(slow_studio: Studio) -> None:
    studio = slow_studio
    backoff = Remembering(first_s=0.01, longest_s=0.02)
    studio.workshop = replace(studio.workshop, backoff=backoff)
    studio.runcomfy.faults.retry_after = "30"
    await studio.open()
    await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.runcomfy.faults.add(Fault.READ_429_RETRY_AFTER)

    await until(lambda: 30.0 in backoff.asked, what="the wait that was asked for")


async def test_an_unknown_request_is_asked_for_again_while_it_is_young(slow_studio: Studio) -> None:
    studio = slow_studio
    studio.runcomfy.faults.add(Fault.GONE, times=None)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["status"] >= 4, what="four questions")
    assert (await studio.get(job)).state is JobState.IN_QUEUE

    studio.runcomfy.faults.clear()
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)


@pytest.mark.parametrize("fault", [Fault.GONE, Fault.RESULT_GONE])
async def test_a_request_that_is_gone_has_failed(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault, times=None)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["status"] >= 2, what="two questions")
    studio.clock.advance(61)
    job = await studio.reaches(job, JobState.FAILED)

    assert job.failure == Failure.REQUEST_GONE
    assert await studio.balance() == OPENING


@pytest.mark.parametrize(
    ("faults", "failure", "detail"),
    [
        ([Fault.FAILS_WITH_TEXT], Failure.RENDER_FAILED, "gave up"),
        ([Fault.FAILS_WITH_OBJECT], Failure.RENDER_FAILED, "gave up"),
        ([Fault.FAILS_WITHOUT_ERROR], Failure.RENDER_FAILED, None),
        ([Fault.FAILS_WITH_TEXT, Fault.STATUS_SAYS_FAILED], Failure.RENDER_FAILED, "gave up"),
        ([Fault.FAILS_WITH_TEXT, Fault.ODD_SPELLING], Failure.RENDER_FAILED, "gave up"),
        ([Fault.SENSITIVE_CONTENT], Failure.SENSITIVE, "SensitiveContentDetected"),
        ([Fault.SENSITIVE_CONTENT, Fault.RESULT_SAYS_COMPLETED], Failure.SENSITIVE, "SensitiveContent"),
        ([Fault.RESULT_WITHOUT_VIDEO], Failure.NO_VIDEO, None),
        ([Fault.RESULT_WITHOUT_OUTPUT], Failure.NO_VIDEO, None),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else None,
)
async def test_a_render_that_failed_costs_nothing_and_says_why(
    studio: Studio, faults: list[Fault], failure: Failure, detail: str | None
) -> None:
    for fault in faults:
        studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert job.failure == failure
    assert (job.failure_detail is None) if detail is None else detail in (job.failure_detail or "")
    assert await studio.balance() == OPENING
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 0)


async def test_a_request_that_runcomfy_drops_by_itself_is_cancelled_here(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await studio.workshop.runcomfy.cancel(job.request_id or "")
    job = await studio.reaches(job, JobState.CANCELLED)

    assert job.failure == Failure.STOPPED
    assert await studio.balance() == OPENING


async def test_a_render_that_never_finishes_expires(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.NEVER_FINISHES)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_PROGRESS)
    studio.clock.advance(studio.workshop.bounds.job_timeout_s)
    await _asked_again(studio)
    assert (await studio.get(job)).state is JobState.IN_PROGRESS

    studio.clock.advance(1)
    await _expires(studio, job)


async def test_patience_ends_while_runcomfy_cannot_be_reached(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.clock.advance(10)
    await studio.runcomfy.refuse_connections()
    await until(lambda: _failures(studio, job) >= 1, what="the last answer under way")
    studio.clock.advance(studio.workshop.bounds.job_timeout_s - 5)
    asked = _failures(studio, job)
    await until(lambda: _failures(studio, job) >= asked + 2, what="questions without an answer")
    assert (await studio.get(job)).state is JobState.IN_QUEUE
    studio.clock.advance(10)

    await _expires(studio, job)


async def test_one_failed_question_after_a_long_silence_gives_nothing_up(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await _long_silence(studio)
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await until(lambda: _failures(studio, job) >= 1, what="a question without an answer")
    await studio.runcomfy.accept_connections()

    await studio.reaches(job, JobState.DELIVERED)


async def _long_silence(studio: Studio) -> None:
    """RunComfy cannot be reached, and nobody has asked for longer than a job may take.

    The bot is down meanwhile: otherwise a question that was just answered meets the time that has passed.
    """
    await studio.stop()
    await studio.runcomfy.refuse_connections()
    studio.clock.advance(studio.workshop.bounds.job_timeout_s + 1)
    await studio.open()


def _failures(studio: Studio, job: Job) -> int:
    held = studio.tracker._held.get(job.id)
    return held.failures if held else 0


async def test_a_request_given_up_while_it_waits_is_taken_out_of_runcomfys_queue(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.clock.advance(studio.workshop.bounds.job_timeout_s + 1)
    await _expires(studio, job, Failure.TIMED_OUT_WAITING)

    assert studio.runcomfy.requests[job.request_id or ""].state.name == "CANCELLED"


async def test_a_job_that_goes_back_to_waiting_at_runcomfy_is_shown_waiting(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S)
    job = await studio.reaches(job, JobState.IN_PROGRESS)
    render = studio.runcomfy.requests[job.request_id or ""]
    state, render.state = render.state, type(render.state).QUEUED
    await studio.reaches(job, JobState.IN_QUEUE)
    render.state = state
    again = await studio.reaches(job, JobState.IN_PROGRESS)

    assert again.started_at == job.started_at


async def _asked_again(studio: Studio) -> None:
    before = studio.runcomfy.calls["status"]
    await until(lambda: studio.runcomfy.calls["status"] >= before + 2, what="two more questions")


async def _expires(studio: Studio, job: Job, failure: Failure = Failure.TIMED_OUT) -> None:
    job = await studio.reaches(job, JobState.EXPIRED)

    assert job.failure == failure
    assert await studio.balance() == OPENING
