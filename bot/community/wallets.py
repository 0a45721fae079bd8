"""Wallets: what a member has, when more comes, what moved, and giving some of it away."""

from dataclasses import dataclass

from sqlalchemy import Connection

from bot.clock import Now
from bot.credits import gifts, usage
from bot.credits.allowance import next_period_at
from bot.credits.usage import Movement
from bot.database import Database
from bot.jobs import admission
from bot.servers import store as servers
from bot.servers.tiers import Tier


@dataclass(frozen=True, slots=True)
class Wallet:
    """A member's wallet.

    Attributes:
        balance: in credits.
        tier: the member's, which may have an allowance.
        refill_at: when the next allowance is there to be had (ms); None where the tier has none.
    """

    balance: int
    tier: Tier
    refill_at: int | None


@dataclass(frozen=True, slots=True)
class Wallets:
    """The wallets of every server; `starting_credits` is the opening grant."""

    database: Database
    starting_credits: int
    now: Now

    async def open(self, guild_id: int, user_id: int, role_ids: tuple[int, ...]) -> Wallet:
        """A member's wallet; an opening grant or allowance that is due is given first."""
        return await self.database.run(
            _open, guild_id, user_id, role_ids, opening_credits=self.starting_credits, at=self.now()
        )

    async def history(self, guild_id: int, user_id: int, *, limit: int, skip: int) -> list[Movement]:
        """What moved in a member's wallet, newest first."""
        return await self.database.run(usage.history, guild_id, user_id, limit=limit, skip=skip)

    async def give(
        self,
        guild_id: int,
        *,
        giver: int,
        role_ids: tuple[int, ...],
        receiver: int,
        amount: int,
        reference: str,
    ) -> int:
        """Move credits to another member, once a reference; returns the giver's balance.

        What is due to the giver (who has the roles `role_ids`) is given first.

        Raises:
            InsufficientCredits: the giver has less; nothing moved.
        """
        return await self.database.run(
            _give,
            guild_id,
            giver,
            role_ids,
            receiver=receiver,
            amount=amount,
            reference=reference,
            opening_credits=self.starting_credits,
            at=self.now(),
        )


def _open(
    connection: Connection,
    guild_id: int,
    user_id: int,
    role_ids: tuple[int, ...],
    *,
    opening_credits: int,
    at: int,
) -> Wallet:
    balance = admission.open_wallet_of(
        connection, guild_id, user_id, role_ids, opening_credits=opening_credits, at=at
    )
    tier = servers.load(connection, guild_id).tier_for(role_ids)
    return Wallet(balance, tier, next_period_at(tier.period, at) if tier.allowance else None)


def _give(
    connection: Connection,
    guild_id: int,
    giver: int,
    role_ids: tuple[int, ...],
    *,
    receiver: int,
    amount: int,
    reference: str,
    opening_credits: int,
    at: int,
) -> int:
    admission.open_wallet_of(connection, guild_id, giver, role_ids, opening_credits=opening_credits, at=at)
    return gifts.give(
        connection,
        guild_id=guild_id,
        giver=giver,
        receiver=receiver,
        amount=amount,
        reference=reference,
        at=at,
    )
