"""The limits of a request: each for itself, all at once, and whose tier counts."""

import asyncio
from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.credits import limits
from bot.credits.limits import Ask
from bot.database import Database
from bot.errors import InsufficientCredits, Limit, LimitReached
from bot.jobs import admission, store
from bot.jobs.states import ENDED, JobState
from bot.moderation import blocks
from bot.moderation.blocks import Block
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier, lines_of
from tests.support.jobs import CHANNEL, GUILD, MEMBER, PRICE, REACHABLE, accepted, in_state, new_job

FREE = ServerSettings()
PLAIN = Tier()
NOW = 1_000_000
ASK = Ask(GUILD, (CHANNEL, None), MEMBER, "seedance-2-pro", "720p", 8)
RESOLUTIONS = ["480p", "720p", "1080p", "2k", "4k"]


async def met(
    database: Database,
    *,
    settings: ServerSettings = FREE,
    tier: Tier = PLAIN,
    ask: Ask = ASK,
    at: int = NOW,
) -> Sequence[Limit]:
    """The limits that the request meets."""
    try:
        await database.run(limits.check, ask, settings, tier, at=at)
    except LimitReached as refused:
        return refused.limits
    return ()


# --- each for itself -------------------------------------------------------------------------------------


async def test_a_server_that_set_nothing_takes_the_request(database: Database) -> None:
    assert await met(database) == ()


async def test_a_paused_server_takes_none(database: Database) -> None:
    assert await met(database, settings=ServerSettings(paused=True)) == (Limit("paused"),)


async def test_requests_are_made_in_the_allowed_channels(database: Database) -> None:
    elsewhere = ServerSettings(allowed_channels=(1, 2))

    assert await met(database, settings=elsewhere) == (Limit("channel", "<#1> <#2>"),)
    assert await met(database, settings=ServerSettings(allowed_channels=(1, CHANNEL))) == ()


async def test_a_thread_is_allowed_where_its_channel_is(database: Database) -> None:
    thread = Ask(GUILD, (77, CHANNEL), MEMBER, "seedance-2-pro", "720p", 8)

    for allowed, is_met in ((CHANNEL, False), (77, False), (1, True)):
        found = await met(database, settings=ServerSettings(allowed_channels=(allowed,)), ask=thread)
        assert bool(found) == is_met


async def test_a_server_has_so_many_open_requests_of_all_its_members(database: Database) -> None:
    for user in (1, 2):
        await database.run(accepted, new_job(user_id=user), at=1)

    assert await met(database, settings=ServerSettings(jobs_at_once=2)) == (Limit("server-jobs", 2),)
    assert await met(database, settings=ServerSettings(jobs_at_once=3)) == ()


async def test_a_member_has_so_many_open_requests(database: Database) -> None:
    for user in (MEMBER, MEMBER, MEMBER + 1):
        await database.run(accepted, new_job(user_id=user), at=1)

    assert await met(database, tier=Tier(jobs_at_once=2)) == (Limit("member-jobs", 2),)
    assert await met(database, tier=Tier(jobs_at_once=3)) == ()


@pytest.mark.parametrize("state", REACHABLE)
async def test_a_request_counts_for_as_long_as_it_is_open(database: Database, state: JobState) -> None:
    await database.run(in_state, state, at=1)

    expected = () if state in ENDED else (Limit("server-jobs", 1), Limit("member-jobs", 1))
    found = await met(database, settings=ServerSettings(jobs_at_once=1), tier=Tier(jobs_at_once=1))
    assert tuple(found) == expected


async def test_requests_of_another_server_count_there(database: Database) -> None:
    await database.run(accepted, new_job(guild_id=GUILD + 1), at=NOW)

    tier = Tier(jobs_at_once=1, cooldown_s=60)
    assert await met(database, settings=ServerSettings(jobs_at_once=1), tier=tier) == ()


async def test_a_cooldown_runs_from_the_latest_request_to_its_last_moment(database: Database) -> None:
    tier = Tier(cooldown_s=60)
    for at in (NOW - 100_000, NOW):
        await database.run(accepted, at=at)
    end = NOW + 60_000

    assert await met(database, tier=tier, at=NOW) == (Limit("cooldown", 60, end),)
    assert await met(database, tier=tier, at=end - 1) == (Limit("cooldown", 60, end),)
    assert await met(database, tier=tier, at=end) == ()


