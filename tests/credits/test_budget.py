"""A server's budget: what a month may cost, whoever asks, and what becomes of it when the limit changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.credits import budget
from bot.credits.audit import audit
from bot.credits.budget import Month, Standing
from bot.credits.ledger import WORLD, balance
from bot.database import Database
from bot.errors import BudgetExhausted
from tests.support.jobs import GUILD

NOVEMBER = Month(GUILD, "2026-11")


def left(connection: Connection) -> int:
    return balance(connection, NOVEMBER.account("budget"))


@pytest.mark.parametrize(
    ("at_ms", "name"),
    [
        (1_793_491_199_999, "2026-10"),
        (1_793_491_200_000, "2026-11"),
        (1_796_083_199_999, "2026-11"),
        (1_796_083_200_000, "2026-12"),
    ],
)
def test_a_month_begins_and_ends_at_midnight_utc(at_ms: int, name: str) -> None:
    assert Month.at(GUILD, at_ms) == Month(GUILD, name)


@pytest.mark.parametrize(
    ("standing", "remaining", "percent"),
    [
        (Standing(None, 5, 5), None, 0),
        (Standing(100, 0, 0), 100, 0),
        (Standing(100, 30, 19), 51, 49),
        (Standing(3, 1, 1), 1, 66),
        (Standing(100, 60, 60), 0, 120),
        (Standing(0, 0, 0), 0, 100),
    ],
)
def test_what_is_left_and_how_much_that_is(standing: Standing, remaining: int | None, percent: int) -> None:
    assert (standing.left, standing.percent) == (remaining, percent)


@given(st.none() | st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000))
def test_a_month_is_full_exactly_when_nothing_is_left(limit: int | None, held: int, spent: int) -> None:
    standing = Standing(limit, held, spent)

    assert (standing.percent >= 100) == (standing.left == 0)


async def test_what_is_asked_for_is_held_and_then_spent(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, 20, job_id="a", amount=8, at=1)
        assert budget.standing(connection, NOVEMBER, 20) == Standing(20, 8, 0)
        assert left(connection) == 12

        budget.capture(connection, NOVEMBER, job_id="a", amount=8, at=2)

        assert budget.standing(connection, NOVEMBER, 20) == Standing(20, 0, 8)
        assert left(connection) == 12
        assert audit(connection) == []

    await database.run(story)


async def test_what_was_not_made_can_be_asked_for_again(database: Database) -> None:
    await database.run(budget.hold, NOVEMBER, 8, job_id="a", amount=8, at=1)
    with pytest.raises(BudgetExhausted) as full:
        await database.run(budget.hold, NOVEMBER, 8, job_id="b", amount=1, at=1)
    assert (full.value.needed, full.value.left) == (1, 0)

    await database.run(budget.release, NOVEMBER, 8, job_id="a", amount=8, at=2)
    await database.run(budget.hold, NOVEMBER, 8, job_id="b", amount=8, at=3)

    assert await database.run(budget.standing, NOVEMBER, 8) == Standing(8, 8, 0)


async def test_a_month_can_be_spent_to_the_last_credit_and_no_further(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, 10, job_id="a", amount=7, at=1)
        budget.hold(connection, NOVEMBER, 10, job_id="b", amount=3, at=1)
        budget.hold(connection, NOVEMBER, 10, job_id="free", amount=0, at=1)

        with pytest.raises(BudgetExhausted):
            budget.hold(connection, NOVEMBER, 10, job_id="c", amount=1, at=1)

    await database.run(story)


async def test_without_a_limit_spending_is_counted_all_the_same(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, None, job_id="a", amount=900, at=1)
        budget.capture(connection, NOVEMBER, job_id="a", amount=900, at=2)
        budget.hold(connection, NOVEMBER, None, job_id="b", amount=5, at=3)
        budget.release(connection, NOVEMBER, None, job_id="b", amount=5, at=4)

        assert budget.standing(connection, NOVEMBER, None) == Standing(None, 0, 900)
        assert balance(connection, WORLD) == -900
        assert left(connection) == 0

    await database.run(story)


async def test_a_limit_set_in_the_middle_of_a_month_counts_what_was_spent_before(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, None, job_id="a", amount=6, at=1)
        budget.fit_to_limit(connection, NOVEMBER, 10, at=2)
        assert left(connection) == 4

        with pytest.raises(BudgetExhausted) as full:
            budget.hold(connection, NOVEMBER, 10, job_id="b", amount=5, at=3)
        assert full.value.left == 4

    await database.run(story)


async def test_a_limit_below_what_is_used_stops_everything_and_takes_nothing_back(
    database: Database,
) -> None:
    def lower(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, 10, job_id="a", amount=6, at=1)
        budget.hold(connection, NOVEMBER, 10, job_id="b", amount=3, at=1)
        budget.fit_to_limit(connection, NOVEMBER, 5, at=2)

    await database.run(lower)
    assert await database.run(budget.standing, NOVEMBER, 5) == Standing(5, 9, 0)
    with pytest.raises(BudgetExhausted):
        await database.run(budget.hold, NOVEMBER, 5, job_id="c", amount=1, at=3)

    await database.run(budget.release, NOVEMBER, 5, job_id="a", amount=6, at=4)
    assert (await database.run(budget.standing, NOVEMBER, 5)).left == await database.run(left) == 2


async def test_a_limit_can_be_taken_away_and_given_back_while_requests_are_open(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, 10, job_id="a", amount=6, at=1)
        budget.fit_to_limit(connection, NOVEMBER, None, at=2)
        budget.hold(connection, NOVEMBER, None, job_id="b", amount=30, at=3)
        budget.release(connection, NOVEMBER, None, job_id="a", amount=6, at=4)
        budget.fit_to_limit(connection, NOVEMBER, 50, at=5)
        budget.release(connection, NOVEMBER, 50, job_id="b", amount=30, at=6)

        assert left(connection) == 50
        assert balance(connection, WORLD) == -50

    await database.run(story)


async def test_what_is_settled_twice_counts_once(database: Database) -> None:
    def hold_and_capture(connection: Connection) -> None:
        for job_id in ("a", "b"):
            budget.hold(connection, NOVEMBER, 10, job_id=job_id, amount=4, at=1)
        budget.capture(connection, NOVEMBER, job_id="a", amount=4, at=2)

    await database.run(hold_and_capture)
    with pytest.raises(IntegrityError):
        await database.run(budget.capture, NOVEMBER, job_id="a", amount=4, at=3)

    assert await database.run(budget.standing, NOVEMBER, 10) == Standing(10, 4, 4)


async def test_a_job_from_before_there_were_budgets_settles_without_them(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.capture(connection, NOVEMBER, job_id="old", amount=4, at=1)
        budget.release(connection, NOVEMBER, None, job_id="older", amount=4, at=1)

        assert budget.standing(connection, NOVEMBER, None) == Standing(None, 0, 0)

    await database.run(story)


async def test_months_and_servers_have_budgets_of_their_own(database: Database) -> None:
    def story(connection: Connection) -> None:
        budget.hold(connection, NOVEMBER, 5, job_id="a", amount=5, at=1)
        budget.hold(connection, Month(GUILD, "2026-12"), 5, job_id="b", amount=5, at=1)
        budget.hold(connection, Month(GUILD + 1, "2026-11"), 5, job_id="c", amount=5, at=1)

        with pytest.raises(BudgetExhausted):
            budget.hold(connection, NOVEMBER, 5, job_id="d", amount=1, at=1)

    await database.run(story)
