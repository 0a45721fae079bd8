"""Tiers in their order, and which of them counts."""

import pytest

from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier, lines_of, tier_of, with_tier, without_tier

GOLD, SILVER, EVERYONE = Tier(role_id=1), Tier(role_id=2), Tier(name="base")


def test_the_first_tier_that_a_role_gives_counts() -> None:
    settings = ServerSettings(tiers=(GOLD, SILVER, EVERYONE))

    assert settings.tier_for((2, 1)) is settings.tiers[0]
    assert settings.tier_for((5, 2)) is settings.tiers[1]
    assert settings.tier_for(()) is settings.tiers[2]


def test_without_a_tier_for_everybody_there_is_the_plain_one() -> None:
    assert ServerSettings(tiers=(GOLD,)).tier_for((2,)) == Tier()


@pytest.mark.parametrize(
    ("position", "order"),
    [(None, [1, 2, 3, None]), (1, [3, 1, 2, None]), (2, [1, 3, 2, None]), (9, [1, 2, 3, None])],
)
def test_a_new_tier_comes_where_it_is_put_but_never_behind_everybodys(
    position: int | None, order: list[int | None]
) -> None:
    tiers = with_tier((GOLD, SILVER, EVERYONE), Tier(role_id=3), position)

    assert [tier.role_id for tier in tiers] == order


def test_a_changed_tier_stays_where_it_was_unless_it_is_moved() -> None:
    richer = Tier(role_id=1, allowance=9)

    assert with_tier((GOLD, SILVER), richer) == (richer, SILVER)
    assert with_tier((GOLD, SILVER), richer, 2) == (SILVER, richer)
    assert with_tier((GOLD, EVERYONE), Tier(name="all"), 1) == (GOLD, Tier(name="all"))


def test_a_tier_is_found_and_taken_away_by_its_role() -> None:
    tiers = (GOLD, EVERYONE)

    assert (tier_of(tiers, None), tier_of(tiers, 1), tier_of(tiers, 2)) == (EVERYONE, GOLD, None)
    assert without_tier(tiers, None) == (GOLD,)
    assert without_tier(tiers, 2) == tiers


def test_resolutions_are_compared_by_their_lines() -> None:
    assert [lines_of(name) for name in ("480p", "1080p", "2k", "4k")] == [480, 1080, 1440, 2160]
