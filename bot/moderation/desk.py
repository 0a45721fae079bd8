"""The moderators' desk: what they can do, each with its transaction, and the cards brought up to date."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.clock import Now
from bot.database import Database
from bot.errors import StaleJob
from bot.jobs import store
from bot.jobs.cancelling import Canceller, CancelOutcome
from bot.jobs.job import Job
from bot.jobs.poster import Poster, Progress
from bot.jobs.states import JobState
from bot.jobs.tracker import Tracker
from bot.moderation import audit, filters, interventions, treasury
from bot.moderation.audit import Entry
from bot.moderation.blocks import Block
from bot.moderation.filters import Filter, Kind, Verdict
from bot.moderation.interventions import Settlement
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier


@dataclass(frozen=True, slots=True)
class ModeratorsDesk:
    """Every method acts in one server, for the moderator `by`; ids of another server find nothing."""

    database: Database
    canceller: Canceller
    tracker: Tracker
    poster: Poster
    now: Now

    async def cancel(self, guild_id: int, job_id: str, *, by: int) -> tuple[CancelOutcome, Job]:
        """Stop a job, or keep its video back where it can no longer be stopped.

        What became of it is written into the audit trail with the job's end, whoever still waits for it.

        Raises:
            StaleJob: the server has no such job.
        """
        await self.database.run(interventions.job_in, guild_id, job_id)
        return await self.canceller.cancel(job_id, by=by, withhold=True)

    async def cancel_member(self, guild_id: int, user_id: int, *, by: int) -> list[CancelOutcome]:
        """Stop every open job of a member, or keep their videos back; one outcome a job."""
        job_ids = await self.database.run(interventions.open_jobs_of, guild_id, user_id)
        return list(await asyncio.gather(*(self._stop(guild_id, job_id, by) for job_id in job_ids)))

    async def _stop(self, guild_id: int, job_id: str, by: int) -> CancelOutcome:
        try:
            return (await self.cancel(guild_id, job_id, by=by))[0]
        except StaleJob:
            return CancelOutcome.OVER  # it moved on at this very moment

    async def approve(self, guild_id: int, job_id: str, *, by: int) -> Job:
        """Let a waiting request go on.

        Raises:
            StaleJob: it does not wait for approval any more.
        """
        job = await self.database.run(interventions.approve, guild_id, job_id, by=by, at=self.now())
        self.poster.show(job, Progress())
        self.tracker.wake()
        return job

    async def reject(self, guild_id: int, job_id: str, *, by: int, reason: str) -> Job:
        """Refuse a waiting request; its credits go back.

        Raises:
            StaleJob: it does not wait for approval any more.
        """
        job = await self.database.run(
            interventions.reject, guild_id, job_id, by=by, reason=reason, at=self.now()
        )
        self.tracker.wake()
        return job

    async def reconcile(self, guild_id: int, job_id: str, settlement: Settlement, *, by: int) -> Job:
        """Settle an uncertain submit.

        Raises:
            StaleJob: the job is not uncertain, or was settled before.
        """
        return await self.database.run(
            interventions.reconcile, guild_id, job_id, settlement, by=by, at=self.now()
        )

    async def block(self, guild_id: int, user_id: int, *, by: int, reason: str, for_ms: int | None) -> Block:
        """Keep a member from asking for videos, for so long (ms) or until unblocked."""
        at = self.now()
        until = None if for_ms is None else at + for_ms
        entry = Block(guild_id, user_id, until, reason, by, at)
        await self.database.run(interventions.block, entry)
        return entry

    async def unblock(self, guild_id: int, user_id: int, *, by: int) -> bool:
        """Let a member ask again; whether there was a block."""
        return await self.database.run(interventions.unblock, guild_id, user_id, by=by, at=self.now())

    async def pause(self, guild_id: int, *, paused: bool, by: int) -> bool:
        """Refuse new requests for now, or take them again; whether anything changed."""
        return await self.database.run(interventions.pause, guild_id, paused=paused, by=by, at=self.now())

    async def take_down(self, guild_id: int, job_id: str, *, by: int, refund: bool, reason: str) -> Job:
        """Delete a posted video, and give its credits back if wanted.

        Raises:
            StaleJob: the server has no such delivered job.
            DeliveryError: Discord did not delete it; nothing was written.
        """
        job = await self.database.run(interventions.job_in, guild_id, job_id)
        if job.state is not JobState.DELIVERED:
            raise StaleJob(job_id)
        await self.poster.delete_video(job)
        how: dict[str, Any] = {"by": by, "refund": refund, "reason": reason, "at": self.now()}
        job = await self.database.run(interventions.take_down, guild_id, job_id, **how)
        self.poster.show(job, Progress())
        return job

    async def add_filter(self, guild_id: int, kind: Kind, text: str, action: Verdict, *, by: int) -> bool:
        """Add a filter; False where the server has it already.

        Raises:
            PatternRefused: the text cannot be used as this kind.
            TooManyFilters: the server has as many as it may.
        """
        return await self.database.run(
            interventions.add_filter, guild_id, kind, text, action, by=by, at=self.now()
        )

    async def remove_filter(self, guild_id: int, filter_id: int, *, by: int) -> Filter | None:
        """Remove a filter; None where the server has no such filter."""
        return await self.database.run(interventions.remove_filter, guild_id, filter_id, by=by, at=self.now())

    async def filters(self, guild_id: int) -> list[Filter]:
        """The server's filters, oldest first."""
        return await self.database.run(filters.of_server, guild_id)

    async def trail(self, guild_id: int, *, before: int | None, limit: int) -> list[Entry]:
        """The server's audit trail, newest first; with `before` what is older than that entry."""
        return await self.database.run(audit.trail, guild_id, before=before, limit=limit)

    async def decision_about(self, guild_id: int, job_id: str) -> tuple[Job, Entry] | None:
        """A request of this server that has waited for approval, and how that ended, if it has."""
        return await self.database.run(_decision_about, guild_id, job_id)

    async def grant(
        self, guild_id: int, user_id: int, amount: int, *, by: int, reference: str, reason: str = ""
    ) -> int:
        """Give a member credits, once a reference; returns the balance.

        Raises:
            ReferenceTaken: the reference was used for something else.
        """
        granted = await self.database.run(
            treasury.grant,
            guild_id,
            user_id,
            amount,
            by=by,
            reference=reference,
            reason=reason,
            at=self.now(),
        )
        return granted.balance

    async def revoke(
        self, guild_id: int, user_id: int, amount: int, *, by: int, reference: str, reason: str = ""
    ) -> int:
        """Take credits from a member, at most what there is; returns the credits taken."""
        return await self.database.run(
            treasury.revoke,
            guild_id,
            user_id,
            amount,
            by=by,
            reference=reference,
            reason=reason,
            at=self.now(),
        )

    async def settings(self, guild_id: int) -> ServerSettings:
        """The server's settings."""
        return await self.database.run(servers.load, guild_id)

    async def change_settings(self, guild_id: int, settings: ServerSettings, *, by: int) -> None:
        """Replace the server's settings; what changed goes into the audit trail."""
        await self.database.run(treasury.change_settings, guild_id, settings, by=by, at=self.now())

    async def change_one(self, guild_id: int, changes: Mapping[str, Any], *, by: int) -> ServerSettings:
        """Change these settings and leave the others as they are now; returns the result.

        Raises:
            SettingsRefused: the result would not make sense; nothing was changed.
        """
        return await self.database.run(treasury.change_one, guild_id, changes, by=by, at=self.now())

    async def put_tier(
        self, guild_id: int, role_id: int | None, changes: Mapping[str, Any], *, position: int | None, by: int
    ) -> Tier:
        """Make or change the tier of a role (None: everybody's), leaving what is not named; returns it.

        Raises:
            SettingsRefused: a value is out of bounds, or there are the most tiers already.
        """
        return await self.database.run(
            treasury.put_tier, guild_id, role_id, changes, position=position, by=by, at=self.now()
        )

    async def remove_tier(self, guild_id: int, role_id: int | None, *, by: int) -> bool:
        """Take a role's tier away; whether there was one."""
        return await self.database.run(treasury.remove_tier, guild_id, role_id, by=by, at=self.now())

    async def waiting_jobs(self, guild_id: int) -> list[Job]:
        """The server's jobs that a moderator may have to do with: open ones, and uncertain ones to settle."""
        return await self.database.run(store.on_the_board, guild_id)


def _decision_about(connection: Connection, guild_id: int, job_id: str) -> tuple[Job, Entry] | None:
    entry = audit.decision_about(connection, guild_id, job_id)
    return None if entry is None else (store.get(connection, job_id), entry)
