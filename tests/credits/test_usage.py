"""What was spent and on what: the figures an operator sets prices by, and a member's own history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.credits import gifts, ledger, usage
from bot.credits.usage import ALWAYS, MemberUsage, Span, month_of
from bot.database import Database
from bot.jobs import store
from bot.jobs.states import ENDED, JobState
from tests.support.jobs import GUILD, MEMBER, MODEL, PRICE, accepted, in_state, moved_to, new_job

#: 2026-11-20, 00:00 UTC.
NOVEMBER = 1_795_132_800_000
DAY = 86_400_000
DECEMBER = NOVEMBER + 11 * DAY


def delivered(connection: Connection, *, at: int, cost: int | None = None, **changes: object) -> None:
    """A delivered video, for which RunComfy named a cost (millionths of a dollar)."""
    job = moved_to(connection, accepted(connection, new_job(**changes), at=at), JobState.RENDERED, at=at)
    store.move(connection, job, JobState.DELIVERED, at=at, cost_microusd=cost)


async def test_credits_stand_beside_dollars_for_each_server_month_and_model(database: Database) -> None:
    def story(connection: Connection) -> None:
        delivered(connection, at=NOVEMBER, cost=250_000)
        delivered(connection, at=NOVEMBER + DAY, cost=150_000)
        delivered(connection, at=DECEMBER - 1, price=3, model="seedance-1-0-lite")
        delivered(connection, at=DECEMBER, price=5)
        delivered(connection, at=DECEMBER, price=7, guild_id=GUILD + 1)

        found = usage.costs(connection)

        assert [(each.guild_id, each.month, each.model, each.credits, each.dollars) for each in found] == [
            (GUILD, "2026-11", "seedance-1-0-lite", 3, 0.0),
            (GUILD, "2026-11", MODEL, 16, 0.4),
            (GUILD, "2026-12", MODEL, 5, 0.0),
            (GUILD + 1, "2026-12", MODEL, 7, 0.0),
        ]

    await database.run(story)


async def test_of_what_ended_only_what_was_delivered_was_paid(database: Database) -> None:
    def story(connection: Connection) -> None:
        ends = sorted(ENDED - {JobState.REJECTED})
        for end in ends:
            in_state(connection, end, at=NOVEMBER)
        in_state(connection, JobState.IN_PROGRESS, at=NOVEMBER)

        [total] = usage.costs(connection, GUILD)

        assert (total.jobs, total.delivered, total.credits) == (len(ends), 1, PRICE)
        assert total.success_percent == 100 // len(ends)

    await database.run(story)


async def test_a_credit_costs_what_the_jobs_with_a_known_cost_say(database: Database) -> None:
    def story(connection: Connection) -> None:
        delivered(connection, at=NOVEMBER, cost=400_000)
        delivered(connection, at=NOVEMBER, price=100)

        [total] = usage.costs(connection)

        assert (total.priced, total.priced_credits) == (1, PRICE)
        assert total.dollars_per_credit == pytest.approx(0.4 / PRICE)

    await database.run(story)


async def test_nothing_paid_has_no_rate(database: Database) -> None:
    def story(connection: Connection) -> None:
        in_state(connection, JobState.FAILED, at=NOVEMBER)

        assert usage.costs(connection)[0].dollars_per_credit is None
        assert usage.costs(connection, GUILD + 1) == []

    await database.run(story)


async def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(database: Database) -> None:
    def story(connection: Connection) -> None:
        for at in (NOVEMBER - 1, NOVEMBER, NOVEMBER + 1):
            delivered(connection, at=at)

        assert sum(each.jobs for each in usage.costs(connection, span=ALWAYS)) == 3
        [total] = usage.costs(connection, span=Span(NOVEMBER, NOVEMBER + 1))
        assert total.jobs == 1

    await database.run(story)


@given(st.integers(0, 4_000_000_000_000))
def test_a_moment_is_in_the_span_of_its_month(at: int) -> None:
    span = Span.of_month(month_of(at))

    assert span.since <= at < span.until
    assert month_of(span.until) > month_of(at)


@pytest.mark.parametrize("month", ["2026-13", "november", "", "2026-11-20"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Span.of_month(month)


async def test_those_who_paid_most_come_first(database: Database) -> None:
    def story(connection: Connection) -> None:
        for user, prices in ((1, (5, 5)), (2, (11,)), (3, (10,)), (4, (50,))):
            for price in prices:
                guild = GUILD + 1 if user == 4 else GUILD
                delivered(connection, at=NOVEMBER, user_id=user, price=price, guild_id=guild)

        assert usage.top_members(connection, GUILD, span=ALWAYS, limit=3) == [
            MemberUsage(2, 1, 11),
            MemberUsage(1, 2, 10),
            MemberUsage(3, 1, 10),
        ]

    await database.run(story)


async def test_a_history_is_what_came_and_went_the_newest_first(database: Database) -> None:
    def story(connection: Connection) -> None:
        ledger.open_wallet(connection, guild_id=GUILD, user_id=MEMBER, grant=20, at=1)
        job = moved_to(connection, accepted(connection, opening=20, at=2), JobState.FAILED, at=3)
        gifts.give(connection, guild_id=GUILD, giver=MEMBER, receiver=9, amount=4, reference="g", at=4)

        found = usage.history(connection, GUILD, MEMBER, limit=10)

        assert [(each.reference, each.amount, each.at) for each in found] == [
            ("g", -4, 4),
            (f"release:{job.id}", PRICE, 3),
            (f"hold:{job.id}", -PRICE, 2),
            (f"opening:{GUILD}:{MEMBER}", 20, 1),
        ]
        assert sum(each.amount for each in found) == ledger.balance(
            connection, ledger.member_account(GUILD, MEMBER)
        )
        [received] = usage.history(connection, GUILD, 9, limit=1)
        assert (received.reference, received.amount) == ("g", 4)
        assert usage.history(connection, GUILD + 1, MEMBER, limit=10) == []

    await database.run(story)


async def test_pages_of_a_history_leave_nothing_out_however_much_happened_at_once(database: Database) -> None:
    def story(connection: Connection) -> None:
        for number in range(5):
            who = {"guild_id": GUILD, "user_id": MEMBER}
            gifts.grant(connection, **who, amount=1, reference=f"grant-{number}", at=7)

        pages = [usage.history(connection, GUILD, MEMBER, limit=2, skip=skip) for skip in (0, 2, 4, 6)]

        assert [len(page) for page in pages] == [2, 2, 1, 0]
        references = [each.reference for page in pages for each in page]
        assert references == [f"grant-{number}" for number in (4, 3, 2, 1, 0)]

    await database.run(story)
