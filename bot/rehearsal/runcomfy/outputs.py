"""The file host beside the API: real videos, and every way in which a download can go wrong."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable

from aiohttp import web

from bot.rehearsal.drawing import draw_video
from bot.rehearsal.runcomfy.backend import Backend
from bot.rehearsal.runcomfy.faults import Fault
from bot.rehearsal.runcomfy.misbehaviour import reset
from bot.rehearsal.runcomfy.queue import Render

# RunComfy's addresses carry account data in their path, which is why they are never shown to anybody.
_ACCOUNT = "account-5150"
FOREIGN_ADDRESS = "http://files.elsewhere.invalid/video.mp4"
#: Where clouds answer their own machines with secrets.
PRIVATE_ADDRESS = "http://169.254.169.254/latest/meta-data/"
_PAGE = b"<!doctype html><html><body><p>Not here.</p></body></html>"
_SLOW_PIECE_BYTES = 256
_ENDLESS_PIECE = bytes(64 * 1024)
_TOO_LARGE_BYTES = 4 * 1024**3


class OutputFiles:
    """Serves the videos of successful renders, drawn when they are first asked for."""

    def __init__(self, backend: Backend, stopping: asyncio.Event, *, scale: float) -> None:
        self._backend = backend
        self._stopping = stopping
        self._scale = scale
        self._videos: dict[tuple[str, int], asyncio.Task[bytes]] = {}

    def paths(self, render: Render) -> list[str]:
        """Return the paths of a render's two files; most outputs name only the first."""
        return [f"/outputs/{_ACCOUNT}/{render.request_id}/video-{part}.mp4" for part in (1, 2)]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /outputs/{account}/{request_id}/video-{part}.mp4`."""
        self._backend.calls["output"] += 1
        if "Authorization" in request.headers:
            self._backend.leaks.append(request.path)
            return web.Response(status=400, text="an API token was sent to the file host")
        render = self._backend.queue.renders.get(request.match_info["request_id"])
        if render is None or render.outcome is None or not render.outcome.succeeded:
            return web.Response(status=404)
        held = next(
            (fault for fault in _FAULTS if self._backend.faults.holds(render.request_id, fault)), None
        )
        if held is not None:
            return await self._bent(held, request, render)
        return web.Response(body=await self._video(request, render), content_type="video/mp4")

    async def close(self) -> None:
        """Wait for the drawings under way; a thread cannot be stopped."""
        await asyncio.gather(*self._videos.values(), return_exceptions=True)

    async def _video(self, request: web.Request, render: Render) -> bytes:
        part = int(request.match_info["part"])
        key = (render.request_id, part)
        if key not in self._videos:
            self._videos[key] = asyncio.create_task(self._draw(render, part))
        return await asyncio.shield(self._videos[key])

    async def _draw(self, render: Render, part: int) -> bytes:
        width, height = render.order.size(picture=render.picture, scale=self._scale)
        return await asyncio.to_thread(
            draw_video,
            seconds=render.order.seconds,
            width=width,
            height=height,
            sound=render.order.sound,
            seed=zlib.crc32(f"{render.request_id}/{part}".encode()),
            label=render.request_id[:8],
        )

    async def _bent(self, fault: Fault, request: web.Request, render: Render) -> web.StreamResponse:
        if (instead := _INSTEAD.get(fault)) is not None:
            return instead()
        if fault is Fault.OUTPUT_ENDLESS:
            return await _stream(request, self._endless(), length=None)
        if fault is Fault.OUTPUT_TOO_LARGE:
            return await _stream(request, self._endless(), length=_TOO_LARGE_BYTES)
        video = await self._video(request, render)
        if fault is Fault.OUTPUT_SLOW:
            return await _stream(request, self._slow(video), length=len(video))
        if fault is Fault.OUTPUT_SILENT:
            return await _stream(request, self._silent(video), length=len(video))
        half = await _stream(request, _once(video[: len(video) // 2]), length=len(video), whole=False)
        reset(request)
        return half

    async def _slow(self, video: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(video), _SLOW_PIECE_BYTES):
            if self._stopping.is_set():
                return
            yield video[start : start + _SLOW_PIECE_BYTES]
            await asyncio.sleep(self._backend.faults.slow_pause_s)

    async def _silent(self, video: bytes) -> AsyncIterator[bytes]:
        yield video[: len(video) // 2]
        await self._stopping.wait()

    async def _endless(self) -> AsyncIterator[bytes]:
        for _ in range(_TOO_LARGE_BYTES // len(_ENDLESS_PIECE) - 1):
            if self._stopping.is_set():
                return
            yield _ENDLESS_PIECE


_INSTEAD: dict[Fault, Callable[[], web.Response]] = {
    Fault.OUTPUT_DEAD: lambda: web.Response(status=404),
    Fault.OUTPUT_UNAVAILABLE: lambda: web.Response(status=503, body=_PAGE, content_type="text/html"),
    Fault.OUTPUT_NOT_A_VIDEO: lambda: web.Response(body=_PAGE, content_type="video/mp4"),
    Fault.OUTPUT_REDIRECTED: lambda: web.Response(status=302, headers={"Location": FOREIGN_ADDRESS}),
    Fault.OUTPUT_REDIRECTED_PRIVATE: lambda: web.Response(status=302, headers={"Location": PRIVATE_ADDRESS}),
}
_FAULTS = (
    *_INSTEAD,
    Fault.OUTPUT_ENDLESS,
    Fault.OUTPUT_TOO_LARGE,
    Fault.OUTPUT_SILENT,
    Fault.OUTPUT_SLOW,
    Fault.OUTPUT_CUT,
)


async def _once(piece: bytes) -> AsyncIterator[bytes]:
    yield piece


async def _stream(
    request: web.Request, pieces: AsyncIterator[bytes], *, length: int | None, whole: bool = True
) -> web.StreamResponse:
    """Send pieces until they end or the client has gone."""
    response = web.StreamResponse(headers={"Content-Type": "video/mp4"})
    if length is not None:
        response.content_length = length
    await response.prepare(request)
    async for piece in pieces:
        await response.write(piece)
    if whole:
        await response.write_eof()
    return response
