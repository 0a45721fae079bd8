"""Admission: a request passes whole or leaves nothing, however many come at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select

from bot.credits import budget, ledger
from bot.credits.audit import audit as audit_books
from bot.credits.budget import Month
from bot.database import Database
from bot.errors import BudgetExhausted, InsufficientCredits, LimitReached, PromptFiltered, RequestRefused
from bot.jobs import admission, store
from bot.jobs.states import JobState
from bot.moderation import audit, filters, treasury
from bot.moderation.audit import THE_BOT, Action
from bot.moderation.filters import Kind, Verdict
from bot.schema import metadata
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.jobs import GUILD, MEMBER, PRICE, accepted, moved_to, new_job

OPENING = 1000
#: 2026-11-20 and a month later.
NOVEMBER = 1_795_132_800_000
DECEMBER = 1_797_724_800_000
MANY = Tier(jobs_at_once=1000)
WALLET = ledger.member_account(GUILD, MEMBER)


def set_up(connection: Connection, /, **settings: Any) -> None:
    servers.save(connection, GUILD, ServerSettings(**{"tiers": (MANY,), **settings}), at=1)


def everything(connection: Connection) -> list[Any]:
    return [[tuple(row) for row in connection.execute(select(each))] for each in metadata.sorted_tables]


async def ask(database: Database, *, at: int = NOVEMBER, opening: int = OPENING, **changes: Any) -> bool:
    """Whether the request was accepted."""
    try:
        await database.run(admission.admit, new_job(**changes), opening_credits=opening, at=at)
    except RequestRefused:
        return False
    return True


# --- all or nothing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "opening", "refusal"),
    [
        ({"paused": True}, OPENING, LimitReached),
        ({"budget": PRICE - 1}, OPENING, BudgetExhausted),
        ({"budget": 0}, OPENING, BudgetExhausted),
        ({"tiers": (Tier(allowance=3, cap=3),)}, 1, InsufficientCredits),
    ],
)
async def test_a_refused_request_leaves_nothing(
    database: Database, settings: dict[str, Any], opening: int, refusal: type[RequestRefused]
) -> None:
    await database.run(set_up, **settings)
    before = await database.run(everything)

    with pytest.raises(refusal):
        await database.run(admission.admit, new_job(), opening_credits=opening, at=NOVEMBER)

    assert await database.run(everything) == before


async def test_limits_are_told_before_the_filter_and_the_filter_before_credits(database: Database) -> None:
    await database.run(filters.add, GUILD, Kind.WORD, "harbour", Verdict.REFUSE, by=9, at=1)
    await database.run(set_up, paused=True)
    with pytest.raises(LimitReached):
        await database.run(admission.admit, new_job(), opening_credits=0, at=1)

    await database.run(set_up)
    with pytest.raises(PromptFiltered):
        await database.run(admission.admit, new_job(), opening_credits=0, at=1)


async def test_an_accepted_request_has_its_tiers_priority_and_the_allowance_it_needed(
    database: Database,
) -> None:
    gold = Tier(role_id=7, priority=4, allowance=PRICE, cap=PRICE)
    await database.run(set_up, tiers=(gold,))

    new = new_job(role_ids=(7,))
    job, is_new = await database.run(admission.admit, new, opening_credits=0, at=NOVEMBER)

    assert (job.priority, job.state, is_new) == (4, JobState.QUEUED, True)
    assert await database.run(ledger.balance, WALLET) == 0


@pytest.mark.parametrize("meanwhile", [{"paused": True}, {"budget": 0}, {"tiers": (Tier(jobs_at_once=1),)}])
async def test_an_interaction_told_again_is_its_job_whatever_the_limits_have_become(
    database: Database, meanwhile: dict[str, Any]
) -> None:
    new = new_job()
    job, _ = await database.run(admission.admit, new, opening_credits=OPENING, at=1)
    await database.run(set_up, **meanwhile)
    before = await database.run(everything)

    assert await database.run(admission.admit, new, opening_credits=OPENING, at=2) == (job, False)
    assert await database.run(everything) == before


# --- many at once ----------------------------------------------------------------------------------------


async def test_two_hundred_members_at_once_get_the_last_of_the_budget_once(database: Database) -> None:
    await database.run(set_up, budget=3 * PRICE - 1)
    assert await ask(database)

    answers = await asyncio.gather(*(ask(database, user_id=number) for number in range(200)))

    assert sum(answers) == 1
    standing = await database.run(budget.standing, Month.at(GUILD, NOVEMBER), 3 * PRICE - 1)
    assert (standing.held, standing.left) == (2 * PRICE, PRICE - 1)
    assert await database.run(audit_books) == []


async def test_two_hundred_requests_at_once_get_a_members_last_credit_once(database: Database) -> None:
    answers = await asyncio.gather(*(ask(database, price=1, opening=1) for _ in range(200)))

    assert sum(answers) == 1
    assert await database.run(ledger.balance, WALLET) == 0
    assert await database.run(audit_books) == []


async def test_one_interaction_told_two_hundred_times_at_once_is_one_job(database: Database) -> None:
    new = new_job()
    answers = await asyncio.gather(
        *(database.run(admission.admit, new, opening_credits=OPENING, at=1) for _ in range(200))
    )

    assert len({job.id for job, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
    assert await database.run(ledger.balance, WALLET) == OPENING - PRICE


async def test_a_budget_lowered_amid_requests_is_never_exceeded_by_a_later_one(database: Database) -> None:
    await database.run(set_up, budget=100 * PRICE)

    month = Month.at(GUILD, NOVEMBER)
    held_before: list[int] = []

    def lower(connection: Connection) -> None:
        settings = ServerSettings(tiers=(MANY,), budget=5 * PRICE)
        treasury.change_settings(connection, GUILD, settings, by=9, at=NOVEMBER)
        held_before.append(budget.standing(connection, month, 5 * PRICE).held)

    first = [ask(database) for _ in range(3)]
    await asyncio.gather(*first, database.run(lower), *(ask(database) for _ in range(50)))

    # PostgreSQL may take some of the later ones before it.
    standing = await database.run(budget.standing, month, 5 * PRICE)
    assert standing.held == max(5 * PRICE, *held_before)
    assert await database.run(audit_books) == []


# --- the budget and its warnings -------------------------------------------------------------------------


async def warnings(database: Database) -> list[tuple[str, int]]:
    """The warnings told so far, in order: month and mark."""

    def read(connection: Connection) -> list[tuple[str, int]]:
        entries = [entry for entry in audit.trail(connection, GUILD) if entry.action is Action.BUDGET_WARNING]
        assert all(entry.actor_id == THE_BOT for entry in entries)
        return [(entry.detail["month"], entry.detail["percent"]) for entry in reversed(entries)]

    return await database.run(read)


async def test_moderators_are_warned_at_half_at_four_fifths_and_at_the_end(database: Database) -> None:
    await database.run(set_up, budget=100)

    told = []
    for price in (49, 1, 29, 1, 19, 1):
        assert await ask(database, price=price)
        told.append([percent for _, percent in await warnings(database)])

    assert told == [[], [50], [50], [50, 80], [50, 80], [50, 80, 100]]
    assert not await ask(database, price=1)
    assert await ask(database, price=0), "what costs nothing needs no budget"


async def test_one_request_that_passes_several_marks_warns_of_each(database: Database) -> None:
    await database.run(set_up, budget=10)
    await ask(database, price=9)

    assert await warnings(database) == [("2026-11", 50), ("2026-11", 80)]


async def test_a_mark_that_is_passed_again_is_not_told_again(database: Database) -> None:
    await database.run(set_up, budget=10)
    for _ in range(3):
        job = await database.run(accepted, new_job(price=6), at=NOVEMBER)
        await database.run(moved_to, job, JobState.FAILED, at=NOVEMBER)

    assert await warnings(database) == [("2026-11", 50)]


async def test_every_month_has_its_warnings_and_its_whole_budget(database: Database) -> None:
    await database.run(set_up, budget=10)

    accepted_at = [await ask(database, price=10, at=at) for at in (NOVEMBER, NOVEMBER, DECEMBER, DECEMBER)]

    assert accepted_at == [True, False, True, False]
    marks = [50, 80, 100]
    assert await warnings(database) == [
        *[("2026-11", mark) for mark in marks],
        *[("2026-12", mark) for mark in marks],
    ]


async def test_a_refused_request_warns_nobody(database: Database) -> None:
    await database.run(set_up, budget=10)

    assert not await ask(database, price=11)
    assert await warnings(database) == []


async def test_without_a_limit_there_is_nothing_to_warn_of(database: Database) -> None:
    await ask(database, price=900)

    assert await warnings(database) == []


async def test_a_request_of_last_month_goes_back_to_that_month(database: Database) -> None:
    await database.run(set_up, budget=10)
    job = await database.run(accepted, new_job(price=10), at=NOVEMBER)

    await database.run(moved_to, job, JobState.FAILED, at=DECEMBER)

    november = await database.run(budget.standing, Month.at(GUILD, NOVEMBER), 10)
    assert (november.held, november.left) == (0, 10)
    assert await database.run(audit_books) == []


# --- previews --------------------------------------------------------------------------------------------


async def test_a_preview_says_what_admitting_would_come_to_and_holds_nothing(database: Database) -> None:
    await database.run(
        set_up, budget=20, quote_above=PRICE - 1, approve_everything=True, moderators_channel=5
    )

    outlook = await database.run(admission.preview, new_job(), opening_credits=10, at=NOVEMBER)

    assert (outlook.price, outlook.balance_after, outlook.budget.left) == (PRICE, 10 - PRICE, 20)
    assert (outlook.needs_approval, outlook.asks_first) == (True, True)
    assert await database.run(store.in_states, JobState) == []
    assert await database.run(ledger.balance, WALLET) == 10


@pytest.mark.parametrize(("above", "asks"), [(None, False), (PRICE, False), (PRICE - 1, True), (0, True)])
async def test_a_quote_is_shown_above_its_threshold(
    database: Database, above: int | None, *, asks: bool
) -> None:
    await database.run(set_up, quote_above=above)

    outlook = await database.run(admission.preview, new_job(), opening_credits=OPENING, at=1)

    assert outlook.asks_first == asks


@pytest.mark.parametrize("check", [admission.preview, admission.admit], ids=["preview", "admit"])
async def test_a_preview_refuses_what_would_be_refused(
    database: Database, check: Callable[..., object]
) -> None:
    await database.run(set_up, paused=True)

    with pytest.raises(LimitReached):
        await database.run(check, new_job(), opening_credits=OPENING, at=1)


async def test_a_preview_that_cannot_be_paid_for_says_what_is_missing(database: Database) -> None:
    await database.run(set_up, budget=PRICE - 3)
    poor = await database.run(admission.preview, new_job(), opening_credits=PRICE - 2, at=1)
    rich = await database.run(admission.preview, new_job(user_id=4), opening_credits=PRICE, at=1)

    with pytest.raises(InsufficientCredits) as credits_missing:
        poor.check_affordable()
    with pytest.raises(BudgetExhausted) as budget_missing:
        rich.check_affordable()

    assert (credits_missing.value.needed, credits_missing.value.available) == (PRICE, PRICE - 2)
    assert (budget_missing.value.needed, budget_missing.value.left) == (PRICE, PRICE - 3)
