"""What moderators do to jobs: once, in their own server, and with the credits where they belong."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.credits import budget, ledger
from bot.credits.audit import audit as audit_books
from bot.credits.budget import Month, Standing
from bot.database import Database
from bot.errors import StaleJob
from bot.jobs import claims, store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.moderation import audit, interventions
from bot.moderation.audit import Action
from bot.moderation.blocks import Block
from bot.moderation.interventions import Settlement
from bot.schema import metadata
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.jobs import GUILD, MEMBER, PRICE, REACHABLE, accepted, in_state, moved_to, new_job

BY = 9
OPENING = 1000
WALLET = ledger.member_account(GUILD, MEMBER)
CHECKED = ServerSettings(moderators_channel=5, approve_everything=True, tiers=(Tier(jobs_at_once=1000),))
BUDGET = 500

Intervention = Callable[[Connection, int, str], Job]


def approve(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.approve(connection, guild_id, job_id, by=BY, at=5)


def reject(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.reject(connection, guild_id, job_id, by=BY, reason="no boats", at=5)


def it_ran(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.reconcile(connection, guild_id, job_id, Settlement.RAN, by=BY, at=5)


def it_never_ran(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.reconcile(connection, guild_id, job_id, Settlement.NEVER_RAN, by=BY, at=5)


def take_down(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.take_down(connection, guild_id, job_id, by=BY, refund=False, reason="rude", at=5)


def refund(connection: Connection, guild_id: int, job_id: str) -> Job:
    return interventions.take_down(connection, guild_id, job_id, by=BY, refund=True, reason="rude", at=5)


#: Each with the one state it can be done in.
EVERY: dict[Intervention, JobState] = {
    approve: JobState.AWAITING_APPROVAL,
    reject: JobState.AWAITING_APPROVAL,
    it_ran: JobState.UNCERTAIN,
    it_never_ran: JobState.UNCERTAIN,
    take_down: JobState.DELIVERED,
    refund: JobState.DELIVERED,
}
EACH = pytest.mark.parametrize("intervene", EVERY, ids=lambda each: each.__name__)


def waiting(connection: Connection, *, at: int = 1) -> Job:
    """A job that waits for a moderator."""
    before = servers.load(connection, GUILD)
    servers.save(connection, GUILD, CHECKED, at=at)
    job = accepted(connection, at=at)
    servers.save(connection, GUILD, before, at=at)
    return job


def a_job(connection: Connection, state: JobState) -> Job:
    settings = ServerSettings(budget=BUDGET, tiers=(Tier(jobs_at_once=1000),))
    servers.save(connection, GUILD, settings, at=1)
    return waiting(connection) if state is JobState.AWAITING_APPROVAL else in_state(connection, state, at=1)


def everything(connection: Connection) -> list[Any]:
    return [[tuple(row) for row in connection.execute(select(each))] for each in metadata.sorted_tables]


def actions(connection: Connection) -> list[Action]:
    """What the trail says was done, the oldest first."""
    return [entry.action for entry in reversed(list(audit.trail(connection, GUILD)))]


# --- every one of them -----------------------------------------------------------------------------------


@EACH
async def test_an_intervention_finds_only_what_it_is_meant_for(
    database: Database, intervene: Intervention
) -> None:
    for state in {*REACHABLE, JobState.AWAITING_APPROVAL} - {EVERY[intervene]}:
        job = await database.run(a_job, state)
        before = await database.run(everything)

        with pytest.raises(StaleJob):
            await database.run(intervene, GUILD, job.id)

        assert await database.run(everything) == before


@EACH
async def test_no_intervention_reaches_into_another_server(
    database: Database, intervene: Intervention
) -> None:
    job = await database.run(a_job, EVERY[intervene])
    before = await database.run(everything)

    for guild_id in (GUILD + 1, 0, -GUILD):
        with pytest.raises(StaleJob):
            await database.run(intervene, guild_id, job.id)
    with pytest.raises(StaleJob):
        await database.run(intervene, GUILD, "nobody")

    assert await database.run(everything) == before
    assert (await database.run(intervene, GUILD, job.id)).id == job.id


@EACH
async def test_an_intervention_is_in_the_trail_with_who_what_and_whom(
    database: Database, intervene: Intervention
) -> None:
    job = await database.run(a_job, EVERY[intervene])
    await database.run(intervene, GUILD, job.id)

    entry = (await database.run(audit.trail, GUILD, limit=1))[0]
    assert (entry.actor_id, entry.job_id, entry.at, entry.guild_id) == (BY, job.id, 5, GUILD)
    assert await database.run(lambda connection: list(audit.trail(connection, GUILD + 1))) == []


@EACH
async def test_of_fifty_moderators_at_once_one_intervenes(
    database: Database, intervene: Intervention
) -> None:
    job = await database.run(a_job, EVERY[intervene])

    async def one() -> bool:
        try:
            await database.run(intervene, GUILD, job.id)
        except StaleJob:
            return False
        return True

    done = sum(await asyncio.gather(*(one() for _ in range(50))))

    # Taking down again changes nothing, and is no error.
    assert done == (50 if intervene in (take_down, refund) else 1)
    found = await database.run(actions)
    assert len(found) == len(set(found))
    assert await database.run(audit_books) == []


# --- approvals -------------------------------------------------------------------------------------------


async def test_an_approved_request_goes_on_with_its_credits_held(database: Database) -> None:
    job = await database.run(a_job, JobState.AWAITING_APPROVAL)

    approved = await database.run(approve, GUILD, job.id)

    assert (approved.state, approved.due_at, approved.worker) == (JobState.QUEUED, 5, None)
    assert approved.fence > job.fence
    assert await database.run(ledger.balance, WALLET) == OPENING - PRICE
    assert await database.run(actions) == [Action.APPROVED]


async def test_a_rejected_request_costs_nothing(database: Database) -> None:
    job = await database.run(a_job, JobState.AWAITING_APPROVAL)

    rejected = await database.run(reject, GUILD, job.id)

    assert (rejected.state, rejected.failure_detail) == (JobState.REJECTED, "no boats")
    assert await database.run(ledger.balance, WALLET) == OPENING
    assert await standing(database) == Standing(BUDGET, 0, 0)
    assert await database.run(audit_books) == []


@pytest.mark.parametrize("intervene", [approve, reject])
async def test_what_the_member_took_back_cannot_be_decided(
    database: Database, intervene: Intervention
) -> None:
    job = await database.run(a_job, JobState.AWAITING_APPROVAL)
    await database.run(store.request_cancel, job.id, by=MEMBER, at=4)

    with pytest.raises(StaleJob):
        await database.run(intervene, GUILD, job.id)

    assert await database.run(ledger.balance, WALLET) == OPENING


async def test_a_worker_that_holds_a_waiting_request_loses_it_to_the_decision(database: Database) -> None:
    job = await database.run(a_job, JobState.AWAITING_APPROVAL)
    [held] = await database.run(claims.claim_due, worker="w", at=2, lease_ms=1000, limit=5)
    await database.run(approve, GUILD, job.id)

    with pytest.raises(StaleJob):
        await database.run(store.move, held, JobState.EXPIRED, at=6)

    assert (await database.run(store.get, job.id)).state is JobState.QUEUED


# --- uncertain submits -----------------------------------------------------------------------------------


async def standing(database: Database) -> Standing:
    settings = await database.run(servers.load, GUILD)
    return await database.run(budget.standing, Month.at(GUILD, 1), settings.budget)


async def test_an_uncertain_submit_is_the_members_no_more_and_the_budgets_until_it_is_settled(
    database: Database,
) -> None:
    await database.run(a_job, JobState.UNCERTAIN)

    assert await database.run(ledger.balance, WALLET) == OPENING
    assert await standing(database) == Standing(BUDGET, PRICE, 0)
    assert await database.run(audit_books) == []


@pytest.mark.parametrize(("settle", "spent"), [(it_ran, PRICE), (it_never_ran, 0)])
async def test_a_settled_submit_is_spent_or_given_back_to_the_budget(
    database: Database, settle: Intervention, spent: int
) -> None:
    job = await database.run(a_job, JobState.UNCERTAIN)

    settled = await database.run(settle, GUILD, job.id)

    assert (settled.state, settled.reconciled_at) == (JobState.UNCERTAIN, 5)
    assert await standing(database) == Standing(BUDGET, 0, spent)
    assert await database.run(ledger.balance, WALLET) == OPENING
    assert await database.run(store.on_the_board, GUILD) == []
    assert await database.run(audit_books) == []


@pytest.mark.parametrize("first", [it_ran, it_never_ran])
@pytest.mark.parametrize("second", [it_ran, it_never_ran])
async def test_a_submit_is_settled_once(
    database: Database, first: Intervention, second: Intervention
) -> None:
    job = await database.run(a_job, JobState.UNCERTAIN)
    await database.run(first, GUILD, job.id)
    before = await database.run(everything)

    with pytest.raises(StaleJob):
        await database.run(second, GUILD, job.id)

    assert await database.run(everything) == before


@pytest.mark.parametrize("limit", [None, 0, 3, 900])
@pytest.mark.parametrize("settle", [it_ran, it_never_ran])
async def test_a_submit_can_be_settled_whatever_the_budget_has_become(
    database: Database, settle: Intervention, limit: int | None
) -> None:
    job = await database.run(a_job, JobState.UNCERTAIN)
    await database.run(servers.save, GUILD, ServerSettings(budget=limit), at=2)

    await database.run(settle, GUILD, job.id)

    assert (await standing(database)).held == 0
    assert await database.run(audit_books) == []


# --- videos taken down -----------------------------------------------------------------------------------


async def test_a_video_taken_down_stays_paid_for(database: Database) -> None:
    job = await database.run(a_job, JobState.DELIVERED)

    assert (await database.run(take_down, GUILD, job.id)).taken_down_at == 5
    assert await database.run(ledger.balance, WALLET) == OPENING - PRICE
    assert await database.run(actions) == [Action.TAKEN_DOWN]


@pytest.mark.parametrize("before", [[], [take_down], [refund]])
async def test_a_refund_is_given_once(database: Database, before: list[Intervention]) -> None:
    job = await database.run(a_job, JobState.DELIVERED)
    for earlier in before:
        await database.run(earlier, GUILD, job.id)

    for _ in range(2):
        await database.run(refund, GUILD, job.id)

    assert await database.run(ledger.balance, WALLET) == OPENING
    assert await database.run(ledger.balance, ledger.spent_account(GUILD)) == 0
    assert sorted(await database.run(actions)) == sorted([Action.TAKEN_DOWN, Action.REFUNDED])
    assert await database.run(audit_books) == []


async def test_a_refund_leaves_what_runcomfy_made_in_the_budget(database: Database) -> None:
    job = await database.run(a_job, JobState.DELIVERED)
    await database.run(refund, GUILD, job.id)

    assert await standing(database) == Standing(BUDGET, 0, PRICE)


async def test_a_free_video_has_nothing_to_refund(database: Database) -> None:
    def free(connection: Connection) -> Job:
        return moved_to(connection, accepted(connection, new_job(price=0), at=1), JobState.DELIVERED, at=1)

    job = await database.run(free)
    await database.run(refund, GUILD, job.id)

    assert await database.run(actions) == [Action.TAKEN_DOWN]


# --- members and the server ------------------------------------------------------------------------------


async def test_blocks_are_in_the_trail_with_their_reason(database: Database) -> None:
    await database.run(interventions.block, Block(GUILD, MEMBER, 90, "rude", BY, 5))
    assert await database.run(interventions.unblock, GUILD, MEMBER, by=BY, at=6)
    assert not await database.run(interventions.unblock, GUILD, MEMBER, by=BY, at=7)

    lifted, put = await database.run(lambda connection: list(audit.trail(connection, GUILD)))
    assert (lifted.action, lifted.target_id) == (Action.UNBLOCKED, MEMBER)
    assert (put.action, put.target_id) == (Action.BLOCKED, MEMBER)
    assert (put.detail["reason"], put.detail["until"]) == ("rude", 90)


async def test_a_pause_is_one_servers_and_keeps_its_other_settings(database: Database) -> None:
    await database.run(servers.save, GUILD, ServerSettings(budget=7), at=1)

    changed = [
        await database.run(interventions.pause, GUILD, paused=paused, by=BY, at=5)
        for paused in (False, True, True, False)
    ]

    assert changed == [False, True, False, True]
    assert await database.run(servers.load, GUILD) == ServerSettings(budget=7)
    assert not (await database.run(servers.load, GUILD + 1)).paused
    assert await database.run(actions) == [Action.PAUSED, Action.RESUMED]


async def test_open_jobs_are_found_for_one_member_of_one_server(database: Database) -> None:
    def story(connection: Connection) -> list[str]:
        mine = accepted(connection, at=1)
        accepted(connection, new_job(user_id=MEMBER + 1), at=1)
        accepted(connection, new_job(guild_id=GUILD + 1), at=1)
        in_state(connection, JobState.FAILED, at=1)
        later = waiting(connection, at=2)

        assert interventions.open_jobs_of(connection, GUILD, MEMBER) == [mine.id, later.id]
        return interventions.open_jobs_of(connection, GUILD + 1, MEMBER + 1)

    assert await database.run(story) == []
