"""Whatever members, moderators and the clock do to a server, in any order, with a crash at any statement:

its books balance, nobody loses a credit without a video, and its budget holds.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, event, select

from bot.credits import budget, gifts, ledger
from bot.credits.audit import audit
from bot.credits.budget import Month
from bot.database import Database
from bot.errors import BudgetExhausted, InsufficientCredits, LimitReached, StaleJob
from bot.jobs import admission, store
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import ENDED, JobState
from bot.moderation import interventions, treasury
from bot.moderation.blocks import Block
from bot.moderation.interventions import Settlement
from bot.schema import metadata
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Period, Tier
from tests.conftest import url_of
from tests.credits.expectation import OPENING, Expectation
from tests.credits.ways import everything, next_states, way_to
from tests.support.jobs import GUILD, new_job

T = TypeVar("T")
SECOND, DAY = 1000, 86_400_000
#: Shortly before the end of a month that is the end of a week too: 2026-11-29, 23:59:00 UTC.
BEGINNING = 1_795_996_740_000
ROLE = 7
GOLD = Tier(name="gold", role_id=ROLE, allowance=10, cap=25, jobs_at_once=4, priority=5)
PLAIN = Tier(name="all", allowance=6, cap=9, period=Period.WEEK, jobs_at_once=3, cooldown_s=2)
#: Only the first has the role.
ROLES = {1: (ROLE,), 2: (), 3: ()}
MODERATOR = 99

MEMBERS = st.sampled_from(sorted(ROLES))
AMOUNTS = st.integers(1, 15)
PRICES = st.integers(0, 12)
ENDS = st.sampled_from(sorted(ENDED))
LIMITS = st.none() | st.integers(0, 40)
#: Before which statement of its transaction the process dies; None: it lives.
DEATHS = st.none() | st.none() | st.none() | st.integers(1, 14)
COSTS = st.sampled_from([None, 0, 250_000])
FAILURES = st.sampled_from([Failure.RENDER_FAILED, Failure.WITHHELD, Failure.TIMED_OUT, Failure.CANCELLED])
REFUSALS = (LimitReached, InsufficientCredits, BudgetExhausted)


class Crash(Exception):
    """The process dies in the middle of a transaction."""


class Server(RuleBasedStateMachine):
    """A server in the real store, beside what its books must say."""

    empty_store: ClassVar[Path]
    jobs = Bundle("jobs")
    ended = Bundle("ended")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = Path(shutil.copy(self.empty_store, self.folder / "showreel.db"))
        self.runner = asyncio.Runner()
        self.database = Database(url_of(path))
        event.listen(self.database.engine.sync_engine, "before_cursor_execute", self._count_down)
        self.statements_left: int | None = None
        self.at = BEGINNING
        self.names = count()
        self.books = Expectation(ServerSettings())
        self._set(tiers=(GOLD, PLAIN), moderators_channel=5, budget=30)

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    # --- the process, and how it dies -------------------------------------------------------------------

    def _count_down(self, *_: object) -> None:
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left <= 0:
                raise Crash

    def run(self, function: Callable[..., T], *args: Any, dies: int | None = None, **kwargs: Any) -> T:
        """One transaction; where it dies half way, the store must be as it was before."""
        before = None if dies is None else self.run(everything)

        def transaction(connection: Connection) -> T:
            self.statements_left = dies
            try:
                return function(connection, *args, **kwargs)
            finally:
                self.statements_left = None

        try:
            return self.runner.run(self.database.run(transaction))
        except Crash:
            assert self.run(everything) == before
            raise

    def tier(self, user: int) -> Tier:
        return GOLD if ROLES[user] else PLAIN

    def job(self, job_id: str) -> Job:
        return self.run(store.get, job_id)

    def name(self) -> str:
        return f"reference-{next(self.names)}"

    # --- members ----------------------------------------------------------------------------------------

    @rule(user=MEMBERS, dies=DEATHS)
    def looks_at_the_balance(self, user: int, dies: int | None) -> None:
        with suppress(Crash):
            found = self.run(
                admission.open_wallet_of,
                GUILD,
                user,
                ROLES[user],
                opening_credits=OPENING,
                at=self.at,
                dies=dies,
            )
            assert found == self.books.uses_wallet(user, self.tier(user), self.at)

    @rule(target=jobs, user=MEMBERS, price=PRICES, seconds=st.sampled_from([0, 2, 3]), dies=DEATHS)
    def asks(self, user: int, price: int, seconds: int, dies: int | None) -> Any:
        self.at += seconds * SECOND
        return self._ask(user, price, dies)

    @rule(target=jobs, price=PRICES, end=ENDS, failure=FAILURES, cost=COSTS)
    def asks_and_waits(self, price: int, end: JobState, failure: Failure, cost: int | None) -> Any:
        """The member of the best tier again and again: so that a month fills up."""
        asked = self._ask(1, price, None)
        if isinstance(asked, str):
            self._end(asked, end, failure, cost, None)
        return asked

    def _ask(self, user: int, price: int, dies: int | None) -> Any:
        new = new_job(user_id=user, price=price, role_ids=ROLES[user])
        told, expected = None, self._refusal(user, price)
        try:
            job, is_new = self.run(admission.admit, new, opening_credits=OPENING, at=self.at, dies=dies)
        except Crash:
            return multiple()
        except REFUSALS as refusal:
            told = _told(refusal)
        assert told == expected
        if told is not None:
            return multiple()
        assert is_new
        assert (job.state is JobState.AWAITING_APPROVAL) == self.books.settings.approve_everything
        self.books.accepts(job, self.tier(user), self.at)
        limit = self.books.settings.budget
        assert limit is None or price == 0 or sum(self.books.month(Month.at(GUILD, self.at).name)) <= limit
        # Discord delivers the interaction twice.
        assert self.run(admission.admit, new, opening_credits=OPENING, at=self.at) == (job, False)
        return job.id

    def _refusal(self, user: int, price: int) -> object:
        if codes := self.books.limits_met(user, self.tier(user), self.at):
            return codes
        balance = self.books.balance_on_use(user, self.tier(user), self.at)
        if price > balance:
            return price, balance
        left = self.books.budget_left(self.at)
        return (price, left) if left is not None and price > left else None

    @rule(giver=MEMBERS, receiver=MEMBERS, amount=AMOUNTS, dies=DEATHS)
    def gives(self, giver: int, receiver: int, amount: int, dies: int | None) -> None:
        if giver == receiver:
            self._grant(giver, amount, dies)
            return
        who: dict[str, Any] = {"guild_id": GUILD, "giver": giver, "receiver": receiver}
        what: dict[str, Any] = {"amount": amount, "reference": self.name(), "at": self.at}
        if amount > self.books.wallets.get(giver, 0):
            with pytest.raises((InsufficientCredits, Crash)):
                self.run(gifts.give, **who, **what, dies=dies)
            return
        with suppress(Crash):
            self.run(gifts.give, **who, **what, dies=dies)
            self.books.receives(giver, -amount)
            self.books.receives(receiver, amount)

    # --- staff ------------------------------------------------------------------------------------------

    def _grant(self, user: int, amount: int, dies: int | None) -> None:
        how: dict[str, Any] = {"by": MODERATOR, "reference": self.name(), "at": self.at}
        with suppress(Crash):
            self.run(treasury.grant, GUILD, user, amount, **how, dies=dies)
            self.books.receives(user, amount)
            # A repeated reference gives nothing.
            self.run(treasury.grant, GUILD, user, amount, **how)

    @rule(user=MEMBERS, amount=AMOUNTS, dies=DEATHS)
    def revokes(self, user: int, amount: int, dies: int | None) -> None:
        how: dict[str, Any] = {"by": MODERATOR, "reference": self.name(), "at": self.at}
        with suppress(Crash):
            taken = self.run(treasury.revoke, GUILD, user, amount, **how, dies=dies)
            assert taken == min(amount, self.books.wallets.get(user, 0))
            self.books.receives(user, -taken)

    @rule(limit=LIMITS, dies=DEATHS)
    def sets_the_budget(self, limit: int | None, dies: int | None) -> None:
        with suppress(Crash):
            self._set(budget=limit, dies=dies)

    @rule(
        most=st.none() | st.integers(1, 5),
        approve=st.booleans(),
        paused=st.sampled_from([False, False, True]),
    )
    def opens_or_shuts_the_doors(self, most: int | None, *, approve: bool, paused: bool) -> None:
        self._set(jobs_at_once=most, approve_everything=approve)
        changed = self.run(interventions.pause, GUILD, paused=paused, by=MODERATOR, at=self.at)
        assert changed == (self.books.settings.paused != paused)
        self.books.settings = self.books.settings.model_copy(update={"paused": paused})

    @rule(user=MEMBERS, seconds=st.none() | st.integers(1, 5), block=st.booleans())
    def blocks_or_unblocks(self, user: int, seconds: int | None, *, block: bool) -> None:
        lifted = self.run(interventions.unblock, GUILD, user, by=MODERATOR, at=self.at)
        assert lifted == (user in self.books.blocked)
        self.books.blocked.pop(user, None)
        if block:
            until = None if seconds is None else self.at + seconds * SECOND
            self.run(interventions.block, Block(GUILD, user, until, "rude", MODERATOR, self.at))
            self.books.blocked[user] = until

    @rule(seconds=st.sampled_from([1, 2, 61, 3600, 86_400, 7 * 86_400, 31 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.at += seconds * SECOND

    # --- jobs -------------------------------------------------------------------------------------------

    @rule(job_id=jobs, yes=st.booleans(), dies=DEATHS)
    def is_decided(self, job_id: str, dies: int | None, *, yes: bool) -> None:
        waits = self.job(job_id).state is JobState.AWAITING_APPROVAL
        with self._unless_stale(job_id, stale=not waits):
            if yes:
                self.run(interventions.approve, GUILD, job_id, by=MODERATOR, at=self.at, dies=dies)
            else:
                how: dict[str, Any] = {"by": MODERATOR, "reason": "no", "at": self.at}
                self.run(interventions.reject, GUILD, job_id, **how, dies=dies)

    @rule(job_id=jobs, withhold=st.booleans(), dies=DEATHS)
    def is_cancelled(self, job_id: str, dies: int | None, *, withhold: bool) -> None:
        how: dict[str, Any] = {"by": MODERATOR, "at": self.at, "withhold": withhold}
        with self._unless_stale(job_id, stale=False):
            self.run(store.request_cancel, job_id, **how, dies=dies)

    @rule(job_id=jobs, pick=st.integers(0, 9), failure=FAILURES, cost=COSTS, dies=DEATHS)
    def goes_on(self, job_id: str, pick: int, failure: Failure, cost: int | None, dies: int | None) -> None:
        job = self.job(job_id)
        if nexts := next_states(job.state):
            with self._unless_stale(job_id, stale=False):
                self._step(job, nexts[pick % len(nexts)], failure, cost, dies)

    @rule(target=ended, job_id=consumes(jobs), end=ENDS, failure=FAILURES, cost=COSTS, dies=DEATHS)
    def ends(self, job_id: str, end: JobState, failure: Failure, cost: int | None, dies: int | None) -> str:
        self._end(job_id, end, failure, cost, dies)
        return job_id

    def _end(self, job_id: str, end: JobState, failure: Failure, cost: int | None, dies: int | None) -> None:
        way = way_to(self.job(job_id).state, end)
        with self._unless_stale(job_id, stale=False):
            for at, step in enumerate(way):
                self._step(self.job(job_id), step, failure, cost, dies if at == len(way) - 1 else None)

    def _step(self, job: Job, to: JobState, failure: Failure, cost: int | None, dies: int | None) -> None:
        changes: dict[str, Any] = {}
        if to is JobState.UNCERTAIN:
            changes = {"failure": Failure.UNCERTAIN}
        elif to in ENDED and to not in (JobState.DELIVERED, JobState.REJECTED):
            changes = {"failure": failure, "cost_microusd": cost}
        self.run(store.move, job, to, at=self.at, dies=dies, **changes)

    @rule(job_id=st.one_of(ended, jobs), settlement=st.sampled_from(Settlement), dies=DEATHS)
    def is_reconciled(self, job_id: str, settlement: Settlement, dies: int | None) -> None:
        unsettled = self.books.asked[job_id].uncertain
        with self._unless_stale(job_id, stale=not unsettled):
            self.run(interventions.reconcile, GUILD, job_id, settlement, by=MODERATOR, at=self.at, dies=dies)
            self.books.settles(job_id, ran=settlement is Settlement.RAN)

    @rule(job_id=st.one_of(ended, jobs), refund=st.booleans(), dies=DEATHS)
    def is_taken_down(self, job_id: str, dies: int | None, *, refund: bool) -> None:
        how: dict[str, Any] = {"by": MODERATOR, "reason": "rude", "refund": refund, "at": self.at}
        with self._unless_stale(job_id, stale=not self.books.asked[job_id].delivered):
            self.run(interventions.take_down, GUILD, job_id, **how, dies=dies)
            if refund:
                self.books.refunds(job_id)

    @contextmanager
    def _unless_stale(self, job_id: str, *, stale: bool) -> Iterator[None]:
        """Bring the books up to date with a job, whether something was refused, done, or crashed."""
        if stale:
            with pytest.raises((StaleJob, Crash)):
                yield
        else:
            with suppress(Crash):
                yield
        self.books.sees(self.job(job_id))

    # --- after every step -------------------------------------------------------------------------------

    @invariant()
    def the_books_say_what_they_must(self) -> None:
        self.run(self._check)

    def _check(self, connection: Connection) -> None:
        assert audit(connection) == []
        accounts = {
            row.id: int(row.balance) for row in connection.execute(select(metadata.tables["accounts"]))
        }
        assert sum(accounts.values()) == 0
        assert all(balance >= 0 for name, balance in accounts.items() if name != ledger.WORLD)
        for user, balance in self.books.wallets.items():
            assert accounts.get(ledger.member_account(GUILD, user), 0) == balance
        assert accounts.get(ledger.spent_account(GUILD), 0) == self.books.spent
        for month in {item.month for item in self.books.asked.values()}:
            standing = budget.standing(connection, Month(GUILD, month), self.books.settings.budget)
            assert (standing.held, standing.spent) == self.books.month(month)
        holds = {name for name, balance in accounts.items() if balance and name.startswith("hold:")}
        assert holds == {
            ledger.hold_account(job_id)
            for job_id, item in self.books.asked.items()
            if item.open and item.price
        }

    # --- pieces -----------------------------------------------------------------------------------------

    def _set(self, *, dies: int | None = None, **changes: Any) -> None:
        wanted = ServerSettings.model_validate({**self.books.settings.model_dump(), **changes})
        self.run(treasury.change_settings, GUILD, wanted, by=MODERATOR, at=self.at, dies=dies)
        self.books.settings = wanted


def _told(refusal: Exception) -> object:
    match refusal:
        case LimitReached():
            return {limit.code for limit in refusal.limits}
        case InsufficientCredits():
            return refusal.needed, refusal.available
        case BudgetExhausted():
            return refusal.needed, refusal.left
    raise refusal


def test_the_books_of_a_server_are_right_after_any_history(empty_store: Path) -> None:
    Server.empty_store = empty_store
    run_state_machine_as_test(
        Server,
        settings=settings(
            max_examples=10,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
