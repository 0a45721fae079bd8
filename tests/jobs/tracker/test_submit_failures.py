"""What can become of a submit: never a second one where the first may be running, never a payment for it."""

from functools import partial

import pytest

from bot.catalog import Catalogue
from bot.errors import ChannelUnavailable, DiscordUnavailable
from bot.jobs.circuit import PAUSE_S
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.support.jobs import PRICE, moved_to
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

#: Nobody can tell from outside whether these submits were taken on; most of them were.
AMBIGUOUS = {
    Fault.SUBMIT_RESET_BEFORE: 0,
    Fault.SUBMIT_REDIRECT: 0,
    Fault.SUBMIT_RESET_MIDDLE: 1,
    Fault.SUBMIT_RESET_AFTER: 1,
    Fault.SUBMIT_HANG: 1,
    Fault.SUBMIT_408: 1,
    Fault.SUBMIT_502_HTML: 1,
    Fault.SUBMIT_500_CODE: 1,
    Fault.SUBMIT_200_ERROR_CODE_AND_ID: 1,
    Fault.SUBMIT_MALFORMED_JSON: 1,
    Fault.SUBMIT_TRUNCATED_JSON: 1,
    Fault.SUBMIT_NOT_AN_OBJECT: 1,
    Fault.SUBMIT_EMPTY: 1,
    Fault.SUBMIT_OVERSIZED: 1,
    Fault.SUBMIT_WITHOUT_ID: 1,
    Fault.SUBMIT_BAD_ID: 1,
}
#: The operator has to do something; the job waits for it.
OPERATORS = {
    Fault.OUT_OF_FUNDS: "no-funds",
    Fault.PAYMENT_REQUIRED_402: "no-funds",
    Fault.TOKEN_EXPIRED: "token",
    Fault.UNAUTHORISED_401: "token",
    Fault.FORBIDDEN_403: "token",
}


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_an_ambiguous_submit_is_never_repeated_and_costs_the_member_nothing(
    studio: Studio, fault: Fault
) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.UNCERTAIN)

    assert job.failure == Failure.UNCERTAIN
    assert job.failure_detail
    assert studio.submits_of(job) == AMBIGUOUS[fault]
    assert await studio.balance() == OPENING
    assert studio.runcomfy.calls["submit"] == 1


async def test_life_goes_on_after_an_ambiguous_submit_and_nobody_comes_back_to_it(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.UNCERTAIN)
    await studio.reaches(await studio.ask(), JobState.DELIVERED)
    await studio.stop()
    await studio.open()
    await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert studio.runcomfy.calls["submit"] == 3
    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 0)


@pytest.mark.parametrize("fault", [Fault.SUBMIT_429, Fault.SUBMIT_429_RETRY_AFTER])
async def test_a_submit_that_certainly_was_not_taken_on_is_tried_again(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.obstacles(job) == {"unreachable"}, what="the obstacle on the card")
    waiting = await studio.get(job)
    assert (waiting.state, waiting.submitted_at) == (JobState.QUEUED, None)

    studio.clock.advance(1)
    studio.tracker.wake()
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.runcomfy.calls["submit"]) == (1, 2)
    assert await studio.balance() == OPENING - PRICE


async def test_while_nobody_listens_at_runcomfy_the_job_waits_and_nothing_is_lost(studio: Studio) -> None:
    await studio.runcomfy.refuse_connections()
    await studio.open()
    job = await studio.ask()
    for attempts in range(1, 4):
        await until(partial(_shown, studio, job, attempts), what="another attempt")
        studio.clock.advance(1)
        studio.tracker.wake()

    await studio.runcomfy.accept_connections()
    studio.clock.advance(1)
    studio.tracker.wake()
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.runcomfy.calls["submit"]) == (1, 1)


@pytest.mark.parametrize("fault", OPERATORS)
async def test_what_the_operator_has_to_settle_is_waited_for(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.obstacles(job) == {OPERATORS[fault]}, what="the obstacle on the card")
    waiting = await studio.get(job)

    assert waiting.state is JobState.QUEUED
    assert (waiting.due_at or 0) > studio.clock() + PAUSE_S * 1000
    assert await studio.balance() == OPENING - PRICE

    studio.clock.advance(PAUSE_S)
    studio.tracker.wake()
    await studio.reaches(job, JobState.DELIVERED)
    assert studio.submits_of(job) == 1


@pytest.mark.parametrize("fault", [Fault.UNKNOWN_MODEL, Fault.INPUT_REFUSED, Fault.SUBMIT_200_ERROR_CODE])
async def test_a_request_that_runcomfy_refuses_has_failed(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert (job.failure, studio.submits_of(job)) == (Failure.REFUSED, 0)
    assert job.failure_detail
    assert await studio.balance() == OPENING


async def test_a_job_found_in_the_middle_of_its_submit_is_uncertain(studio: Studio) -> None:
    """A process died between writing that it submits and writing what came of it."""
    job = await studio.ask()
    await studio.database.run(moved_to, job, JobState.SUBMITTING, at=studio.clock())

    await studio.open()
    job = await studio.reaches(job, JobState.UNCERTAIN)

    assert studio.runcomfy.calls["submit"] == 0
    assert await studio.balance() == OPENING


async def test_without_a_channel_to_post_in_nothing_is_submitted(studio: Studio) -> None:
    studio.board.refuse("input_links", ChannelUnavailable("gone"))
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert (job.failure, studio.runcomfy.calls["submit"]) == (Failure.CANNOT_POST, 0)
    assert await studio.balance() == OPENING


async def test_while_discord_does_not_answer_nothing_is_submitted(studio: Studio) -> None:
    studio.board.refuse("post_card", DiscordUnavailable("503"), times=2)
    studio.board.refuse("input_links", DiscordUnavailable("503"), times=3)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    assert (studio.board.calls["post_card"], studio.board.calls["input_links"]) == (3, 4)
    assert (studio.submits_of(job), len(studio.board.cards)) == (1, 1)


async def test_what_is_submitted_is_what_was_asked_for(studio: Studio) -> None:
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)
    (submit,) = studio.runcomfy.submits

    assert submit.request_id == job.request_id
    assert submit.model_id == job.model_id
    assert submit.payload == Catalogue.load()[job.model].payload(job.options, {})


def _shown(studio: Studio, job: Job, times: int) -> bool:
    return len(studio.board.shown[job.id]) >= times
