"""The limits of a request, checked in the transaction that holds its credits: no count is ever outdated."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, select

from bot.errors import Limit, LimitReached
from bot.moderation import blocks
from bot.schema import jobs
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier, lines_of


@dataclass(frozen=True, slots=True)
class Ask:
    """What limits look at of a request; a thread counts as the channel it belongs to, too."""

    guild_id: int
    channel_ids: tuple[int | None, ...]
    user_id: int
    model: str
    resolution: str | None
    duration_s: int | None


def check(connection: Connection, ask: Ask, settings: ServerSettings, tier: Tier, *, at: int) -> None:
    """Check everything but credits and budget, which are checked by holding them.

    Raises:
        LimitReached: with every limit the request meets.
    """
    found = [
        *_of_the_server(connection, ask, settings),
        *_of_the_member(connection, ask, tier, at),
        *_of_the_tier(ask, tier),
    ]
    if found:
        raise LimitReached(found)


def _of_the_server(connection: Connection, ask: Ask, settings: ServerSettings) -> Iterator[Limit]:
    if settings.paused:
        yield Limit("paused")
    if settings.allowed_channels and not set(ask.channel_ids) & set(settings.allowed_channels):
        yield Limit("channel", " ".join(f"<#{channel}>" for channel in settings.allowed_channels))
    most = settings.jobs_at_once
    if most is not None and _open_jobs(connection, jobs.c.guild_id == ask.guild_id) >= most:
        yield Limit("server-jobs", most)


def _of_the_member(connection: Connection, ask: Ask, tier: Tier, at: int) -> Iterator[Limit]:
    block = blocks.find(connection, ask.guild_id, ask.user_id, at=at)
    if block is not None:
        yield Limit("blocked", block.reason, block.until)
    own = (jobs.c.guild_id == ask.guild_id) & (jobs.c.user_id == ask.user_id)
    if _open_jobs(connection, own) >= tier.jobs_at_once:
        yield Limit("member-jobs", tier.jobs_at_once)
    if tier.cooldown_s:
        cooldown_ms = tier.cooldown_s * 1000
        # What is further ahead was written by a clock that ran ahead, and would hold for as long as that.
        known = own & (jobs.c.created_at <= at + cooldown_ms)
        latest = connection.scalar(select(func.max(jobs.c.created_at)).where(known))
        if latest is not None and (until := latest + cooldown_ms) > at:
            yield Limit("cooldown", tier.cooldown_s, until)


def _of_the_tier(ask: Ask, tier: Tier) -> Iterator[Limit]:
    if tier.models is not None and ask.model not in tier.models:
        yield Limit("model", ", ".join(f"/{model}" for model in tier.models))
    if (
        tier.max_resolution is not None
        and ask.resolution is not None
        and lines_of(ask.resolution) > lines_of(tier.max_resolution)
    ):
        yield Limit("resolution", tier.max_resolution)
    if (
        tier.max_duration_s is not None
        and ask.duration_s is not None
        and ask.duration_s > tier.max_duration_s
    ):
        yield Limit("duration", tier.max_duration_s)


def _open_jobs(connection: Connection, whose: ColumnElement[bool]) -> int:
    statement = select(func.count()).select_from(jobs).where(whose, jobs.c.ended_at.is_(None))
    return connection.scalar(statement) or 0
