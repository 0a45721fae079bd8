"""A submit whose outcome nobody knows: the member has the credits back, staff settle the budget."""

from pathlib import Path

import pytest

from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.stories.community import Community
from tests.stories.moderators import (
    NOT_PERMITTED,
    Moderator,
    anyone_may_try,
    asked,
    forged,
    labels_of,
    moderated,
    moderator_elsewhere,
    reaches,
    said,
)


async def uncertain(club: Community) -> Job:
    club.stage.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
    return await reaches(club, await asked(club), JobState.UNCERTAIN)


async def expect_open(club: Community, mo: Moderator, job: Job) -> None:
    assert (await club.job(job.id)).reconciled_at is None
    assert (await mo.budget()).held == 5


async def test_moderators_are_told_and_settle_it_from_the_notice(tmp_path: Path) -> None:
    async with moderated(tmp_path, budget=20) as (club, mo):
        job = await uncertain(club)
        notice = await mo.reads("The connection to RunComfy broke")
        assert labels_of(notice) == ["It was made", "It is not there"]
        assert await club.balance() == 100
        await expect_open(club, mo, job)

        answer = await mo.presses(notice, "It was made")

        assert "5 credits count against the month\u2019s budget" in said(answer)
        standing = await mo.budget()
        assert (standing.held, standing.spent, standing.left) == (0, 5, 15)
        assert labels_of(await mo.reads("The connection to RunComfy broke")) == []
        await mo.reads("it was made at RunComfy and counts against the budget")


async def test_a_request_that_never_arrived_is_free_again(tmp_path: Path) -> None:
    async with moderated(tmp_path, budget=20) as (club, mo):
        job = await uncertain(club)
        [choice] = await mo.is_offered("reconcile", "job")
        assert choice["value"] == job.id

        answer = await mo.runs("reconcile", job=job.id, outcome="never-ran")

        assert "5 credits are free again" in answer
        standing = await mo.budget()
        assert (standing.held, standing.spent, standing.left) == (0, 0, 20)
        assert await mo.is_offered("reconcile", "job") == []


async def test_it_is_settled_once(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job = await uncertain(club)
        await mo.runs("reconcile", job=job.id, outcome="ran")

        assert await mo.runs("reconcile", job=job.id, outcome="never-ran") == (
            "That job does not wait to be settled."
        )
        assert "does not wait to be settled" in await forged(mo.who, f"job:settle:ran:{job.id}")


@pytest.mark.parametrize("settlement", ["ran", "never-ran"])
async def test_nobody_else_can_settle_it(tmp_path: Path, settlement: str) -> None:
    async with moderated(tmp_path) as (club, mo):
        job = await uncertain(club)
        await mo.reads("The connection to RunComfy broke")
        await anyone_may_try(club)
        stranger = moderator_elsewhere(club.stage)

        assert await forged(club.member, f"job:settle:{settlement}:{job.id}") == NOT_PERMITTED
        assert "does not wait" in await stranger.runs("reconcile", job=job.id, outcome=settlement)
        await expect_open(club, mo, job)


async def test_a_job_that_is_not_uncertain_cannot_be_settled(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job = await reaches(club, await asked(club), JobState.DELIVERED)

        assert "does not wait" in await mo.runs("reconcile", job=job.id, outcome="never-ran")
        assert (await mo.budget()).spent == 5
