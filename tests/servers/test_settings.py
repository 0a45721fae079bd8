"""A server's settings: what one has that never set anything, and what the store gives back."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.database import Database
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Period, Tier, lines_of

SERVER = 9_223_372_036_854_775_807
IDS = st.integers(1, 2**63 - 1)
CREDITS = st.none() | st.integers(0, 1_000_000_000)

TIERS = st.builds(
    Tier,
    name=st.text(min_size=1, max_size=40),
    role_id=st.none() | IDS,
    allowance=st.integers(0, 1_000_000),
    period=st.sampled_from(Period),
    cap=st.integers(0, 1_000_000),
    jobs_at_once=st.integers(1, 1000),
    cooldown_s=st.integers(0, 86_400),
    priority=st.integers(-100, 100),
    models=st.none() | st.lists(st.text(max_size=10), max_size=3).map(tuple),
    max_resolution=st.none() | st.from_regex(r"\A([0-9]{3,4}p|[2-9]k)\Z"),
    max_duration_s=st.none() | st.integers(1, 600),
)
ANY_SETTINGS = st.builds(
    ServerSettings,
    allowed_channels=st.lists(IDS, max_size=3).map(tuple),
    moderators_channel=IDS,
    quote_above=CREDITS,
    approve_everything=st.booleans(),
    approve_first=st.integers(0, 100),
    approve_above=CREDITS,
    tiers=st.lists(TIERS, max_size=3).map(tuple),
    budget=CREDITS,
    jobs_at_once=st.none() | st.integers(1, 100_000),
    gallery_channel=st.none() | IDS,
    gallery_stars=st.integers(1, 1000),
    language=st.none() | st.sampled_from(["en", "it"]),
    paused=st.booleans(),
)


async def test_a_server_that_never_set_anything_has_the_defaults(database: Database) -> None:
    assert await database.run(servers.load, SERVER) == ServerSettings()


def test_by_default_nothing_is_forbidden_asked_or_limited() -> None:
    defaults = ServerSettings()

    assert not any((defaults.paused, defaults.approve_everything, defaults.approve_first, defaults.tiers))
    assert (defaults.budget, defaults.quote_above, defaults.approve_above) == (None, None, None)
    assert defaults.tier_for(()) == Tier()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_SETTINGS, ANY_SETTINGS)
async def test_settings_come_back_as_they_were_saved(
    database: Database, mine: ServerSettings, theirs: ServerSettings
) -> None:
    await database.run(servers.save, SERVER, theirs, at=1)
    await database.run(servers.save, SERVER, mine, at=2)
    await database.run(servers.save, 1, theirs, at=3)

    assert await database.run(servers.load, SERVER) == mine
    assert await database.run(servers.load, 1) == theirs


async def test_of_many_saves_at_once_one_is_kept(database: Database) -> None:
    every = [ServerSettings(budget=number) for number in range(50)]
    await asyncio.gather(*(database.run(servers.save, SERVER, each, at=1) for each in every))

    assert await database.run(servers.load, SERVER) in every


@pytest.mark.parametrize(
    "values",
    [
        {"budget": -1},
        {"budget": 1_000_000_001},
        {"jobs_at_once": 0},
        {"gallery_stars": 0},
        {"approve_first": 101},
        {"nonsense": 1},
    ],
    ids=str,
)
def test_a_server_cannot_set_what_makes_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"allowance": -1},
        {"jobs_at_once": 0},
        {"cooldown_s": 86_401},
        {"priority": 101},
        {"max_resolution": "huge"},
        {"max_resolution": "720p\n"},
        {"max_resolution": "1k"},
        {"max_duration_s": 0},
    ],
    ids=str,
)
def test_a_tier_cannot_give_what_makes_no_sense(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Tier(**values)


@given(st.from_regex(r"\A([0-9]{3,4}p|[2-9]k)\Z"))
def test_every_resolution_that_a_tier_may_name_can_be_compared(resolution: str) -> None:
    assert lines_of(Tier(max_resolution=resolution).max_resolution or "") >= 0