async def test_a_cooldown_is_not_stretched_by_a_clock_that_ran_ahead(database: Database) -> None:
    """The store was written an hour ahead, and the clock put right since: nobody waits for an hour."""
    for at in (NOW, NOW + 3_600_000):
        await database.run(accepted, at=at)
    tier = Tier(cooldown_s=60)

    assert await met(database, tier=tier, at=NOW + 1) == (Limit("cooldown", 60, NOW + 60_000),)
    assert await met(database, tier=tier, at=NOW + 60_000) == ()


async def test_a_cooldown_runs_after_a_request_that_came_to_nothing_too(database: Database) -> None:
    """Else a request could be cancelled and made again without a pause."""
    await database.run(in_state, JobState.CANCELLED, at=NOW)

    assert [limit.code for limit in await met(database, tier=Tier(cooldown_s=5))] == ["cooldown"]


async def test_the_first_request_of_a_member_has_no_cooldown(database: Database) -> None:
    assert await met(database, tier=Tier(cooldown_s=86_400)) == ()


@pytest.mark.parametrize(("until", "holds"), [(None, True), (NOW + 1, True), (NOW, False), (NOW - 1, False)])
async def test_a_block_holds_until_it_ends(database: Database, until: int | None, *, holds: bool) -> None:
    await database.run(blocks.put, Block(GUILD, MEMBER, until, "rude", 9, 1))

    assert await met(database) == ((Limit("blocked", "rude", until),) if holds else ())


async def test_a_block_is_one_members_in_one_server(database: Database) -> None:
    for guild, user in ((GUILD, MEMBER + 1), (GUILD + 1, MEMBER)):
        await database.run(blocks.put, Block(guild, user, None, "rude", 9, 1))

    assert await met(database) == ()


async def test_a_tier_allows_its_models(database: Database) -> None:
    some = Tier(models=("a", "b"))

    assert await met(database, tier=some) == (Limit("model", "/a, /b"),)
    assert await met(database, tier=Tier(models=("a", ASK.model))) == ()
    assert [limit.code for limit in await met(database, tier=Tier(models=()))] == ["model"]


def test_resolutions_have_an_order() -> None:
    lines = [lines_of(name) for name in RESOLUTIONS]

    assert lines == sorted(set(lines))


async def test_a_tier_allows_up_to_its_highest_resolution(database: Database) -> None:
    for (place, asked), (highest_place, highest) in product(enumerate(RESOLUTIONS), repeat=2):
        ask = Ask(GUILD, (CHANNEL, None), MEMBER, "seedance-2-pro", asked, 8)

        found = await met(database, tier=Tier(max_resolution=highest), ask=ask)

        assert found == ((Limit("resolution", highest),) if place > highest_place else ())


@pytest.mark.parametrize(("longest", "refused"), [(7, True), (8, False), (9, False), (None, False)])
async def test_a_tier_allows_up_to_its_longest_duration(
    database: Database, longest: int | None, *, refused: bool
) -> None:
    found = await met(database, tier=Tier(max_duration_s=longest))

    assert found == ((Limit("duration", longest),) if refused else ())


async def test_a_model_without_the_option_has_no_limit_for_it(database: Database) -> None:
    ask = Ask(GUILD, (CHANNEL, None), MEMBER, "seedance-2-pro", None, None)

    assert await met(database, tier=Tier(max_resolution="480p", max_duration_s=1), ask=ask) == ()


# --- all at once -----------------------------------------------------------------------------------------


async def test_every_limit_is_told_at_once(database: Database) -> None:
    await database.run(accepted, at=NOW)
    await database.run(blocks.put, Block(GUILD, MEMBER, None, "rude", 9, 1))
    settings = ServerSettings(paused=True, allowed_channels=(1,), jobs_at_once=1)
    tier = Tier(jobs_at_once=1, cooldown_s=9, models=("a",), max_resolution="480p", max_duration_s=5)

    found = await met(database, settings=settings, tier=tier)

    assert [limit.code for limit in found] == [
        "paused",
        "channel",
        "server-jobs",
        "blocked",
        "member-jobs",
        "cooldown",
        "model",
        "resolution",
        "duration",
    ]


