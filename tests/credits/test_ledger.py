"""The ledger, told as stories: who has what after each thing that can happen to a request."""

import asyncio

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.errors import InsufficientCredits
from bot.jobs import admission
from bot.jobs.states import JobState
from bot.schema import jobs, transfers
from tests.support.clock import Clock
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted, moved_to, new_job

WALLET = ledger.member_account(GUILD, MEMBER)
SPENT = ledger.spent_account(GUILD)
OPENING = 100


def balances(connection: Connection, *accounts: str) -> list[int]:
    return [ledger.balance(connection, account) for account in accounts]


def count_of_transfers(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(transfers)) or 0


def give(connection: Connection, amount: int, *, reference: str = "gift", user_id: int = MEMBER) -> None:
    ledger.transfer(
        connection,
        reference=reference,
        source=ledger.WORLD,
        destination=ledger.member_account(GUILD, user_id),
        amount=amount,
        at=1,
    )


async def test_an_account_nobody_has_used_is_empty(database: Database) -> None:
    assert await database.run(ledger.balance, WALLET) == 0


async def test_the_opening_grant_is_given_once_and_the_world_owes_it(database: Database) -> None:
    def story(connection: Connection) -> None:
        first = ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=OPENING, at=1)
        again = ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=OPENING, at=2)

        assert (first, again) == (OPENING, OPENING)
        assert balances(connection, ledger.WORLD, WALLET) == [-OPENING, OPENING]
        assert count_of_transfers(connection) == 1
        assert audit(connection) == []

    await database.run(story)


async def test_the_opening_grant_is_not_given_again_to_a_member_who_spent_it(database: Database) -> None:
    def story(connection: Connection) -> None:
        ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=PRICE, at=1)
        job = accepted(connection, opening=PRICE, at=1)
        moved_to(connection, job, JobState.DELIVERED, at=2)

        assert ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=PRICE, at=3) == 0

    await database.run(story)


async def test_a_member_has_a_wallet_in_each_server(database: Database) -> None:
    def story(connection: Connection) -> None:
        for guild in (GUILD, GUILD + 1):
            assert ledger.open_wallet(connection, guild_id=guild, user_id=MEMBER, grant=OPENING, at=1) == 100

        accepted(connection, at=2)

        assert balances(connection, WALLET, ledger.member_account(GUILD + 1, MEMBER)) == [100 - PRICE, 100]

    await database.run(story)


async def test_without_an_opening_grant_nothing_is_written(database: Database) -> None:
    def story(connection: Connection) -> None:
        assert ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=0, at=1) == 0
        assert count_of_transfers(connection) == 0

    await database.run(story)


async def test_a_delivered_video_costs_its_price_and_nothing_more(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, opening=OPENING, at=1)
        hold = ledger.hold_account(job.id)
        assert balances(connection, WALLET, hold, SPENT) == [OPENING - PRICE, PRICE, 0]

        moved_to(connection, job, JobState.DELIVERED, at=2)

        assert balances(connection, WALLET, hold, SPENT) == [OPENING - PRICE, 0, PRICE]
        assert audit(connection) == []

    await database.run(story)


@pytest.mark.parametrize(
    "end",
    [
        JobState.CANCELLED,
        JobState.FAILED,
        JobState.UNCERTAIN,
        JobState.EXPIRED,
        JobState.UNDELIVERABLE,
    ],
)
async def test_a_request_without_a_delivered_video_costs_nothing(database: Database, end: JobState) -> None:
    def story(connection: Connection) -> None:
        job = moved_to(connection, accepted(connection, opening=OPENING, at=1), end, at=2)

        assert balances(connection, WALLET, ledger.hold_account(job.id), SPENT) == [OPENING, 0, 0]
        assert ledger.has_transfer(connection, f"release:{job.id}")
        assert audit(connection) == []

    await database.run(story)


async def test_too_little_credit_refuses_the_request_and_says_what_is_missing(database: Database) -> None:
    def story(connection: Connection) -> None:
        accepted(connection, opening=PRICE + 1, at=1)

    await database.run(story)
    with pytest.raises(InsufficientCredits) as refused:
        await database.run(story)

    assert (refused.value.needed, refused.value.available) == (PRICE, 1)
    assert await database.run(lambda connection: connection.scalar(select(func.count(jobs.c.id)))) == 1
    assert await database.run(ledger.balance, WALLET) == 1
    assert await database.run(audit) == []


async def test_the_last_credits_can_be_spent_to_the_last(database: Database) -> None:
    def story(connection: Connection) -> None:
        accepted(connection, opening=PRICE, at=1)

        assert ledger.balance(connection, WALLET) == 0

    await database.run(story)


@pytest.mark.parametrize("end", [JobState.DELIVERED, JobState.FAILED])
async def test_a_free_job_moves_nothing(database: Database, end: JobState) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, new_job(price=0), opening=0, at=1)
        moved_to(connection, job, end, at=2)

        assert count_of_transfers(connection) == 0
        assert audit(connection) == []

    await database.run(story)


async def test_a_hold_is_emptied_once_whoever_comes_second(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = moved_to(connection, accepted(connection, at=1), JobState.DELIVERED, at=2)
        before = count_of_transfers(connection)

        ledger.release(connection, job_id=job.id, guild_id=GUILD, user_id=MEMBER, at=3)
        ledger.capture(connection, job_id=job.id, guild_id=GUILD, at=3)

        assert count_of_transfers(connection) == before
        assert ledger.balance(connection, SPENT) == PRICE

    await database.run(story)


async def test_a_reference_moves_credits_once(database: Database) -> None:
    await database.run(give, 5)
    with pytest.raises(IntegrityError):
        await database.run(give, 5)

    assert await database.run(ledger.balance, WALLET) == 5
    assert await database.run(audit) == []


@pytest.mark.parametrize("amount", [0, -3])
async def test_a_transfer_moves_something_from_the_source_to_the_destination(
    database: Database, amount: int
) -> None:
    await database.run(give, 10)
    with pytest.raises(IntegrityError):
        await database.run(give, amount, reference="backwards")

    assert await database.run(ledger.balance, WALLET) == 10


async def test_a_transfer_needs_two_accounts(database: Database) -> None:
    def story(connection: Connection) -> None:
        give(connection, 10)
        ledger.transfer(connection, reference="round", source=WALLET, destination=WALLET, amount=5, at=1)

    with pytest.raises(IntegrityError):
        await database.run(story)


async def test_only_the_world_may_owe(database: Database) -> None:
    """The last line of defence is the store's own: it holds where the code above it is wrong."""

    def edit(connection: Connection) -> None:
        give(connection, 10)
        connection.exec_driver_sql("UPDATE accounts SET balance = -1 WHERE id <> 'world'")

    with pytest.raises(IntegrityError, match="balance_not_negative"):
        await database.run(edit)


async def test_of_two_hundred_requests_at_once_for_one_remaining_video_one_is_accepted(
    database: Database, clock: Clock
) -> None:
    async def ask() -> bool:
        try:
            await database.run(admission.admit, new_job(), opening_credits=PRICE, at=clock())
        except InsufficientCredits:
            return False
        return True

    answers = await asyncio.gather(*(ask() for _ in range(200)))

    assert sum(answers) == 1
    assert await database.run(ledger.balance, WALLET) == 0
    assert await database.run(lambda connection: connection.scalar(select(func.count(jobs.c.id)))) == 1
    assert await database.run(audit) == []
