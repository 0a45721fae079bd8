"""The audit finds what was damaged on purpose, and says where."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, update

from bot.credits import budget, ledger
from bot.credits.audit import Discrepancy, audit
from bot.credits.budget import Month
from bot.database import Database
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.schema import accounts, jobs, transfers
from tests.support.jobs import GUILD, MEMBER, PRICE, REACHABLE, accepted, in_state, moved_to

WALLET = ledger.member_account(GUILD, MEMBER)
MONTH = Month.at(GUILD, 1)
BUDGET_HOLD = MONTH.account("budget-hold")


async def test_untouched_books_balance_whatever_has_happened(database: Database) -> None:
    def story(connection: Connection) -> None:
        for state in REACHABLE:
            in_state(connection, state, at=1)

        assert audit(connection) == []

    await database.run(story)


async def test_empty_books_balance(database: Database) -> None:
    assert await database.run(audit) == []


def edited_balance(connection: Connection, _job: Job) -> Discrepancy:
    connection.execute(update(accounts).where(accounts.c.id == WALLET).values(balance=accounts.c.balance + 7))
    return Discrepancy(WALLET, 1000 - PRICE, 1000 - PRICE + 7)


def deleted_transfer(connection: Connection, _job: Job) -> Discrepancy:
    connection.execute(delete(transfers).where(transfers.c.reference.startswith("opening:")))
    return Discrepancy(WALLET, -PRICE, 1000 - PRICE)


def edited_transfer(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(
        update(transfers).where(transfers.c.reference == f"hold:{job.id}").values(amount=PRICE - 1)
    )
    return Discrepancy(ledger.hold_account(job.id), PRICE - 1, PRICE)


def emptied_account(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(update(accounts).where(accounts.c.id == ledger.hold_account(job.id)).values(balance=0))
    return Discrepancy(ledger.hold_account(job.id), PRICE, 0)


def hold_without_a_job(connection: Connection, _job: Job) -> Discrepancy:
    ledger.hold(connection, job_id="nobody", guild_id=GUILD, user_id=MEMBER, amount=3, at=1)
    return Discrepancy(ledger.hold_account("nobody"), 0, 3)


def hold_of_an_ended_job(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(
        update(jobs).where(jobs.c.id == job.id).values(state=JobState.FAILED, due_at=None, ended_at=1)
    )
    return Discrepancy(ledger.hold_account(job.id), 0, PRICE)


def job_without_a_hold(connection: Connection, job: Job) -> Discrepancy:
    ledger.release(connection, job_id=job.id, guild_id=GUILD, user_id=MEMBER, at=1)
    return Discrepancy(ledger.hold_account(job.id), PRICE, 0)


def hold_of_another_price(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(price=PRICE + 2))
    return Discrepancy(ledger.hold_account(job.id), PRICE + 2, PRICE)


def edited_budget_balance(connection: Connection, _job: Job) -> Discrepancy:
    connection.execute(update(accounts).where(accounts.c.id == BUDGET_HOLD).values(balance=PRICE + 5))
    return Discrepancy(BUDGET_HOLD, PRICE, PRICE + 5)


def budget_hold_of_a_settled_job(connection: Connection, job: Job) -> Discrepancy:
    """An uncertain job that staff settled, whose budget was never given back."""
    moved_to(connection, job, JobState.UNCERTAIN, at=1)
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(reconciled_at=1))
    return Discrepancy(BUDGET_HOLD, 0, PRICE)


def budget_released_too_early(connection: Connection, job: Job) -> Discrepancy:
    budget.release(connection, MONTH, None, job_id=job.id, amount=PRICE, at=1)
    return Discrepancy(BUDGET_HOLD, PRICE, 0)


def budget_captured_too_early(connection: Connection, job: Job) -> Discrepancy:
    budget.capture(connection, MONTH, job_id=job.id, amount=PRICE, at=1)
    return Discrepancy(BUDGET_HOLD, PRICE, 0)


def budget_hold_of_another_month(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(update(jobs).where(jobs.c.id == job.id).values(created_at=40 * 86_400_000))
    return Discrepancy(BUDGET_HOLD, 0, PRICE)


def deleted_budget_transfer(connection: Connection, job: Job) -> Discrepancy:
    connection.execute(delete(transfers).where(transfers.c.reference == f"budget-hold:{job.id}"))
    return Discrepancy(BUDGET_HOLD, 0, PRICE)


def edited_spent_budget(connection: Connection, job: Job) -> Discrepancy:
    moved_to(connection, job, JobState.DELIVERED, at=1)
    account = MONTH.account("budget-spent")
    connection.execute(update(accounts).where(accounts.c.id == account).values(balance=0))
    return Discrepancy(account, PRICE, 0)


@pytest.mark.parametrize(
    "damage",
    [
        edited_budget_balance,
        budget_hold_of_a_settled_job,
        budget_released_too_early,
        budget_captured_too_early,
        budget_hold_of_another_month,
        deleted_budget_transfer,
        edited_spent_budget,
        edited_balance,
        deleted_transfer,
        edited_transfer,
        emptied_account,
        hold_without_a_job,
        hold_of_an_ended_job,
        job_without_a_hold,
        hold_of_another_price,
    ],
)
async def test_damage_is_found(database: Database, damage: Callable[[Connection, Job], Discrepancy]) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, at=1)
        assert audit(connection) == []

        expected = damage(connection, job)

        assert expected in audit(connection)

    await database.run(story)