# --- whose tier counts -----------------------------------------------------------------------------------

GOLD = Tier(name="gold", role_id=1, jobs_at_once=3)
SILVER = Tier(name="silver", role_id=2, jobs_at_once=2)
EVERYBODY = Tier(name="members", jobs_at_once=1)


@pytest.mark.parametrize(
    ("tiers", "roles", "name"),
    [
        ((GOLD, SILVER, EVERYBODY), (1,), "gold"),
        ((GOLD, SILVER, EVERYBODY), (2, 1), "gold"),
        ((SILVER, GOLD, EVERYBODY), (1, 2), "silver"),
        ((GOLD, SILVER, EVERYBODY), (2, 77), "silver"),
        ((GOLD, SILVER, EVERYBODY), (77,), "members"),
        ((GOLD, SILVER, EVERYBODY), (), "members"),
        ((GOLD,), (2,), "everyone"),
        ((), (1,), "everyone"),
    ],
)
def test_the_first_listed_tier_that_a_members_roles_give_counts(
    tiers: tuple[Tier, ...], roles: tuple[int, ...], name: str
) -> None:
    assert ServerSettings(tiers=tiers).tier_for(roles).name == name


async def test_a_request_is_measured_by_the_roles_it_came_with(database: Database) -> None:
    settings = ServerSettings(tiers=(GOLD, EVERYBODY))
    await database.run(servers.save, GUILD, settings, at=1)
    await database.run(accepted, new_job(), at=1)

    with pytest.raises(LimitReached) as refused:
        await database.run(accepted, new_job(), at=2)
    job = await database.run(accepted, new_job(role_ids=(1,)), at=3)

    assert refused.value.limits == (Limit("member-jobs", 1),)
    assert job.state is JobState.QUEUED


# --- two hundred at the same moment ----------------------------------------------------------------------


async def asked_by_many(database: Database, *, at: int, opening: int = 1000, **changes: Any) -> int:
    """Two hundred requests at once; returns how many were accepted."""

    async def ask(number: int) -> bool:
        each = {"user_id": 1000 + number, **changes}
        new = new_job(**each)
        try:
            await database.run(admission.admit, new, opening_credits=opening, at=at)
        except (LimitReached, InsufficientCredits):
            return False
        return True

    return sum(await asyncio.gather(*(ask(number) for number in range(200))))


def open_jobs(connection: Connection) -> int:
    return len(store.in_states(connection, set(JobState) - ENDED))


async def test_two_hundred_members_at_once_get_the_servers_last_place_once(database: Database) -> None:
    await database.run(servers.save, GUILD, ServerSettings(jobs_at_once=2), at=1)
    await database.run(accepted, at=1)

    assert await asked_by_many(database, at=2) == 1
    assert await database.run(open_jobs) == 2


async def test_two_hundred_requests_at_once_get_a_members_last_place_once(database: Database) -> None:
    await database.run(servers.save, GUILD, ServerSettings(tiers=(Tier(jobs_at_once=2),)), at=1)
    await database.run(accepted, at=1)

    assert await asked_by_many(database, at=2, user_id=MEMBER) == 1
    assert await database.run(open_jobs) == 2


async def test_two_hundred_requests_in_the_moment_a_cooldown_ends_pass_once(database: Database) -> None:
    tiers = (Tier(jobs_at_once=1000, cooldown_s=60),)
    await database.run(servers.save, GUILD, ServerSettings(tiers=tiers), at=1)
    await database.run(accepted, at=NOW)

    assert await asked_by_many(database, at=NOW + 59_999, user_id=MEMBER) == 0
    assert await asked_by_many(database, at=NOW + 60_000, user_id=MEMBER) == 1


async def test_two_hundred_requests_for_the_last_video_a_wallet_can_pay_pass_once(database: Database) -> None:
    assert await asked_by_many(database, at=1, opening=2 * PRICE - 1, user_id=MEMBER) == 1
