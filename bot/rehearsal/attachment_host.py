"""A stand-in for Discord's file host: serves over real HTTP what SimCord keeps in memory."""

import asyncio
import mimetypes
from collections.abc import Callable
from typing import Self

from aiohttp import web

#: Finds a file's bytes by its full address.
Find = Callable[[str], bytes | None]


class AttachmentHost:
    """Serves files on loopback while its block runs.

    Attributes:
        asked: the paths that were asked for, in order.
    """

    def __init__(self, find: Find) -> None:
        """`find` is asked for every request; None is answered with 404."""
        self._find = find
        self._runner: web.AppRunner | None = None
        self._open = asyncio.Event()
        self._open.set()
        self.asked: list[str] = []
        self.base = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.answer_again()
        if self._runner is not None:
            await self._runner.cleanup()

    def keep_waiting(self) -> None:
        """Accept requests and answer none of them, until `answer_again`."""
        self._open.clear()

    def answer_again(self) -> None:
        """Answer every request, also those that wait."""
        self._open.set()

    async def _serve(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        await self._open.wait()
        data = self._find(f"{self.base}{request.path}")
        if data is None:
            raise web.HTTPNotFound
        kind = mimetypes.guess_type(request.path)[0] or "application/octet-stream"
        return web.Response(body=data, content_type=kind)
