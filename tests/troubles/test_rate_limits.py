"""Discord answers 429: people get everything a little later, once, and the videos first."""

import pytest

from bot.jobs.states import JobState
from tests.loopback_discord.faults import Scope
from tests.troubles.club import OPENING, PRICE, Club

SCOPES: list[Scope] = ["user", "shared", "global"]
WAIT_S = 0.05
EDITS = "/channels/*/messages/*"


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/channels/*/messages"), ("PATCH", EDITS)], ids=["upload", "edit"]
)
async def test_a_limit_met_while_a_job_ends_is_waited_out(
    at_work: Club, scope: Scope, method: str, path: str
) -> None:
    job = await at_work.a_render()
    at_work.discord.rate_limit(method, path, WAIT_S, times=3, scope=scope)
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert [call.status for call in at_work.discord.requests if call.status == 429] == [429] * 3
    assert len(at_work.videos()) == 1
    assert "The video is in the reply below" in at_work.cards()[0].text
    assert await at_work.balance() == OPENING - PRICE
    assert at_work.errors() == []


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_limit_met_by_the_answers_to_a_command_is_waited_out(at_work: Club, scope: Scope) -> None:
    at_work.discord.rate_limit("POST", "/interactions/*/*/callback", WAIT_S, scope=scope)
    at_work.discord.rate_limit("PATCH", "/webhooks/**", WAIT_S, scope=scope)

    await at_work.ask()

    await at_work.reaches(await at_work.job(), JobState.IN_PROGRESS)
    assert len(at_work.cards()) == 1
    assert at_work.errors() == []


async def test_a_limit_that_discord_does_not_end_is_waited_out_as_well(at_work: Club) -> None:
    """More answers of 429 than discord.py has patience for."""
    job = await at_work.a_render()
    at_work.discord.rate_limit("POST", "/channels/*/messages", 0.01, times=12)
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    assert len(at_work.videos()) == 1
    assert at_work.direct() == []


async def test_cards_that_wait_to_be_edited_keep_no_video_waiting(at_work: Club) -> None:
    """One edit uses the channel's limit up for an hour; five videos go out all the same."""
    at_work.discord.enforce_limit("PATCH", EDITS, limit=1, per_s=3600.0)
    jobs = [await at_work.a_render(f"Scene {number}") for number in range(5)]
    at_work.renders_finish()

    for job in jobs:
        await at_work.reaches(job, JobState.DELIVERED)
    assert len(at_work.videos()) == 5
    assert {message.reference for message in at_work.videos()} == set(at_work.cards())
    # Not even tried: an edit over the limit would be a 429.
    assert len([call for call in at_work.discord.requests_to("PATCH", EDITS) if call.status]) == 1
    assert at_work.errors() == []
