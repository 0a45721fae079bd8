"""Changing a server's settings: one thing at a time, and never into nonsense."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.credits import budget
from bot.credits.budget import Month
from bot.database import Database
from bot.errors import BadSetting, SettingsRefused
from bot.moderation import audit, treasury
from bot.moderation.audit import Action
from bot.servers import store as servers
from bot.servers.tiers import Period
from tests.support.jobs import GUILD

SERVER = GUILD + 50
BY = 77


def change(connection: Connection, /, **changes: Any) -> Any:
    return treasury.change_one(connection, SERVER, changes, by=BY, at=1)


async def test_two_people_at_once_do_not_undo_each_others_work(database: Database) -> None:
    one_each = ({"budget": 500}, {"quote_above": 3}, {"allowed_channels": (1, 2)}, {"language": "en"})

    await asyncio.gather(*(database.run(change, **changes) for changes in one_each))

    settings = await database.run(servers.load, SERVER)
    assert settings.model_dump(exclude_defaults=True) == {
        name: value for changes in one_each for name, value in changes.items()
    }


async def test_a_change_is_in_the_audit_trail_and_no_change_is_not(database: Database) -> None:
    await database.run(change, budget=500)
    await database.run(change, budget=500)

    [entry] = await database.run(lambda connection: list(audit.trail(connection, SERVER)))
    assert (entry.action, entry.actor_id, entry.detail) == (
        Action.SETTINGS_CHANGED,
        BY,
        {"changed": {"budget": 500}},
    )


async def test_a_new_budget_holds_for_the_month_under_way(database: Database) -> None:
    await database.run(change, budget=500)
    await database.run(change, budget=200)

    standing = await database.run(budget.standing, Month.at(SERVER, 1), 200)
    assert standing.left == 200


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"budget": "lots"}, BadSetting("budget", "int_parsing")),
        ({"budget": "1.5"}, BadSetting("budget", "int_parsing")),
        ({"budget": "9" * 12}, BadSetting("budget", "less_than_equal", 1_000_000_000)),
        ({"budget": "-1"}, BadSetting("budget", "greater_than_equal", 0)),
        ({"jobs_at_once": "0"}, BadSetting("jobs_at_once", "greater_than_equal", 1)),
        ({"gallery_stars": None}, BadSetting("gallery_stars", "int_parsing")),
        ({"approve_everything": True}, BadSetting("", "nobody-to-ask")),
        ({"approve_first": "2"}, BadSetting("", "nobody-to-ask")),
    ],
)
async def test_nonsense_is_refused_and_changes_nothing(
    database: Database, changes: dict[str, Any], problem: BadSetting
) -> None:
    before = await database.run(change, quote_above=4)

    with pytest.raises(SettingsRefused) as refusal:
        await database.run(change, **changes)

    assert refusal.value.problems == (problem,)
    assert await database.run(servers.load, SERVER) == before


async def test_every_problem_is_told_at_once(database: Database) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        await database.run(change, budget="x", gallery_stars="2000")

    assert [problem.name for problem in refusal.value.problems] == ["budget", "gallery_stars"]


async def test_moderators_channel_cannot_go_while_requests_wait_for_it(database: Database) -> None:
    await database.run(change, moderators_channel=5, approve_above=10)

    with pytest.raises(SettingsRefused):
        await database.run(change, moderators_channel=None)


def put(connection: Connection, role_id: int | None, /, **changes: Any) -> Any:
    return treasury.put_tier(connection, SERVER, role_id, changes, position=None, by=BY, at=1)


async def test_a_tier_keeps_what_is_not_named(database: Database) -> None:
    await database.run(put, 1, allowance=20, period="week", cap=60)

    tier = await database.run(put, 1, cooldown_s=30)

    assert (tier.allowance, tier.period, tier.cap, tier.cooldown_s) == (20, Period.WEEK, 60, 30)
    assert (await database.run(servers.load, SERVER)).tiers == (tier,)


async def test_an_allowance_raises_the_cap_unless_one_is_named(database: Database) -> None:
    assert (await database.run(put, 1, allowance=20)).cap == 20
    assert (await database.run(put, 1, allowance=30)).cap == 30
    assert (await database.run(put, 1, allowance=10)).cap == 30
    assert (await database.run(put, 1, allowance=40, cap=25)).cap == 25


async def test_a_resolution_has_to_be_one(database: Database) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        await database.run(put, 1, max_resolution="huge")

    [problem] = refusal.value.problems
    assert (problem.name, problem.code) == ("max_resolution", "string_pattern_mismatch")


async def test_there_are_only_so_many_tiers(database: Database) -> None:
    for role_id in range(treasury.MOST_TIERS):
        await database.run(put, role_id + 1)

    with pytest.raises(SettingsRefused) as refusal:
        await database.run(put, 99)
    assert refusal.value.problems == (BadSetting("tiers", "too_long", treasury.MOST_TIERS),)
    await database.run(put, 1, allowance=5)  # those there are can still be changed


async def test_a_removed_tier_is_gone_and_removing_it_again_changes_nothing(database: Database) -> None:
    await database.run(put, 1)

    assert await database.run(treasury.remove_tier, SERVER, 1, by=BY, at=1)
    assert not await database.run(treasury.remove_tier, SERVER, 1, by=BY, at=1)
    assert (await database.run(servers.load, SERVER)).tiers == ()
