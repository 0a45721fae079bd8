"""Credits that people move: whole or not at all, once a reference, and never out of nothing by a member."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.credits import gifts, ledger
from bot.credits.audit import audit
from bot.credits.gifts import Granted
from bot.database import Database
from bot.errors import InsufficientCredits, ReferenceTaken
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted

FRIEND = MEMBER + 1


def grant(connection: Connection, amount: int, *, reference: str = "grant", user_id: int = MEMBER) -> Granted:
    return gifts.grant(connection, guild_id=GUILD, user_id=user_id, amount=amount, reference=reference, at=1)


def revoke(connection: Connection, amount: int, *, reference: str = "revoke") -> int:
    return gifts.revoke(connection, guild_id=GUILD, user_id=MEMBER, amount=amount, reference=reference, at=1)


def give(connection: Connection, amount: int, *, reference: str = "gift", receiver: int = FRIEND) -> int:
    return gifts.give(
        connection,
        guild_id=GUILD,
        giver=MEMBER,
        receiver=receiver,
        amount=amount,
        reference=reference,
        at=1,
    )


def wallets(connection: Connection) -> list[int]:
    accounts = (ledger.member_account(GUILD, user) for user in (MEMBER, FRIEND))
    return [ledger.balance(connection, account) for account in accounts]


async def test_a_gift_leaves_one_wallet_and_reaches_the_other(database: Database) -> None:
    def story(connection: Connection) -> None:
        grant(connection, 10)

        assert give(connection, 4) == 6
        assert wallets(connection) == [6, 4]
        assert audit(connection) == []

    await database.run(story)


async def test_nobody_gives_more_than_they_have(database: Database) -> None:
    await database.run(grant, 10)

    with pytest.raises(InsufficientCredits) as refused:
        await database.run(give, 11)

    assert (refused.value.needed, refused.value.available) == (11, 10)
    assert await database.run(wallets) == [10, 0]


async def test_what_is_held_for_a_request_cannot_be_given_away(database: Database) -> None:
    await database.run(accepted, at=1, opening=PRICE + 3)

    with pytest.raises(InsufficientCredits) as refused:
        await database.run(give, 4)

    assert refused.value.available == 3


async def test_the_same_gift_told_twice_is_one_gift(database: Database) -> None:
    def story(connection: Connection) -> None:
        grant(connection, 10)

        assert [give(connection, 4), give(connection, 4)] == [6, 6]
        assert wallets(connection) == [6, 4]

    await database.run(story)


async def test_a_gift_to_oneself_is_no_gift(database: Database) -> None:
    await database.run(grant, 10)

    with pytest.raises(IntegrityError):
        await database.run(give, 4, receiver=MEMBER)

    assert await database.run(wallets) == [10, 0]


@pytest.mark.parametrize("amount", [0, -4])
async def test_a_gift_that_would_take_is_no_gift(database: Database, amount: int) -> None:
    await database.run(grant, 10)
    await database.run(grant, 10, reference="another", user_id=FRIEND)

    with pytest.raises(IntegrityError):
        await database.run(give, amount)

    assert await database.run(wallets) == [10, 10]


async def test_of_two_hundred_gifts_at_once_those_pass_that_are_covered(database: Database) -> None:
    await database.run(grant, 7)

    async def one(number: int) -> bool:
        try:
            await database.run(give, 1, reference=f"gift-{number}")
        except InsufficientCredits:
            return False
        return True

    answers = await asyncio.gather(*(one(number) for number in range(200)))

    assert sum(answers) == 7
    assert await database.run(wallets) == [0, 7]


async def test_a_grant_with_a_known_reference_gives_nothing(database: Database) -> None:
    def story(connection: Connection) -> None:
        assert grant(connection, 10) == Granted(10, is_new=True)
        assert grant(connection, 10) == Granted(10, is_new=False)

    await database.run(story)


async def test_a_reference_stands_for_one_grant_and_no_other(database: Database) -> None:
    def story(connection: Connection) -> None:
        grant(connection, 10)
        with pytest.raises(ReferenceTaken) as other_amount:
            grant(connection, 11)
        with pytest.raises(ReferenceTaken):
            grant(connection, 10, user_id=FRIEND)

        assert (other_amount.value.reference, other_amount.value.amount) == ("grant", 10)
        assert wallets(connection) == [10, 0]

    await database.run(story)


async def test_credits_are_revoked_down_to_nothing_and_no_further(database: Database) -> None:
    def story(connection: Connection) -> None:
        grant(connection, 10)

        assert revoke(connection, 4, reference="first") == 4
        assert revoke(connection, 4, reference="first") == 0
        assert revoke(connection, 50, reference="second") == 6
        assert revoke(connection, 50, reference="third") == 0
        assert wallets(connection) == [0, 0]
        assert audit(connection) == []

    await database.run(story)


async def test_what_is_held_for_a_request_stays_held_when_credits_are_revoked(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, at=1, opening=PRICE + 3)

        assert revoke(connection, 1000) == 3
        assert ledger.balance(connection, ledger.hold_account(job.id)) == PRICE
        assert audit(connection) == []

    await database.run(story)


@given(st.integers(0, 2**63), st.integers(0, 2**63), st.text(max_size=100))
def test_the_names_of_wallets_never_meet(guild: int, user: int, job_id: str) -> None:
    wallet = ledger.member_account(guild, user)

    assert wallet.split(":") == ["member", str(guild), str(user)]
    assert len(wallet) <= 80
    assert wallet not in (ledger.hold_account(job_id), ledger.spent_account(guild), ledger.WORLD)
