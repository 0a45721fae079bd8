"""Bending one HTTP exchange: what each `SUBMIT_*` and `READ_*` fault does to it."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.rehearsal.runcomfy.faults import Fault, Faults
from bot.rehearsal.runcomfy.refusals import refusal

_LINGER_NOT = struct.pack("ii", 1, 0)  # closing then resets the connection
_PAGE = "<html><body><h1>{}</h1></body></html>"
_OVERSIZE = 2 * 1024 * 1024

Handle = Callable[[], Awaitable[web.Response]]


class Misbehaviour:
    """Answers an exchange the way a fault says; `stopping` ends the exchanges that hang."""

    def __init__(self, faults: Faults, stopping: asyncio.Event) -> None:
        self._faults = faults
        self._stopping = stopping

    async def exchange(self, request: web.Request, handle: Handle, *, submit: bool) -> web.StreamResponse:
        """Answer with `handle`, bent by a fault that is in force."""
        prefix = "submit-" if submit else "read-"
        for fault in Fault:
            if fault.startswith(prefix) and self._faults.take(fault):
                return await self._bend(fault, fault.removeprefix(prefix), request, handle)
        return await handle()

    async def _bend(
        self, fault: Fault, kind: str, request: web.Request, handle: Handle
    ) -> web.StreamResponse:
        if kind == "reset-before":
            return reset(request)
        if (instead := self._instead(fault, request)) is not None:
            return instead
        real = await handle()
        if kind == "hang":
            await self._stopping.wait()
        if kind in {"hang", "reset-after"}:
            return reset(request)
        if kind == "reset-middle":
            return await _reset_middle(request, real)
        return _replaced(kind, real.text or "", self._faults)

    def _instead(self, fault: Fault, request: web.Request) -> web.Response | None:
        """Return the answer of a fault that comes before the call is looked at."""
        match fault:
            case Fault.SUBMIT_429 | Fault.READ_429:
                return web.Response(status=429)
            case Fault.SUBMIT_429_RETRY_AFTER | Fault.READ_429_RETRY_AFTER:
                return web.Response(status=429, headers={"Retry-After": self._faults.retry_after})
            case Fault.SUBMIT_REDIRECT | Fault.READ_REDIRECT:
                return web.Response(status=307, headers={"Location": str(request.rel_url)})
            case Fault.SUBMIT_200_ERROR_CODE:
                return refusal(self._faults, 400001, "no such model", http_status=200)
            case Fault.READ_200_ERROR_CODE:
                return refusal(self._faults, 500001, "something broke", http_status=200)
            case _:
                return None


_PAGES = {"502-html": (502, "Bad Gateway"), "404-html": (404, "Not Found"), "408": (408, "Request Timeout")}
_BROKEN: dict[str, Callable[[str], str]] = {
    "malformed-json": lambda _: "{'request_id': oops",
    "truncated-json": lambda text: text[: len(text) // 2],
    "not-an-object": lambda text: json.dumps([text]),
    "empty": lambda _: "",
    "oversized": lambda text: json.dumps(json.loads(text) | {"padding": "x" * _OVERSIZE}),
    "without-id": lambda text: json.dumps(json.loads(text) | {"request_id": None}),
    "bad-id": lambda text: json.dumps(json.loads(text) | {"request_id": "../../balance"}),
    "200-error-code-and-id": lambda text: json.dumps(json.loads(text) | {"error_code": 400001}),
}


def _replaced(kind: str, text: str, faults: Faults) -> web.Response:
    """Return the answer of a fault that comes after the call took effect; `text` was the good one."""
    if kind in _PAGES:
        status, title = _PAGES[kind]
        return web.Response(status=status, text=_PAGE.format(title), content_type="text/html")
    if kind in _BROKEN:
        return web.Response(text=_BROKEN[kind](text), content_type="application/json")
    return refusal(faults, 500001, "something broke")


async def _reset_middle(request: web.Request, real: web.Response) -> web.StreamResponse:
    body = (real.text or "").encode()
    half = web.StreamResponse(headers={"Content-Type": "application/json"})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    reset(request)
    return half


def reset(request: web.Request) -> web.Response:
    """Reset the connection at once. What is returned is never sent."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
    return web.Response(status=500)
