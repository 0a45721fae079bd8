"""Tiers: what members may do, by their roles."""

from pathlib import Path

import pytest
from simcord.actors import MemberActor
from simcord.builders import RoleHandle

from bot.servers.tiers import Period, Tier
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_STARTS, quick_stage
from tests.stories.staff import Staff, set_up, settings_of
from tests.support.waiting import until


def somebody(club: Community, name: str, *roles: RoleHandle) -> MemberActor:
    return club.guild.add_member(club.env.create_user(name), roles=roles)


async def test_a_tier_is_made_seen_changed_and_taken_away(club: Community) -> None:
    ruth, patrons = Staff(club), club.guild.create_role("Patrons")

    made = await ruth.runs(
        "server tier set",
        role=patrons,
        allowance=20,
        period="week",
        cap=60,
        jobs_at_once=3,
        cooldown=90,
        priority=5,
        models="seedance-1-0-lite, /seedance-2-pro",
        max_resolution="720p",
        max_duration=8,
    )

    words = (
        f"<@&{patrons.id}>: 20 credits a week, up to 60 · 3 at once · 90 seconds between requests"
        " · priority +5 · /seedance-1-0-lite, /seedance-2-pro · up to 720p · up to 8 s"
    )
    assert made == f"Saved: {words}"
    assert (await settings_of(club)).tiers == (
        Tier(
            name="Patrons",
            role_id=patrons.id,
            allowance=20,
            period=Period.WEEK,
            cap=60,
            jobs_at_once=3,
            cooldown_s=90,
            priority=5,
            models=("seedance-1-0-lite", "seedance-2-pro"),
            max_resolution="720p",
            max_duration_s=8,
        ),
    )
    assert f"1. {words}" in await ruth.runs("server tier list")

    await ruth.runs("server tier set", role=patrons, models="all", max_resolution="any", max_duration=0)
    [tier] = (await settings_of(club)).tiers
    assert (tier.models, tier.max_resolution, tier.max_duration_s, tier.cooldown_s) == (None, None, None, 90)

    assert (await ruth.runs("server tier remove", tier="patrons")).startswith("Removed: ")
    assert (await settings_of(club)).tiers == ()
    assert "has no tiers" in await ruth.runs("server tier list")
    assert "has no such tier" in await ruth.runs("server tier remove", tier="Patrons")


async def test_the_list_is_in_the_order_that_counts(club: Community) -> None:
    ruth = Staff(club)
    silver, gold = club.guild.create_role("Silver"), club.guild.create_role("Gold")

    await ruth.runs("server tier set", role=club.guild.default_role, jobs_at_once=1)
    await ruth.runs("server tier set", role=silver, jobs_at_once=2)
    await ruth.runs("server tier set", role=gold, jobs_at_once=3, position=1)

    lines = (await ruth.runs("server tier list")).splitlines()[1:]
    assert lines == [
        f"1. <@&{gold.id}>: 3 at once",
        f"2. <@&{silver.id}>: 2 at once",
        "3. everyone: 1 at once",
    ]


async def test_models_resolutions_and_tiers_are_offered_while_typing(club: Community) -> None:
    ruth, patrons = Staff(club), club.guild.create_role("Patrons")
    await ruth.runs("server tier set", role=patrons)

    async def offered(command: str, option: str, typed: str) -> list[str]:
        choices = await ruth.who.autocomplete(club.channel, command, option, typed)
        return [choice["value"] for choice in choices]

    assert await offered("server tier set", "models", "lite") == ["seedance-1-0-lite"]
    assert await offered("server tier set", "models", "seedance-1-0-lite, 2") == [
        "seedance-1-0-lite, seedance-2-pro"
    ]
    assert await offered("server tier set", "max_resolution", "0p") == ["480p", "720p", "1080p"]
    assert await offered("server tier remove", "tier", "pat") == [str(patrons.id)]


@pytest.mark.parametrize(
    ("option", "typed", "told"),
    [
        ("models", "sora", "models can be seedance-1-0-lite, "),
        ("models", ", ,", "models can be seedance-1-0-lite, "),
        ("max_resolution", "huge", "max_resolution is written like 720p or 4k."),
    ],
)
async def test_what_no_model_knows_is_refused_in_words(
    club: Community, option: str, typed: str, told: str
) -> None:
    answer = await Staff(club).runs("server tier set", role=club.guild.default_role, **{option: typed})

    assert answer.startswith("✘ Nothing was changed.")
    assert told in answer
    assert (await settings_of(club)).tiers == ()


async def test_the_tier_of_a_deleted_role_can_still_be_taken_away(club: Community) -> None:
    ruth, patrons = Staff(club), club.guild.create_role("Patrons")
    await ruth.runs("server tier set", role=patrons)
    club.env.backend.delete_role(club.guild.id, patrons.id)

    [choice] = await ruth.who.autocomplete(club.channel, "server tier remove", "tier", "")
    assert choice["name"] == "Patrons"
    await ruth.runs("server tier remove", tier=choice["value"])

    assert (await settings_of(club)).tiers == ()


async def test_the_best_tier_of_a_members_roles_counts(club: Community) -> None:
    gold, silver = club.guild.create_role("Gold"), club.guild.create_role("Silver")
    await set_up(
        club,
        tiers=(
            Tier(role_id=gold.id, max_resolution="1080p"),
            Tier(role_id=silver.id, max_resolution="720p"),
            Tier(max_resolution="480p"),
        ),
    )

    async def refused(who: MemberActor) -> bool:
        asked = await club.ask(who=who, prompt="Gulls", image1=picture(), resolution="720p")
        return "up to" in asked.text

    assert await refused(club.member)
    assert not await refused(somebody(club, "silvia", silver))
    assert not await refused(somebody(club, "gustav", gold, silver))


async def test_a_higher_priority_overtakes_in_the_queue(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS, places=1) as stage:
        club = Community(stage)
        patrons = club.guild.create_role("Patrons")
        await set_up(club, tiers=(Tier(role_id=patrons.id, priority=5), Tier()))
        people = [club.member, club.add_member("olaf"), somebody(club, "paula", patrons)]

        async def sent() -> list[str]:
            by_request = {job.request_id: job.prompt for job in await stage.jobs()}
            return [by_request.get(submit.request_id, "?") for submit in stage.runcomfy.submits]

        async def has_sent(count: int) -> bool:
            return len(await sent()) == count

        for who, prompt in zip(people, ["Takes the place", "Waits longest", "Overtakes"], strict=True):
            await club.ask(who=who, prompt=prompt, image1=picture())
            await club.card_of((await stage.jobs())[-1])
        await until(lambda: has_sent(1))
        for number, job in ((2, 0), (3, 2)):
            await club.press_cancel(await club.card_of((await stage.jobs())[job]), who=people[job])
            await until(lambda number=number: has_sent(number))  # type: ignore[misc]  # bound at once

        assert await sent() == ["Takes the place", "Overtakes", "Waits longest"]
