"""Admission: everything that decides about a checked request, in the one transaction that writes its job."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot import turns
from bot.credits import allowance, budget, ledger, limits
from bot.credits.budget import Month, Standing
from bot.errors import BudgetExhausted, InsufficientCredits, PromptFiltered, QuoteGone
from bot.jobs import quotes, store
from bot.jobs.job import Job, NewJob
from bot.jobs.states import JobState
from bot.moderation import approvals, audit, filters
from bot.moderation.audit import THE_BOT, Action
from bot.moderation.filters import Verdict
from bot.servers import store as servers
from bot.servers.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a request would come to: for a quote. `balance_after` in credits."""

    price: int
    balance_after: int
    budget: Standing
    needs_approval: bool
    asks_first: bool

    def check_affordable(self) -> None:
        """Raise `InsufficientCredits` or `BudgetExhausted` where the request could not be paid for."""
        if self.balance_after < 0:
            raise InsufficientCredits(needed=self.price, available=self.price + self.balance_after)
        left = self.budget.left
        if left is not None and left < self.price:
            raise BudgetExhausted(needed=self.price, left=left)


def admit(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> tuple[Job, bool]:
    """Accept a request: limits, filter, budget, credits and the job, all or nothing.

    Returns the job, and whether it is new: the same interaction twice is the same job.

    Raises:
        LimitReached, PromptFiltered, BudgetExhausted, InsufficientCredits: nothing was written.
    """
    turns.of_server(connection, new.guild_id)
    known = store.by_interaction(connection, new.interaction_id)
    if known is not None:
        return known, False
    settings = servers.load(connection, new.guild_id)
    reason = _weigh(connection, new, settings, at)
    _open_wallet(connection, new, opening_credits=opening_credits, at=at)
    job = store.create(
        connection,
        # What everybody sees is in one language, whatever Discord says of the server.
        replace(new, locale=settings.language or new.locale),
        at=at,
        state=JobState.QUEUED if reason is None else JobState.AWAITING_APPROVAL,
        priority=settings.tier_for(new.role_ids).priority,
        approval_reason=reason,
    )
    _hold_budget(connection, job, settings, at)
    return job, True


def preview(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> Outlook:
    """What admitting the request would come to. Refuses what `admit` would refuse for now, and holds nothing.

    Raises:
        LimitReached, PromptFiltered: as `admit`.
    """
    turns.of_server(connection, new.guild_id)
    settings = servers.load(connection, new.guild_id)
    reason = _weigh(connection, new, settings, at)
    balance = _open_wallet(connection, new, opening_credits=opening_credits, at=at)
    month = Month.at(new.guild_id, at)
    standing = budget.standing(connection, month, settings.budget)
    nearly_used_up = standing.percent >= budget.WARNINGS[-2]
    if nearly_used_up and standing.left is not None and standing.left < new.price:
        # From now on requests are refused, though a few credits are left: the last mark stands for that.
        _tell_marks(connection, month, standing, percent=budget.WARNINGS[-1], at=at)
    return Outlook(
        price=new.price,
        balance_after=balance - new.price,
        budget=standing,
        needs_approval=reason is not None,
        asks_first=settings.quote_above is not None and new.price > settings.quote_above,
    )


def quote_or_admit(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> Job | Outlook:
    """Accept a request, or keep it as a quote where the server wants its members asked first.

    Raises:
        RequestRefused: as `admit`.
    """
    outlook = preview(connection, new, opening_credits=opening_credits, at=at)
    outlook.check_affordable()
    if not outlook.asks_first:
        return admit(connection, new, opening_credits=opening_credits, at=at)[0]
    quotes.keep(connection, new, at=at)
    return outlook


def requote(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> Outlook:
    """Keep a changed request as the quote of its interaction.

    Raises:
        QuoteGone: the quote was used or given up meanwhile.
        RequestRefused: as `admit`; the quote stays as it was.
    """
    quotes.find(connection, new.interaction_id, user_id=new.user_id, at=at)
    outlook = preview(connection, new, opening_credits=opening_credits, at=at)
    outlook.check_affordable()
    quotes.keep(connection, new, at=at)
    return outlook


def confirm(
    connection: Connection,
    interaction_id: int,
    *,
    user_id: int,
    opening_credits: int,
    at: int,
    offered: Callable[[str], object],
) -> Job:
    """Accept a quoted request; `offered(model)` raises where its model is not to be had any more.

    Raises:
        QuoteGone: it was used, given up or too old, or is somebody else's.
        RequestRefused: as `admit`.
    """
    try:
        new = quotes.find(connection, interaction_id, user_id=user_id, at=at)
    except QuoteGone:
        known = store.by_interaction(connection, interaction_id)
        if known is not None and known.user_id == user_id:
            return known  # pressed twice at the same moment
        raise
    offered(new.model)
    job, _ = admit(connection, new, opening_credits=opening_credits, at=at)
    quotes.drop(connection, interaction_id)
    return job


def open_wallet_of(
    connection: Connection,
    guild_id: int,
    user_id: int,
    role_ids: tuple[int, ...],
    *,
    opening_credits: int,
    at: int,
) -> int:
    """The opening grant and the period's allowance, where they are due; returns the balance (credits)."""
    turns.of_server(connection, guild_id)
    tier = servers.load(connection, guild_id).tier_for(role_ids)
    ledger.open_wallet(connection, guild_id=guild_id, user_id=user_id, grant=opening_credits, at=at)
    allowance.refill(connection, guild_id=guild_id, user_id=user_id, tier=tier, at=at)
    return ledger.balance(connection, ledger.member_account(guild_id, user_id))


def _open_wallet(connection: Connection, new: NewJob, *, opening_credits: int, at: int) -> int:
    return open_wallet_of(
        connection, new.guild_id, new.user_id, new.role_ids, opening_credits=opening_credits, at=at
    )


def _weigh(connection: Connection, new: NewJob, settings: ServerSettings, at: int) -> approvals.Reason | None:
    """Check limits and filters; returns why a moderator has to be asked first, if one has to."""
    limits.check(connection, _ask(new), settings, settings.tier_for(new.role_ids), at=at)
    hit = filters.judge(connection, new.guild_id, str(new.options["prompt"]))
    if hit is not None and (hit.action is Verdict.REFUSE or settings.moderators_channel is None):
        # Nobody could be asked: what cannot be checked counts as refused.
        raise PromptFiltered
    return approvals.reason_for(
        connection,
        settings,
        guild_id=new.guild_id,
        user_id=new.user_id,
        price=new.price,
        flagged=hit is not None,
    )


def _ask(new: NewJob) -> limits.Ask:
    resolution, duration = new.options.get("resolution"), new.options.get("duration")
    return limits.Ask(
        guild_id=new.guild_id,
        channel_ids=(new.channel_id, new.parent_channel_id),
        user_id=new.user_id,
        model=new.model,
        resolution=None if resolution is None else str(resolution),
        duration_s=None if duration is None else int(duration),
    )


def _hold_budget(connection: Connection, job: Job, settings: ServerSettings, at: int) -> None:
    """Hold the price in the month's budget; tell the moderators when it passes a mark."""
    month = Month.at(job.guild_id, at)
    budget.hold(connection, month, settings.budget, job_id=job.id, amount=job.price, at=at)
    standing = budget.standing(connection, month, settings.budget)
    _tell_marks(connection, month, standing, percent=standing.percent, at=at)


def _tell_marks(connection: Connection, month: Month, standing: Standing, *, percent: int, at: int) -> None:
    """Tell the moderators of every mark reached, once a month each."""
    marks = [mark for mark in budget.WARNINGS if mark <= percent]
    told = audit.budget_warnings(connection, month.guild_id, month.name) if marks else set()
    for mark in marks:
        if mark not in told:
            audit.record(
                connection,
                month.guild_id,
                Action.BUDGET_WARNING,
                actor=THE_BOT,
                at=at,
                percent=mark,
                month=month.name,
                limit=standing.limit,
            )
