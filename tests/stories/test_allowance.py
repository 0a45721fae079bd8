"""Allowances: a wallet is refilled once a period, on first use, up to a cap."""

from pathlib import Path

import pytest

from bot.jobs import admission
from bot.servers.tiers import Period, Tier
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import quick_stage
from tests.stories.staff import Staff, set_up

DAY = 86_400_000
#: A Wednesday at noon, UTC.
NOON = 1_794_398_400_000 - 7 * DAY


async def looks(club: Community, *, at: int, roles: tuple[int, ...] = ()) -> int:
    """A member's wallet, opened at a moment of the story's own."""
    return await club.stage.showreel.database.run(
        admission.open_wallet_of, club.guild.id, club.member.id, roles, opening_credits=10, at=at
    )


async def test_an_allowance_comes_with_the_first_request_of_the_day(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, starting_credits=0) as stage:
        club = Community(stage)
        everyone = club.guild.default_role
        await Staff(club).runs("server tier set", role=everyone, allowance=8, period="day")

        first = await club.ask(prompt="Gulls over the bay", image1=picture())
        second = await club.ask(prompt="Gulls over the bay", image1=picture())

        assert "5 credits are set aside" in first.text
        assert second.text.startswith("That video costs 5 credits, and you have 3.")
        assert await club.books_balance()


async def test_it_comes_once_a_day_and_again_the_next(club: Community) -> None:
    await set_up(club, tiers=(Tier(allowance=5, cap=100),))

    days = [NOON, NOON + 1, NOON + DAY // 2 - 1, NOON + DAY // 2, NOON + DAY // 2, NOON + 3 * DAY]

    assert [await looks(club, at=at) for at in days] == [15, 15, 15, 20, 20, 25]
    assert await club.books_balance()


async def test_a_weekly_one_comes_with_the_week(club: Community) -> None:
    await set_up(club, tiers=(Tier(allowance=5, cap=100, period=Period.WEEK),))
    sunday = NOON + 4 * DAY

    assert [await looks(club, at=at) for at in (NOON, sunday, sunday + DAY)] == [15, 15, 20]


@pytest.mark.parametrize(("cap", "filled"), [(100, 30), (25, 25), (10, 10), (4, 10)])
async def test_a_wallet_is_filled_up_to_the_cap_and_never_emptied(
    club: Community, cap: int, filled: int
) -> None:
    await set_up(club, tiers=(Tier(allowance=20, cap=cap),))

    assert await looks(club, at=NOON) == filled
    assert await club.books_balance()


async def test_who_was_full_at_the_first_use_gets_nothing_later_that_day(club: Community) -> None:
    """Else spending and asking again would bring it after all: once a period, on first use."""
    await set_up(club, tiers=(Tier(allowance=20, cap=10),))
    assert await looks(club, at=NOON) == 10
    desk = club.stage.showreel.bot.services.moderators
    await desk.revoke(club.guild.id, club.member.id, 6, by=1, reference="revoke:1")

    assert await looks(club, at=NOON + 1) == 4
    assert await looks(club, at=NOON + DAY) == 10


async def test_the_best_tier_of_a_members_roles_decides(club: Community) -> None:
    await set_up(club, tiers=(Tier(role_id=7, allowance=50, cap=60), Tier(allowance=5, cap=60)))

    assert await looks(club, at=NOON, roles=(7,)) == 60
    assert await looks(club, at=NOON + DAY) == 60


async def test_a_refused_request_brings_no_allowance_along(club: Community) -> None:
    """What a refused request did is undone whole; the allowance comes with the next use."""
    await set_up(club, paused=True, tiers=(Tier(allowance=50, cap=500),))

    await club.ask(prompt="Gulls over the bay", image1=picture())

    assert await club.balance() == 0
    await set_up(club, paused=False)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    assert await club.balance() == 145
