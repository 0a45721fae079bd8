"""A request that waits for a moderator: asked about once, let go in time, and paid back in full."""

import pytest
from sqlalchemy import Connection

from bot.credits import budget
from bot.credits.budget import Month
from bot.errors import ChannelUnavailable, StaleJob
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.moderation import interventions
from bot.moderation.approvals import PATIENCE_MS
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.support.jobs import GUILD
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUDGET = 500


def approve_everything(connection: Connection) -> None:
    settings = ServerSettings(approve_everything=True, moderators_channel=5, budget=BUDGET)
    servers.save(connection, GUILD, settings, at=1)


async def held_in_budget(studio: Studio, at: int) -> int:
    standing = await studio.database.run(budget.standing, Month.at(GUILD, at), BUDGET)
    return standing.held


async def test_moderators_are_asked_once_and_nothing_is_submitted(studio: Studio) -> None:
    await studio.database.run(approve_everything)
    await studio.open()
    job = await studio.ask()
    await until(lambda: bool(studio.board.questions), what="the question")
    await studio.stop()
    await studio.open()
    studio.clock.advance(PATIENCE_MS / 1000 - 60)
    studio.tracker.wake()
    await until(lambda: studio.tracker.in_hand == 0, what="a quiet tracker")

    assert [question.job.id for question in studio.board.questions] == [job.id]
    assert (await studio.get(job)).state is JobState.AWAITING_APPROVAL
    assert studio.submits_of(job) == 0
    assert await studio.balance() == OPENING - job.price


async def test_a_request_that_nobody_answers_expires_and_costs_nothing(studio: Studio) -> None:
    await studio.database.run(approve_everything)
    await studio.open()
    job = await studio.ask()
    await until(lambda: bool(studio.board.questions), what="the question")
    assert await held_in_budget(studio, job.created_at) == job.price
    studio.clock.advance(PATIENCE_MS / 1000)
    studio.tracker.wake()

    expired = await studio.reaches(job, JobState.EXPIRED)

    assert expired.failure == Failure.NOT_APPROVED
    assert await studio.balance() == OPENING
    assert await held_in_budget(studio, job.created_at) == 0
    with pytest.raises(StaleJob):
        await studio.database.run(interventions.approve, GUILD, job.id, by=9, at=studio.clock())


async def test_an_approved_request_is_made_and_delivered(studio: Studio) -> None:
    await studio.database.run(approve_everything)
    await studio.open()
    job = await studio.ask()
    await until(lambda: bool(studio.board.questions), what="the question")

    await studio.database.run(interventions.approve, GUILD, job.id, by=9, at=studio.clock())
    studio.tracker.wake()
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)
    assert await studio.balance() == OPENING - job.price


async def test_a_moderators_channel_that_is_gone_keeps_the_request_waiting_in_order(studio: Studio) -> None:
    await studio.database.run(approve_everything)
    studio.board.refuse("post_question", ChannelUnavailable("gone"), times=None)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.board.calls["post_question"] > 0, what="an attempt to ask")
    await until(lambda: studio.tracker.in_hand == 0, what="a quiet tracker")

    assert (await studio.get(job)).state is JobState.AWAITING_APPROVAL
    await studio.database.run(interventions.reject, GUILD, job.id, by=9, reason="no", at=studio.clock())
    assert await studio.balance() == OPENING
