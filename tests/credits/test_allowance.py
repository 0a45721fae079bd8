"""Allowances: a wallet is filled up once a period, on first use, and never over its cap."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from bot.credits import allowance, gifts, ledger
from bot.credits.allowance import next_period_at, period_name
from bot.credits.audit import audit
from bot.database import Database
from bot.schema import transfers
from bot.servers.tiers import Period, Tier
from tests.support.jobs import GUILD, MEMBER

DAY = 86_400_000
#: 2026-11-20, a Friday, 00:00 UTC.
FRIDAY = 1_795_132_800_000
WALLET = ledger.member_account(GUILD, MEMBER)
DAILY = Tier(allowance=10, cap=25)
WEEKLY = Tier(allowance=10, cap=25, period=Period.WEEK)


def refill(connection: Connection, tier: Tier, *, at: int, user_id: int = MEMBER) -> int:
    return allowance.refill(connection, guild_id=GUILD, user_id=user_id, tier=tier, at=at)


@pytest.mark.parametrize(
    ("period", "at", "name"),
    [
        (Period.DAY, FRIDAY, "2026-11-20"),
        (Period.DAY, FRIDAY - 1, "2026-11-19"),
        (Period.WEEK, FRIDAY, "2026-W47"),
        (Period.WEEK, FRIDAY + 3 * DAY - 1, "2026-W47"),
        (Period.WEEK, FRIDAY + 3 * DAY, "2026-W48"),
        # The first of January may still be in the old year's last week.
        (Period.WEEK, 1_798_761_600_000, "2026-W53"),
        (Period.DAY, 1_798_761_600_000, "2027-01-01"),
    ],
)
def test_a_period_is_a_day_or_an_iso_week_in_utc(period: Period, at: int, name: str) -> None:
    assert period_name(period, at) == name


@given(st.sampled_from(Period), st.integers(0, 4_000_000_000_000))
def test_the_name_of_a_period_never_repeats_later(period: Period, at: int) -> None:
    length = DAY if period is Period.DAY else 7 * DAY

    assert period_name(period, at) < period_name(period, at + length)
    assert len(period_name(period, at)) <= 16


@given(st.sampled_from(Period), st.integers(0, 4_000_000_000_000))
def test_the_next_period_begins_where_this_one_ends(period: Period, at: int) -> None:
    end = next_period_at(period, at)

    assert period_name(period, at) == period_name(period, end - 1) != period_name(period, end)


async def test_an_allowance_comes_once_a_day(database: Database) -> None:
    def story(connection: Connection) -> None:
        given = [refill(connection, DAILY, at=FRIDAY + hours * 3_600_000) for hours in (0, 1, 23, 24, 25)]

        assert given == [10, 0, 0, 10, 0]
        assert ledger.balance(connection, WALLET) == 20
        assert audit(connection) == []

    await database.run(story)


async def test_an_allowance_comes_once_a_week(database: Database) -> None:
    def story(connection: Connection) -> None:
        given = [refill(connection, WEEKLY, at=FRIDAY + days * DAY) for days in (0, 2, 3, 9, 10)]

        assert given == [10, 0, 10, 0, 5]

    await database.run(story)


async def test_a_wallet_is_filled_up_to_its_cap_and_not_emptied_above_it(database: Database) -> None:
    def story(connection: Connection) -> None:
        for at, before, expected in ((1, 20, 5), (2, 25, 0), (3, 40, 0), (4, 24, 1)):
            who = {"guild_id": GUILD, "user_id": MEMBER}
            missing = before - ledger.balance(connection, WALLET)
            move = gifts.grant if missing > 0 else gifts.revoke
            if missing:
                move(connection, **who, amount=abs(missing), reference=f"set-{at}", at=at)

            assert refill(connection, DAILY, at=FRIDAY + at * DAY) == expected
            assert ledger.balance(connection, WALLET) == before + expected

    await database.run(story)


async def test_a_full_wallet_has_had_its_allowance_for_the_period(database: Database) -> None:
    """Else a member could spend a full wallet down and be refilled on the very day."""

    def story(connection: Connection) -> None:
        who = {"guild_id": GUILD, "user_id": MEMBER}
        gifts.grant(connection, **who, amount=25, reference="full", at=1)
        assert refill(connection, DAILY, at=FRIDAY) == 0
        gifts.revoke(connection, **who, amount=25, reference="empty", at=2)

        assert refill(connection, DAILY, at=FRIDAY + 1) == 0
        assert refill(connection, DAILY, at=FRIDAY + DAY) == 10

    await database.run(story)


async def test_a_tier_without_an_allowance_does_not_use_the_period_up(database: Database) -> None:
    def story(connection: Connection) -> None:
        assert refill(connection, Tier(), at=FRIDAY) == 0
        assert refill(connection, DAILY, at=FRIDAY + 1) == 10

    await database.run(story)


async def test_a_better_tier_gives_nothing_more_in_the_same_period(database: Database) -> None:
    def story(connection: Connection) -> None:
        refill(connection, DAILY, at=FRIDAY)

        assert refill(connection, Tier(allowance=100, cap=100), at=FRIDAY + 1) == 0

    await database.run(story)


async def test_members_have_allowances_of_their_own(database: Database) -> None:
    def story(connection: Connection) -> None:
        assert [refill(connection, DAILY, at=FRIDAY, user_id=user) for user in (1, 2, 1)] == [10, 10, 0]

    await database.run(story)


async def test_two_hundred_first_uses_at_once_give_one_allowance(database: Database) -> None:
    given = await asyncio.gather(*(database.run(refill, DAILY, at=FRIDAY + number) for number in range(200)))

    assert sorted(given)[-2:] == [0, 10]
    assert await database.run(ledger.balance, WALLET) == 10
    count = select(func.count()).select_from(transfers)
    assert await database.run(lambda connection: connection.scalar(count)) == 1
