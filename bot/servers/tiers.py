"""Tiers: what members may do, by their roles. Pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class Period(StrEnum):
    """How often an allowance comes."""

    DAY = "day"
    WEEK = "week"


class Tier(BaseModel):
    """What a member of this tier may do.

    Attributes:
        name: for people.
        role_id: the role that gives it; None for everybody.
        allowance: credits that a wallet is refilled with, once a period, on first use.
        cap: the balance (credits) up to which it is refilled.
        jobs_at_once: open requests of one member.
        cooldown_s: seconds between two requests of one member.
        priority: higher goes first when places are scarce.
        models: commands that may be used; None for all.
        max_resolution: the highest resolution (`720p`); None for any.
        max_duration_s: the longest video in seconds; None for any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)] = "everyone"
    role_id: int | None = None
    allowance: Count = 0
    period: Period = Period.DAY
    cap: Count = 0
    jobs_at_once: Annotated[int, Field(ge=1, le=1000)] = 5
    cooldown_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    models: tuple[str, ...] | None = None
    max_resolution: Annotated[str, Field(pattern=r"^\d{3,4}p$|^[2-9]k$")] | None = None
    max_duration_s: Annotated[int, Field(ge=1, le=600)] | None = None


def best_tier(tiers: Sequence[Tier], role_ids: Iterable[int]) -> Tier:
    """The tier that counts: of those the member's roles give, the one the server lists first.

    The order is the server's own say in what "best" means. Without any, the plain tier for everybody.
    """
    held = set(role_ids)
    for tier in tiers:
        if tier.role_id is None or tier.role_id in held:
            return tier
    return Tier()


def with_tier(tiers: Sequence[Tier], tier: Tier, position: int | None = None) -> tuple[Tier, ...]:
    """The tiers with this one in place of its role's earlier one, at a position counted from 1.

    Without a position it stays where it was, or becomes the last. The one for everybody always comes last:
    behind it no other would ever count.
    """
    others = [other for other in tiers if other.role_id != tier.role_id]
    known = next((at for at, other in enumerate(tiers) if other.role_id == tier.role_id), len(others))
    others.insert(known if position is None else position - 1, tier)
    return tuple(sorted(others, key=lambda item: item.role_id is None))


def without_tier(tiers: Sequence[Tier], role_id: int | None) -> tuple[Tier, ...]:
    """The tiers without the one of this role."""
    return tuple(tier for tier in tiers if tier.role_id != role_id)


def tier_of(tiers: Sequence[Tier], role_id: int | None) -> Tier | None:
    """The tier that this very role gives, if there is one."""
    return next((tier for tier in tiers if tier.role_id == role_id), None)


def lines_of(resolution: str) -> int:
    """How many lines a resolution has: `720p` -> 720, `4k` -> 2160. Raises ValueError for other words.

    What is sold as `2k` is 1440 lines, more than 1080p; the others are multiples of 540.
    """
    if resolution == "2k":
        return 1440
    if resolution.endswith("k"):
        return int(resolution[:-1]) * 540
    return int(resolution.removesuffix("p"))
