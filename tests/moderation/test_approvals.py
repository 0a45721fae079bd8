"""Which requests wait for a moderator's yes, and why."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.database import Database
from bot.errors import PromptFiltered
from bot.jobs import store
from bot.jobs.states import ENDED, JobState
from bot.moderation import approvals, filters
from bot.moderation.approvals import Reason
from bot.moderation.filters import Kind, Verdict
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.support.jobs import GUILD, MEMBER, accepted, in_state, new_job


async def reason(database: Database, *, price: int = 8, flagged: bool = False, **asked: Any) -> Reason | None:
    settings = ServerSettings(moderators_channel=5, **asked)
    who = {"guild_id": GUILD, "user_id": MEMBER}
    return await database.run(approvals.reason_for, settings, **who, price=price, flagged=flagged)


async def test_by_default_nothing_waits(database: Database) -> None:
    assert await reason(database) is None


async def test_everything_waits_where_the_server_wants_it(database: Database) -> None:
    assert await reason(database, approve_everything=True, price=0) is Reason.EVERYTHING


@pytest.mark.parametrize(("price", "waits"), [(0, False), (10, False), (11, True)])
async def test_what_costs_more_than_the_threshold_waits(
    database: Database, price: int, *, waits: bool
) -> None:
    expected = Reason.PRICE if waits else None

    assert await reason(database, approve_above=10, price=price) is expected


async def test_a_threshold_of_nothing_lets_only_the_free_through(database: Database) -> None:
    assert await reason(database, approve_above=0, price=0) is None
    assert await reason(database, approve_above=0, price=1) is Reason.PRICE


@pytest.mark.parametrize("end", sorted(ENDED - {JobState.REJECTED}))
async def test_the_first_requests_of_a_member_wait_however_they_end(
    database: Database, end: JobState
) -> None:
    found = []
    for _ in range(3):
        found.append(await reason(database, approve_first=2))
        await database.run(in_state, end, at=1)

    assert found == [Reason.FIRST_REQUESTS, Reason.FIRST_REQUESTS, None]


async def test_first_requests_are_counted_for_each_member_and_server(database: Database) -> None:
    for guild, user in ((GUILD, MEMBER + 1), (GUILD + 1, MEMBER)):
        await database.run(accepted, new_job(guild_id=guild, user_id=user), at=1)

    assert await reason(database, approve_first=1) is Reason.FIRST_REQUESTS


async def test_of_several_reasons_the_one_that_moderators_should_know_is_told(database: Database) -> None:
    every: dict[str, Any] = {"approve_everything": True, "approve_first": 1, "approve_above": 1}

    assert await reason(database, flagged=True, **every) is Reason.FLAGGED
    assert await reason(database, **every) is Reason.EVERYTHING
    assert await reason(database, approve_first=1, approve_above=1) is Reason.PRICE


@pytest.mark.parametrize(
    "asked", [{"approve_everything": True}, {"approve_first": 1}, {"approve_above": 0}], ids=str
)
def test_nothing_can_wait_where_there_is_nobody_to_ask(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(**asked)


async def flag(database: Database, settings: ServerSettings, action: Verdict) -> None:
    await database.run(servers.save, GUILD, settings, at=1)
    await database.run(filters.add, GUILD, Kind.WORD, "harbour", action, by=9, at=1)


async def test_a_flagged_prompt_waits_with_its_credits_held(database: Database) -> None:
    await flag(database, ServerSettings(moderators_channel=5), Verdict.APPROVE)

    job = await database.run(accepted, at=1)
    other = await database.run(accepted, new_job(options={"prompt": "A hill"}), at=1)

    assert (job.state, job.approval_reason) == (JobState.AWAITING_APPROVAL, Reason.FLAGGED)
    assert (other.state, other.approval_reason) == (JobState.QUEUED, None)


@pytest.mark.parametrize(
    ("channel", "action"), [(5, Verdict.REFUSE), (None, Verdict.REFUSE), (None, Verdict.APPROVE)]
)
async def test_a_flagged_prompt_is_refused_where_it_must_be_or_nobody_can_be_asked(
    database: Database, channel: int | None, action: Verdict
) -> None:
    await flag(database, ServerSettings(moderators_channel=channel), action)

    with pytest.raises(PromptFiltered):
        await database.run(accepted, at=1)

    assert await database.run(store.in_states, JobState) == []
