"""What a server's books must say: its rules told a second time, in plain figures and without a store."""

from dataclasses import dataclass, field

from bot.credits.allowance import period_name
from bot.credits.budget import Month
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier
from tests.support.jobs import GUILD

OPENING = 12


@dataclass
class Asked:
    """A request as the books know it: whose it is, what it holds, what has become of it."""

    user: int
    price: int
    month: str
    open: bool = True
    #: Its price is held in the month's budget.
    in_budget: bool = True
    #: Its price was spent from the month's budget.
    made: bool = False
    uncertain: bool = False
    delivered: bool = False
    refunded: bool = False


@dataclass
class Expectation:
    """The books of one server."""

    settings: ServerSettings
    wallets: dict[int, int] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)
    refilled: set[tuple[int, str]] = field(default_factory=set)
    asked: dict[str, Asked] = field(default_factory=dict)
    latest: dict[int, int] = field(default_factory=dict)
    blocked: dict[int, int | None] = field(default_factory=dict)
    spent: int = 0

    # --- a request ----------------------------------------------------------------------------------

    def limits_met(self, user: int, tier: Tier, at: int) -> set[str]:
        """The codes of the limits that a request would meet."""
        open_jobs = [item for item in self.asked.values() if item.open]
        own = [item for item in open_jobs if item.user == user]
        most = self.settings.jobs_at_once
        until = self.blocked.get(user, 0)
        found = {
            "paused": self.settings.paused,
            "server-jobs": most is not None and len(open_jobs) >= most,
            "member-jobs": len(own) >= tier.jobs_at_once,
            "blocked": until is None or until > at,
            "cooldown": user in self.latest and self.latest[user] + tier.cooldown_s * 1000 > at,
        }
        return {code for code, applies in found.items() if applies}

    def balance_on_use(self, user: int, tier: Tier, at: int) -> int:
        """What the wallet holds once what is due has been given."""
        balance = self.wallets.get(user, 0) + (0 if user in self.opened else OPENING)
        if tier.allowance and (user, period_name(tier.period, at)) not in self.refilled:
            balance += max(0, min(tier.allowance, tier.cap - balance))
        return balance

    def uses_wallet(self, user: int, tier: Tier, at: int) -> int:
        self.wallets[user] = self.balance_on_use(user, tier, at)
        self.opened.add(user)
        if tier.allowance:
            self.refilled.add((user, period_name(tier.period, at)))
        return self.wallets[user]

    def budget_left(self, at: int) -> int | None:
        """What the month's budget has left; None without a limit."""
        if self.settings.budget is None:
            return None
        held, spent = self.month(Month.at(GUILD, at).name)
        return max(0, self.settings.budget - held - spent)

    def month(self, name: str) -> tuple[int, int]:
        """What the month's budget holds, and what was spent of it."""
        asked = [item for item in self.asked.values() if item.month == name]
        held = sum(item.price for item in asked if item.in_budget)
        return held, sum(item.price for item in asked if item.made)

    def accepts(self, job: Job, tier: Tier, at: int) -> None:
        self.uses_wallet(job.user_id, tier, at)
        self.wallets[job.user_id] -= job.price
        self.asked[job.id] = Asked(job.user_id, job.price, Month.at(GUILD, at).name)
        self.latest[job.user_id] = at

    def receives(self, user: int, amount: int) -> None:
        self.wallets[user] = self.wallets.get(user, 0) + amount

    # --- what becomes of it ---------------------------------------------------------------------------

    def sees(self, job: Job) -> None:
        """The job has moved, perhaps to its end."""
        asked = self.asked[job.id]
        if not asked.open or not job.ended:
            return
        asked.open = False
        asked.delivered = job.state is JobState.DELIVERED
        asked.uncertain = job.state is JobState.UNCERTAIN
        if asked.delivered:
            self.spent += job.price
        else:
            self.wallets[job.user_id] += job.price
        asked.in_budget = asked.uncertain
        asked.made = (
            job.state in (JobState.DELIVERED, JobState.UNDELIVERABLE)
            or job.failure in (Failure.WITHHELD, Failure.TIMED_OUT)
            or bool(job.cost_microusd)
        )

    def settles(self, job_id: str, *, ran: bool) -> None:
        asked = self.asked[job_id]
        asked.uncertain, asked.in_budget, asked.made = False, False, ran

    def refunds(self, job_id: str) -> None:
        asked = self.asked[job_id]
        if not asked.refunded:
            asked.refunded = True
            self.spent -= asked.price
            self.wallets[asked.user] += asked.price
