"""A turnstile before the stand-in RunComfy: holds calls up, or answers in its place, by kind of call."""

import asyncio
from collections import Counter
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL

from tests.support.board import Pause

#: What a call is that is about no request, by its method.
_OTHERS = {"POST": "submit"}


class Turnstile:
    """Passes every call on to `target`, except those it was told to stop; as an async context manager."""

    def __init__(self, target: URL) -> None:
        self.base = URL()
        self.passed: Counter[str] = Counter()
        self._target = target
        self._pauses: dict[str, Pause] = {}
        self._answers: dict[str, int] = {}
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    def pause(self, call: str, *, after: bool = False) -> Pause:
        """Hold up the next call of this kind, before it is passed on or `after` the answer has come."""
        self._pauses[call] = Pause(after)
        return self._pauses[call]

    def answer(self, call: str, status: int | None) -> None:
        """Answer every call of this kind with a bare HTTP status (None: pass them on again)."""
        if status is None:
            del self._answers[call]
        else:
            self._answers[call] = status

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = URL(f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1")
        return self

    async def __aexit__(self, *_error: object) -> None:
        for pause in self._pauses.values():
            pause.go_on.set()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        last = request.path.rpartition("/")[2]
        call = last if "/requests/" in request.path else _OTHERS.get(request.method, "model")
        await self._hold_up(call, after=False)
        self.passed[call] += 1
        if call in self._answers:
            return web.Response(status=self._answers[call])
        assert self._session
        async with self._session.request(
            request.method,
            self._target.origin().join(request.rel_url),
            data=await request.read(),
            headers={name: request.headers[name] for name in ("Authorization",)},
        ) as answer:
            body = await answer.read()
        await self._hold_up(call, after=True)
        return web.Response(status=answer.status, body=body, content_type="application/json")

    async def _hold_up(self, call: str, *, after: bool) -> None:
        pause = self._pauses.get(call)
        if pause is not None and pause.after == after:
            del self._pauses[call]
            pause.reached.set()
            await asyncio.wait_for(pause.go_on.wait(), timeout=30)
