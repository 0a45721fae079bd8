"""Quotes: they wait for their member's yes, for a while, and promise nothing that is not so any more."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.catalog import Catalogue
from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.errors import (
    BudgetExhausted,
    InsufficientCredits,
    InvalidRequest,
    LimitReached,
    PromptFiltered,
    QuoteGone,
    RequestRefused,
)
from bot.jobs import quotes, store
from bot.jobs.inspection import Inspector
from bot.jobs.job import InputFile, NewJob
from bot.jobs.quotes import LIFE_MS
from bot.jobs.requests import Accepted, Quoted, Request, RequestDesk
from bot.jobs.states import JobState
from bot.jobs.workshop import inputs_dir
from bot.media import AllowedHosts, Downloader, MediaWorker
from bot.moderation import filters
from bot.moderation.filters import Kind, Verdict
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.clock import Clock
from tests.support.jobs import CHANNEL, GUILD, MEMBER, new_job

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENING = 100
ID = 4711
PICTURE = InputFile("image1", "image1.png", "image", "https://cdn.example/a.png", 10, attached=True)


@dataclass
class Counter:
    """A desk at which every request is quoted first."""

    desk: RequestDesk
    database: Database
    clock: Clock
    folder: Path

    async def set_up(self, **settings: Any) -> None:
        await self.database.run(servers.save, GUILD, ServerSettings(**settings), at=1)

    async def ask(self, *, interaction: int = ID, user: int = MEMBER, **values: Any) -> Accepted | Quoted:
        asked = {"prompt": "A kite", "duration": 4, **values}
        return await self.desk.ask(
            Request(interaction, GUILD, CHANNEL, user, "en-US", "seedance-2-pro", asked, {})
        )

    async def quoted(self, **values: Any) -> Quoted:
        answer = await self.ask(**values)
        assert isinstance(answer, Quoted)
        return answer

    async def jobs(self) -> int:
        return len(await self.database.run(store.in_states, JobState))

    async def balance(self) -> int:
        return await self.database.run(ledger.balance, ledger.member_account(GUILD, MEMBER))


@pytest_asyncio.fixture(loop_scope="session")
async def counter(tmp_path: Path, store_url: str, media: MediaWorker) -> AsyncIterator[Counter]:
    clock, database = Clock(), Database(store_url)
    downloader = Downloader(AllowedHosts.parse(["127.0.0.1"]))
    desk = RequestDesk(
        database=database,
        catalogue=Catalogue.load(),
        inspector=Inspector(downloader, media),
        data_dir=tmp_path,
        starting_credits=OPENING,
        now=clock,
    )
    opened = Counter(desk, database, clock, tmp_path)
    await opened.set_up(quote_above=0)
    yield opened
    assert await database.run(audit) == []
    await downloader.aclose()
    await database.close()


# --- kept and found --------------------------------------------------------------------------------------


async def test_a_quoted_request_is_found_as_it_was_kept(counter: Counter) -> None:
    new = new_job(inputs=(PICTURE,), role_ids=(1, 2), options={"prompt": "Ünï 🪁", "seed": 0, "sound": True})
    await counter.database.run(quotes.keep, new, at=1)

    found = await counter.database.run(quotes.find, new.interaction_id, user_id=MEMBER, at=2)

    assert found == new
    assert isinstance(found, NewJob)


@pytest.mark.parametrize(("age", "is_there"), [(0, True), (LIFE_MS - 1, True), (LIFE_MS, False)])
async def test_a_quote_is_good_for_its_life(counter: Counter, age: int, *, is_there: bool) -> None:
    new = new_job()
    await counter.database.run(quotes.keep, new, at=5)

    if is_there:
        assert await counter.database.run(quotes.find, new.interaction_id, user_id=MEMBER, at=5 + age) == new
    else:
        with pytest.raises(QuoteGone):
            await counter.database.run(quotes.find, new.interaction_id, user_id=MEMBER, at=5 + age)
    swept = await counter.database.run(quotes.sweep, at=5 + age)
    assert swept == ([] if is_there else [new.interaction_id])


async def test_a_quote_is_one_members(counter: Counter) -> None:
    await counter.quoted()

    for attempt in (
        counter.desk.confirm(ID, user_id=MEMBER + 1),
        counter.desk.revise(ID, user_id=MEMBER + 1, prompt="Mine now"),
        counter.desk.give_up(ID, user_id=MEMBER + 1),
        counter.desk.confirm(ID + 1, user_id=MEMBER),
    ):
        with pytest.raises(QuoteGone):
            await attempt

    assert (await counter.desk.confirm(ID, user_id=MEMBER)).job.prompt == "A kite"


# --- asked for -------------------------------------------------------------------------------------------


async def test_a_quote_holds_nothing_and_says_what_it_comes_to(counter: Counter) -> None:
    quoted = await counter.quoted()

    assert await counter.jobs() == 0
    assert await counter.balance() == OPENING
    assert quoted.outlook.balance_after == OPENING - quoted.new.price
    assert quoted.usual_s > 0


async def test_up_to_the_threshold_a_request_is_accepted_at_once(counter: Counter) -> None:
    price = (await counter.quoted()).new.price
    await counter.set_up(quote_above=price)
    assert isinstance(await counter.ask(interaction=1), Accepted)

    await counter.set_up(quote_above=price - 1)
    assert isinstance(await counter.ask(interaction=2), Quoted)


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [({"paused": True}, LimitReached), ({"budget": 1}, BudgetExhausted)],
)
async def test_what_cannot_be_is_not_quoted(
    counter: Counter, settings: dict[str, Any], refusal: type[RequestRefused]
) -> None:
    await counter.set_up(quote_above=0, **settings)

    with pytest.raises(refusal):
        await counter.ask()
    with pytest.raises(QuoteGone):
        await counter.desk.confirm(ID, user_id=MEMBER)


# --- confirmed -------------------------------------------------------------------------------------------


async def test_a_confirmed_quote_is_a_job_at_the_quoted_price(counter: Counter) -> None:
    quoted = await counter.quoted()

    accepted = await counter.desk.confirm(ID, user_id=MEMBER)

    assert (accepted.job.price, accepted.balance) == (quoted.new.price, OPENING - quoted.new.price)
    assert accepted.job.options == quoted.new.options


async def test_a_quote_confirmed_again_and_again_is_one_job(counter: Counter) -> None:
    await counter.quoted()

    answers = await asyncio.gather(*(counter.desk.confirm(ID, user_id=MEMBER) for _ in range(20)))
    later = await counter.desk.confirm(ID, user_id=MEMBER)

    assert {answer.job.id for answer in answers} == {later.job.id}
    assert await counter.jobs() == 1
    assert await counter.balance() == OPENING - later.job.price


async def test_an_interaction_told_again_after_its_quote_was_confirmed_is_its_job(counter: Counter) -> None:
    await counter.quoted()
    confirmed = await counter.desk.confirm(ID, user_id=MEMBER)

    again = await counter.ask()

    assert isinstance(again, Accepted)
    assert again.job.id == confirmed.job.id


async def test_a_quote_that_was_used_can_be_neither_changed_nor_given_up(counter: Counter) -> None:
    await counter.quoted()
    await counter.desk.confirm(ID, user_id=MEMBER)

    with pytest.raises(QuoteGone):
        await counter.desk.revise(ID, user_id=MEMBER, prompt="Another")
    with pytest.raises(QuoteGone):
        await counter.desk.give_up(ID, user_id=MEMBER)
    assert await counter.jobs() == 1


async def test_a_quote_that_is_too_old_is_gone(counter: Counter) -> None:
    await counter.quoted()
    counter.clock.advance(LIFE_MS / 1000)

    with pytest.raises(QuoteGone):
        await counter.desk.confirm(ID, user_id=MEMBER)
    assert await counter.jobs() == 0


@pytest.mark.parametrize(
    ("settings", "refusal"),
    [
        ({"paused": True}, LimitReached),
        ({"allowed_channels": (CHANNEL + 1,)}, LimitReached),
        ({"tiers": (Tier(max_duration_s=3),)}, LimitReached),
        ({"budget": 1}, BudgetExhausted),
    ],
)
async def test_what_was_forbidden_since_the_quote_is_refused_and_the_quote_stays(
    counter: Counter, settings: dict[str, Any], refusal: type[RequestRefused]
) -> None:
    await counter.quoted()
    await counter.set_up(quote_above=0, **settings)

    with pytest.raises(refusal):
        await counter.desk.confirm(ID, user_id=MEMBER)
    assert await counter.balance() == OPENING

    await counter.set_up()
    assert (await counter.desk.confirm(ID, user_id=MEMBER)).job.state is JobState.QUEUED


async def test_a_word_filtered_since_the_quote_is_refused(counter: Counter) -> None:
    await counter.quoted()
    await counter.database.run(filters.add, GUILD, Kind.WORD, "kite", Verdict.REFUSE, by=9, at=1)

    with pytest.raises(PromptFiltered):
        await counter.desk.confirm(ID, user_id=MEMBER)


async def test_credits_spent_since_the_quote_are_missing(counter: Counter) -> None:
    for interaction in (ID, 1):
        price = (await counter.quoted(interaction=interaction, duration=12)).new.price
        assert OPENING // 2 < price <= OPENING
    await counter.desk.confirm(1, user_id=MEMBER)

    with pytest.raises(InsufficientCredits):
        await counter.desk.confirm(ID, user_id=MEMBER)
    assert await counter.jobs() == 1


async def test_approval_wanted_since_the_quote_is_waited_for(counter: Counter) -> None:
    await counter.quoted()
    await counter.set_up(quote_above=0, approve_everything=True, moderators_channel=5)

    job = (await counter.desk.confirm(ID, user_id=MEMBER)).job

    assert job.state is JobState.AWAITING_APPROVAL


# --- changed, given up, forgotten ------------------------------------------------------------------------


async def test_a_changed_prompt_is_quoted_anew_and_its_life_begins_again(counter: Counter) -> None:
    first = await counter.quoted()
    counter.clock.advance(LIFE_MS / 1000 - 1)

    second = await counter.desk.revise(ID, user_id=MEMBER, prompt="A dragon")
    counter.clock.advance(LIFE_MS / 1000 - 1)
    job = (await counter.desk.confirm(ID, user_id=MEMBER)).job

    assert second.new.options["prompt"] == "A dragon"
    assert (job.prompt, job.price) == ("A dragon", first.new.price)


async def test_a_change_that_is_refused_leaves_the_quote_as_it_was(counter: Counter) -> None:
    await counter.quoted()
    await counter.database.run(filters.add, GUILD, Kind.WORD, "gun", Verdict.REFUSE, by=9, at=1)

    with pytest.raises(PromptFiltered):
        await counter.desk.revise(ID, user_id=MEMBER, prompt="A gun")
    with pytest.raises(InvalidRequest):
        await counter.desk.revise(ID, user_id=MEMBER, prompt="   ")

    assert (await counter.desk.confirm(ID, user_id=MEMBER)).job.prompt == "A kite"


def kept_file(counter: Counter, interaction: int) -> Path:
    """A picture that was fetched for a request."""
    folder = inputs_dir(counter.folder, interaction)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "image1.png").write_bytes(b"picture")
    return folder


async def test_a_quote_that_is_given_up_is_gone_with_its_files(counter: Counter) -> None:
    await counter.quoted()
    folder = kept_file(counter, ID)

    await counter.desk.give_up(ID, user_id=MEMBER)

    assert not folder.exists()
    for attempt in (counter.desk.confirm(ID, user_id=MEMBER), counter.desk.give_up(ID, user_id=MEMBER)):
        with pytest.raises(QuoteGone):
            await attempt


async def test_what_nobody_answers_is_swept_with_its_files_and_nothing_else(counter: Counter) -> None:
    await counter.quoted(interaction=1)
    await counter.quoted(interaction=2)
    await counter.desk.confirm(2, user_id=MEMBER)
    counter.clock.advance(LIFE_MS / 1000)
    await counter.quoted(interaction=3)
    folders = [kept_file(counter, interaction) for interaction in (1, 2, 3)]

    await counter.desk.sweep()

    assert [folder.exists() for folder in folders] == [False, True, True]
    assert (await counter.desk.confirm(3, user_id=MEMBER)).job.state is JobState.QUEUED
    assert await counter.jobs() == 2
