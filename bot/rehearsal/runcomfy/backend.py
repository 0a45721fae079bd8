"""What the stand-in knows and decides, without HTTP."""

import asyncio
import random
import uuid
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import aiohttp

from bot.rehearsal.runcomfy.faults import Fault, Faults
from bot.rehearsal.runcomfy.inputs import Verdict, judge_inputs
from bot.rehearsal.runcomfy.pricing import read_order
from bot.rehearsal.runcomfy.queue import Outcome, Queue, Render, State

_FAILURES: dict[Fault, Any] = {
    Fault.FAILS_WITH_TEXT: "the renderer gave up",
    Fault.FAILS_WITH_OBJECT: {"code": "InternalError", "message": "the renderer gave up"},
    Fault.FAILS_WITHOUT_ERROR: None,
    Fault.SENSITIVE_CONTENT: "OutputVideoSensitiveContentDetected: the video was held back",
}
_SENSITIVE_AUDIO = {"code": "OutputAudioSensitiveContentDetected", "message": "the sound was held back"}


class Submit(NamedTuple):
    """A request that was accepted, also if its answer was lost."""

    request_id: str
    model_id: str
    payload: Mapping[str, Any]


class Backend:
    """The stand-in's state: balance, queue, records.

    Attributes:
        submits: accepted requests in order.
        calls: how many calls arrived, by endpoint (`submit`, `status`, `result`, `cancel`, `models`,
            `model`, `balance`, `output`), refused and bent ones included.
        leaks: paths of output files that were asked for with an `Authorization` header.
    """

    def __init__(
        self,
        *,
        token: str,
        schemas: Mapping[str, Mapping[str, Any]],
        queue: Queue,
        balance_usd: Decimal,
        seed: int,
    ) -> None:
        self.token = token
        self.schemas = schemas
        self.queue = queue
        self.balance_usd = balance_usd
        self.faults = Faults()
        self.submits: list[Submit] = []
        self.calls: Counter[str] = Counter()
        self.leaks: list[str] = []
        self._ids = random.Random(seed)  # noqa: S311 - invented ids, the same every time
        self._verdicts: dict[str, asyncio.Task[Verdict]] = {}
        self._session: aiohttp.ClientSession | None = None

    def open(self) -> None:
        """Get ready to fetch inputs."""
        self._session = aiohttp.ClientSession()

    async def close(self) -> None:
        """Stop fetching inputs."""
        for task in self._verdicts.values():
            task.cancel()
        await asyncio.gather(*self._verdicts.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def accept(self, model_id: str, payload: Mapping[str, Any]) -> Render:
        """Queue a request whose payload was found good."""
        request_id = str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
        order = read_order(self.schemas[model_id], payload)
        render = self.queue.join(request_id=request_id, model_id=model_id, payload=payload, order=order)
        self.submits.append(Submit(request_id, model_id, payload))
        return render

    def affords(self, model_id: str, payload: Mapping[str, Any]) -> bool:
        """Tell whether the balance covers a request beside those that are under way."""
        open_costs = (
            render.order.cost_usd
            for render in self.queue.renders.values()
            if render.outcome is None and render.state is not State.CANCELLED
        )
        return self.balance_usd - sum(open_costs) >= read_order(self.schemas[model_id], payload).cost_usd

    async def catch_up(self, *asked: Render) -> None:
        """Bring the queue to now; decide how the renders asked about ended, and charge for them.

        A render nobody asks about stays undecided: a slow input holds up its own answers alone, and which
        render catches a fault depends on the order of calls, never on the speed of a download.
        """
        self.queue.advance(starting=self._start)
        for render in asked:
            if render.state is State.ENDED and render.outcome is None:
                verdict = await self._verdicts[render.request_id]
                if render.outcome is None:  # no other call decided meanwhile
                    self._decide(render, verdict)

    def _start(self, render: Render) -> float:
        """Begin to fetch a render's inputs, and return how long it renders (seconds)."""
        if self._session is None:
            raise RuntimeError("the stand-in is not running")
        fetching = judge_inputs(self._session, self.schemas[render.model_id], render.payload)
        self._verdicts[render.request_id] = asyncio.create_task(fetching)
        never = self.faults.holds(render.request_id, Fault.NEVER_FINISHES)
        return float("inf") if never else render.render_s

    def _decide(self, render: Render, verdict: Verdict) -> None:
        render.picture = verdict.picture
        render.outcome = self._outcome(render, verdict)
        if render.outcome.succeeded:
            self.balance_usd -= render.order.cost_usd

    def _outcome(self, render: Render, verdict: Verdict) -> Outcome:
        if verdict.problem is not None:
            return Outcome(succeeded=False, error=verdict.problem)
        for fault, error in _FAILURES.items():
            if self.faults.holds(render.request_id, fault):
                return Outcome(succeeded=False, error=error)
        if render.order.sound and self.faults.holds(render.request_id, Fault.SENSITIVE_AUDIO):
            return Outcome(succeeded=False, error=_SENSITIVE_AUDIO)
        return Outcome(succeeded=True)
