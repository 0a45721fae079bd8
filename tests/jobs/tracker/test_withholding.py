"""What a moderator has withheld is never posted, and the trail says who did what."""

import asyncio
from dataclasses import replace

import pytest

from bot.jobs import cancelling, store
from bot.jobs.cancelling import CancelOutcome
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.jobs.workshop import Bounds
from bot.moderation import audit
from bot.moderation.audit import Action, Entry
from bot.rehearsal.runcomfy import Fault
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import GUILD, MEMBER
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MODERATOR = 777


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "_LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(cancelling, "_LOOKS", 1000)


async def trail(studio: Studio) -> list[Entry]:
    return await studio.database.run(audit.trail, GUILD)


async def test_a_render_that_finishes_before_runcomfy_could_be_asked_is_not_posted(
    slow_studio: Studio,
) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.ask()
    await studio.reaches(job, JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S)
    await studio.reaches(job, JobState.IN_PROGRESS)
    # RunComfy answers no cancel, and the next thing it says is that the video is there.
    studio.runcomfy.faults.add(Fault.READ_429, times=None)
    asking = asyncio.create_task(studio.canceller().cancel(job.id, by=MODERATOR, withhold=True))
    await until(lambda: studio.runcomfy.calls["cancel"] > 0, what="the cancel")
    studio.rendering.advance(RENDER_S)
    studio.runcomfy.faults.clear()
    outcome, job = await asking

    assert (outcome, job.state, job.failure) == (
        CancelOutcome.WITHHELD,
        JobState.CANCELLED,
        Failure.WITHHELD,
    )
    assert studio.videos_of(job) == 0
    assert await studio.balance() == OPENING
    [entry] = await trail(studio)
    assert (entry.action, entry.actor_id, entry.target_id) == (Action.WITHHELD, MODERATOR, MEMBER)


async def test_a_finished_video_that_is_to_be_withheld_is_not_posted_after_a_crash(studio: Studio) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=0))
    await studio.open()
    job = await studio.ask()
    await until(lambda: len(studio.board.cards) == 1, what="the card")
    await studio.stop()
    run, at = studio.database.run, studio.clock()
    job = await run(store.move, await studio.get(job), JobState.SUBMITTING, at=at, submitted_at=at)
    job = await run(store.move, job, JobState.IN_QUEUE, at=at, request_id="r-1")
    await run(store.request_cancel, job.id, by=MODERATOR, at=at, withhold=True)
    job = await run(
        store.move, await studio.get(job), JobState.RENDERED, at=at, rendered_at=at, video_url="x"
    )

    await studio.open()
    job = await studio.reaches(job, JobState.CANCELLED)

    assert job.failure == Failure.WITHHELD
    assert studio.videos_of(job) == 0
    assert await studio.balance() == OPENING


async def test_a_moderators_wish_survives_the_refusal_of_the_members_own(slow_studio: Studio) -> None:
    studio = slow_studio
    await studio.open()
    job = await studio.ask()
    await studio.reaches(job, JobState.IN_QUEUE)
    await studio.stop()
    run, at = studio.database.run, studio.clock()
    members = await run(store.request_cancel, job.id, by=MEMBER, at=at)
    await run(store.request_cancel, job.id, by=MODERATOR, at=at, withhold=True)

    job = await run(store.refuse_cancel, members, at=at)

    assert job.withhold
    assert job.cancel_requested_at is not None


@pytest.mark.parametrize(("by", "told"), [(MEMBER, []), (MODERATOR, [Action.CANCELLED])])
async def test_the_trail_names_moderators_and_leaves_members_alone(
    studio: Studio, by: int, told: list[Action]
) -> None:
    studio.workshop = replace(studio.workshop, bounds=Bounds(places=0))
    await studio.open()
    job = await studio.ask()
    await until(lambda: len(studio.board.cards) == 1, what="the card")

    await studio.canceller().cancel(job.id, by=by)

    assert [(entry.action, entry.actor_id) for entry in await trail(studio)] == [(what, by) for what in told]


async def test_an_uncertain_submit_is_in_the_trail_from_the_moment_it_is_uncertain(studio: Studio) -> None:
    studio.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.UNCERTAIN)

    [entry] = await trail(studio)
    assert (entry.action, entry.actor_id, entry.job_id) == (Action.UNCERTAIN, audit.THE_BOT, job.id)
