"""Whatever happens to many jobs of several members, in any order: the books balance after every step."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Connection, func, select

from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.errors import InsufficientCredits, InvalidTransition, StaleJob
from bot.jobs import admission, store
from bot.jobs.job import NewJob
from bot.jobs.states import ENDED, JobState
from bot.schema import accounts, jobs
from tests.support.jobs import GUILD, new_job

T = TypeVar("T")
OPENING = 20
MEMBERS = st.integers(1, 3)
PRICES = st.integers(0, 15)


class _Crash(Exception):
    """The process dies before the commit."""


class Books(RuleBasedStateMachine):
    """A model of the ledger beside the real one: what each member must have."""

    empty_store: ClassVar[Path]
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        path = shutil.copy(self.empty_store, self.folder / "showreel.db")
        self.runner = asyncio.Runner()
        self.database = Database(f"sqlite+aiosqlite:///{path}")
        self.wallets: dict[int, int] = {}
        self.held: dict[str, NewJob] = {}
        self.spent = 0
        self.at = 0

    def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        self.at += 1
        return self.runner.run(self.database.run(function, *args, **kwargs))

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    @rule(user=MEMBERS)
    def looks_at_the_balance(self, user: int) -> None:
        found = self.run(ledger.open_wallet, guild_id=GUILD, user_id=user, grant=OPENING, at=self.at)
        assert found == self.wallets.setdefault(user, OPENING)

    @rule(target=jobs, user=MEMBERS, price=PRICES)
    def asks(self, user: int, price: int) -> NewJob:
        new = new_job(user_id=user, price=price)
        affordable = self.wallets.get(user, OPENING) >= price
        try:
            job, is_new = self.run(admission.admit, new, opening_credits=OPENING, at=self.at)
        except InsufficientCredits:
            assert not affordable
            return new
        assert affordable
        assert is_new
        self.wallets[user] = self.wallets.get(user, OPENING) - price
        self.held[job.id] = new
        return new

    @rule(new=jobs)
    def is_delivered_twice_by_discord(self, new: NewJob) -> None:
        known = self.run(store.by_interaction, new.interaction_id)
        if known is not None:
            again = self.run(admission.admit, new, opening_credits=OPENING, at=self.at)
            assert again == (known, False)

    @rule(new=jobs, to=st.sampled_from(JobState))
    def moves(self, new: NewJob, to: JobState) -> None:
        job = self.run(store.by_interaction, new.interaction_id)
        if job is None:
            return
        try:
            moved = self.run(store.move, job, to, at=self.at)
        except (InvalidTransition, StaleJob):
            return
        self._settle(moved.id, moved.state)

    @rule(new=jobs)
    def is_cancelled(self, new: NewJob) -> None:
        job = self.run(store.by_interaction, new.interaction_id)
        if job is not None:
            asked = self.run(store.request_cancel, job.id, by=job.user_id, at=self.at)
            self._settle(asked.id, asked.state)

    @rule(new=jobs, to=st.sampled_from(JobState))
    def crashes_while_it_moves(self, new: NewJob, to: JobState) -> None:
        job = self.run(store.by_interaction, new.interaction_id)
        if job is None:
            return

        def interrupted(connection: Connection) -> None:
            store.move(connection, job, to, at=self.at)
            raise _Crash

        with pytest.raises((_Crash, InvalidTransition, StaleJob)):
            self.run(interrupted)
        assert self.run(store.get, job.id) == job

    @rule(user=MEMBERS, price=PRICES)
    def crashes_while_it_is_accepted(self, user: int, price: int) -> None:
        new = new_job(user_id=user, price=price)

        def interrupted(connection: Connection) -> None:
            admission.admit(connection, new, opening_credits=OPENING, at=self.at)
            raise _Crash

        with pytest.raises((_Crash, InsufficientCredits)):
            self.run(interrupted)
        assert self.run(store.by_interaction, new.interaction_id) is None

    def _settle(self, job_id: str, state: JobState) -> None:
        if state is JobState.DELIVERED and job_id in self.held:
            self.spent += self.held.pop(job_id).price
        elif state in ENDED and job_id in self.held:
            new = self.held.pop(job_id)
            self.wallets[new.user_id] += new.price

    @invariant()
    def the_books_balance(self) -> None:
        self.run(self._check)

    def _check(self, connection: Connection) -> None:
        assert audit(connection) == []
        found = {row.id: row.balance for row in connection.execute(select(accounts))}
        assert all(balance >= 0 for account, balance in found.items() if account != ledger.WORLD)
        assert sum(found.values()) == 0
        for user, balance in self.wallets.items():
            assert ledger.balance(connection, ledger.member_account(GUILD, user)) == balance
        assert ledger.balance(connection, ledger.spent_account(GUILD)) == self.spent
        open_jobs = select(func.count()).select_from(jobs).where(jobs.c.ended_at.is_(None))
        assert connection.scalar(open_jobs) == len(self.held)


def test_the_books_balance_after_any_history(empty_store: Path) -> None:
    Books.empty_store = empty_store
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
