"""Starting and stopping the stand-in."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

import yarl
from aiohttp import web

from bot.rehearsal.runcomfy.app import Api
from bot.rehearsal.runcomfy.backend import Backend, Submit
from bot.rehearsal.runcomfy.faults import Faults
from bot.rehearsal.runcomfy.misbehaviour import Misbehaviour
from bot.rehearsal.runcomfy.outputs import OutputFiles
from bot.rehearsal.runcomfy.queue import Duration, Queue, Render

HOST = "127.0.0.1"


class StandIn:
    """A RunComfy on loopback, as an asynchronous context manager.

    Args:
        schemas: input schema by model id.
        token: the one API token that is let in.
        slots: how many renders run at once.
        queue_s: how long a request waits at least (seconds).
        render_s: how long a render takes (seconds).
        balance_usd: what the account holds at the start.
        seed: of ids and random durations; the same seed and calls give the same history.
        clock: seconds that never go back; the event loop's own where none is given.
        video_scale: size of the videos drawn, 1 for the size asked for (at most 1080 lines).
        port: 0 for any free one.
    """

    def __init__(
        self,
        *,
        schemas: Mapping[str, Mapping[str, Any]],
        token: str = "stand-in-token",  # noqa: S107 - opens nothing but this stand-in
        slots: int = 2,
        queue_s: Duration = 0.0,
        render_s: Duration = 0.0,
        balance_usd: Decimal = Decimal(100),
        seed: int = 0,
        clock: Callable[[], float] | None = None,
        video_scale: float = 1.0,
        port: int = 0,
    ) -> None:
        self.token = token
        self._port = port
        self._clock = clock
        self._stopping = asyncio.Event()
        rng = random.Random(seed)  # noqa: S311 - waiting times, the same every time
        queue = Queue(clock=self._now, slots=slots, queue_s=queue_s, render_s=render_s, rng=rng)
        self._backend = Backend(token=token, schemas=schemas, queue=queue, balance_usd=balance_usd, seed=seed)
        self._outputs = OutputFiles(self._backend, self._stopping, scale=video_scale)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None

    async def __aenter__(self) -> Self:
        misbehaviour = Misbehaviour(self._backend.faults, self._stopping)
        api = Api(self._backend, self._outputs, misbehaviour)
        self._backend.open()
        self._runner = web.AppRunner(api.app(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await self.accept_connections()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        await self._outputs.close()
        await self._backend.close()

    async def refuse_connections(self) -> None:
        """Close the port and every connection: a client finds nobody there."""
        if self._site is None or self._runner is None or self._runner.server is None:
            return
        await self._site.stop()
        self._site = None
        for connection in self._runner.server.connections:
            connection.force_close()

    async def accept_connections(self) -> None:
        """Open the port, the same one as before where it had been closed."""
        if self._runner is None or self._site is not None:
            return
        self._site = web.TCPSite(self._runner, HOST, self._port)
        await self._site.start()
        self._port = self._runner.addresses[0][1]

    @property
    def origin(self) -> yarl.URL:
        """Scheme, host and port."""
        return yarl.URL.build(scheme="http", host=HOST, port=self._port)

    @property
    def api_base(self) -> yarl.URL:
        """The base for a client."""
        return self.origin / "v1"

    @property
    def output_host(self) -> str:
        """The host of output files; their port is the API's."""
        return HOST

    @property
    def output_port(self) -> int:
        """The port of output files."""
        return self._port

    @property
    def faults(self) -> Faults:
        """The switches."""
        return self._backend.faults

    @property
    def submits(self) -> list[Submit]:
        """Every accepted request in order, also those whose answer was lost."""
        return self._backend.submits

    @property
    def requests(self) -> Mapping[str, Render]:
        """Every accepted request by id."""
        return self._backend.queue.renders

    @property
    def calls(self) -> Counter[str]:
        """How many calls arrived, by endpoint: `submit`, `status`, `result`, `cancel`, `output`, ..."""
        return self._backend.calls

    @property
    def leaks(self) -> list[str]:
        """Paths of output files that were asked for with a token: there should be none."""
        return self._backend.leaks

    @property
    def balance_usd(self) -> Decimal:
        """The account's balance; renders are charged when somebody asks after they ended."""
        return self._backend.balance_usd

    @balance_usd.setter
    def balance_usd(self, amount: Decimal) -> None:
        self._backend.balance_usd = amount

    def _now(self) -> float:
        return self._clock() if self._clock is not None else asyncio.get_running_loop().time()
