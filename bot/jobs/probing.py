"""The circuit breaker's watch: probes RunComfy while the circuit is open, tells the operator, mends cards.

Every worker watches. The row in the store decides which of them probes and which tells; each shows the cause
on waiting jobs' cards, because each remembers for itself what a card shows.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.errors import DeliveryError, OutOfFunds, Rejected, RunComfyError, StoreUnavailable, Unauthorised
from bot.jobs import breaker, store
from bot.jobs.circuit import Cause, Circuit, Notice
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.jobs.workshop import Workshop

log = structlog.get_logger(__name__)

#: A probe that takes longer (s) has failed. Less than the pause between two, so that there is one at a time.
_PROBE_PATIENCE_S = 20.0
#: A process that ended within this time (ms) before this one began may have left cards behind.
_LEFT_BEHIND_MS = 15 * 60 * 1000


async def show_waiting(shop: Workshop) -> None:
    """Let the cards of waiting jobs say what holds them up now, or that nothing does but the queue.

    Raises:
        StoreUnavailable: the store cannot be used now.
    """
    circuit = await shop.database.run(breaker.read)
    for job in await shop.database.run(store.in_states, [JobState.QUEUED]):
        if job.card_message_id is not None:
            shop.poster.show(job, Progress(obstacle=circuit.cause))


class Prober:
    """Looks at the circuit whenever the tracker looks at the store."""

    def __init__(
        self,
        workshop: Workshop,
        *,
        wake: Callable[[], None],
        in_background: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        """`wake` is called when jobs are due; `in_background` runs what a look does not wait for."""
        self._workshop = workshop
        self._wake = wake
        self._in_background = in_background
        self._probing = False
        self._began_at = workshop.now()
        self._known: tuple[Cause | None, int] | None = None

    async def look(self) -> None:
        """Begin what is to be done. Writes nothing while nothing has changed.

        Raises:
            StoreUnavailable: the store cannot be used now.
        """
        shop = self._workshop
        circuit = await shop.database.run(breaker.read)
        if self._is_news(circuit):
            await show_waiting(shop)
        if circuit.notice is not None:
            notice = await shop.database.run(breaker.claim_notice, at=shop.now())
            if notice is not None:
                self._in_background(self._tell(notice))
        if circuit.probe_is_due(shop.now()) and not self._probing:
            claimed = await shop.database.run(breaker.claim_probe, at=shop.now())
            if claimed is not None:
                self._probing = True
                self._in_background(self._probe(claimed))

    def _is_news(self, circuit: Circuit) -> bool:
        """Whether the cause has changed, also shortly before this process began."""
        before, self._known = self._known, (circuit.cause, circuit.changed_at)
        if before is None:
            return circuit.changed_at > self._began_at - _LEFT_BEHIND_MS
        return before != self._known

    async def _tell(self, notice: Notice) -> None:
        if notice is Notice.RESUMED:
            log.info("requests are submitted again")
        else:
            log.error("nothing is submitted until it is settled", cause=notice)
        try:
            await self._workshop.poster.tell_operator(notice)
        except DeliveryError as error:
            log.warning("operator could not be told", notice=notice, reason=error.reason)

    async def _probe(self, claimed: Circuit) -> None:
        shop = self._workshop
        try:
            found = await self._found(claimed)
            log.info("probed", cause=claimed.cause, found=found)
            if found is not claimed.cause:
                await shop.database.run(breaker.probed, claimed, found, at=shop.now())
                self._wake()
        except StoreUnavailable as error:
            log.error("probe not written down: probed again", reason=error.reason)
        finally:
            self._probing = False

    async def _found(self, claimed: Circuit) -> Cause | None:
        """Why there is no use in submitting, asked where it costs nothing; None where there may be."""
        try:
            async with asyncio.timeout(_PROBE_PATIENCE_S):
                if claimed.cause is Cause.NO_FUNDS:
                    return await self._ask_for_money()
                await self._workshop.runcomfy.model(await self._model_id())
        except Unauthorised:
            return Cause.TOKEN
        except OutOfFunds:
            return Cause.NO_FUNDS
        except Rejected:
            return None  # it answers, and knows the token; what it said is about the model
        except (RunComfyError, TimeoutError):
            return claimed.cause
        return None

    async def _ask_for_money(self) -> Cause | None:
        try:
            balance = await self._workshop.runcomfy.balance()
        except RunComfyError as error:
            # Then a submit has to find out: one a pause, and a refused one costs nothing.
            log.warning("balance cannot be read", reason=error.reason)
            return None
        return None if balance > 0 else Cause.NO_FUNDS

    async def _model_id(self) -> str:
        """A model that somebody waits for; any other where nobody does."""
        shop = self._workshop
        waiting = await shop.database.run(store.in_states, [JobState.QUEUED])
        return waiting[0].model_id if waiting else next(iter(shop.catalogue.values())).model_id
