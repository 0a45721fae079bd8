"""Fetching a file to disk: from allowed hosts alone, up to a cap, and nothing half-finished left behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from aiohttp import (
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.errors import DownloadFailed, DownloadRefused, MediaTooLarge
from bot.media.hosts import AllowedHosts
from bot.media.part_file import PartFile
from bot.media.resolver import PublicResolver

CHUNK_BYTES = 64 * 1024
# Written to disk in pieces of this size: one hop to a thread for each.
BUFFER_BYTES = 1024 * 1024
MOST_REDIRECTS = 3

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# The file is gone, or its signed link has run out: asking the same address again cannot help.
_GONE = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """A file that has arrived whole. `content_type` is what the host called it: a claim, not a fact."""

    path: Path
    size_bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class DownloadTimeouts:
    """How long to wait, in seconds: for a connection, for the next bytes, and for the whole file."""

    connect_s: float = 10.0
    idle_s: float = 30.0
    total_s: float = 600.0


class Downloader:
    """Fetches files. It sends no token, no cookies and no user info, to anyone.

    `resolver` replaces the system's name resolution; its answers are judged all the same.
    """

    def __init__(
        self,
        hosts: AllowedHosts,
        *,
        timeouts: DownloadTimeouts | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._hosts = hosts
        self._timeouts = timeouts or DownloadTimeouts()
        self._resolver = resolver
        self._session: ClientSession | None = None

    async def fetch(self, url: str, destination: Path, *, max_bytes: int) -> DownloadedFile:
        """Fetch a file of at most `max_bytes` (bytes) and store it as `destination`.

        Raises:
            DownloadRefused: the address, or one it redirects to, is not one we fetch from.
            DownloadFailed: the host did not deliver: `http_<status>`, `timeout`, `connection`, `cut_short`,
                `content_encoding`, `redirect`, or `disk` where the fault is ours.
            MediaTooLarge: there is more than `max_bytes`.
        """
        try:
            async with asyncio.timeout(self._timeouts.total_s), self._open(url) as response:
                return await _store(response, destination, max_bytes)
        except TimeoutError as error:
            raise DownloadFailed("timeout") from error
        except ClientPayloadError as error:
            raise DownloadFailed("cut_short") from error
        except (ClientError, OSError) as error:
            raise DownloadFailed("connection") from error

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _open(self, address: str) -> AsyncIterator[ClientResponse]:
        """Ask for a file, from host to host; each address is checked before it is asked."""
        url = _parse(address)
        for _ in range(1 + MOST_REDIRECTS):
            self._hosts.check(url)
            async with self._own_session().get(url, allow_redirects=False) as response:
                if response.status not in _REDIRECTS:
                    _check_answer(response)
                    yield response
                    return
                url = _next_address(response)
        raise DownloadRefused("redirects")

    def _own_session(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(resolver=PublicResolver(self._hosts, self._resolver)),
                cookie_jar=DummyCookieJar(),
                timeout=ClientTimeout(
                    total=None, sock_connect=self._timeouts.connect_s, sock_read=self._timeouts.idle_s
                ),
                # The bytes are stored as they come: unpacked, a small answer could grow past any cap.
                auto_decompress=False,
                headers={"Accept-Encoding": "identity"},
            )
        return self._session


def _parse(address: str) -> URL:
    """Read an address; one that is written properly is asked for to the letter, as signed links must be."""
    proper = all("!" <= character <= "~" for character in address)
    try:
        return URL(address, encoded=proper)
    except ValueError as error:
        raise DownloadRefused("address") from error


def _next_address(response: ClientResponse) -> URL:
    location = response.headers.get("Location")
    if not location:
        raise DownloadFailed("redirect")
    return response.url.join(_parse(location))


def _check_answer(response: ClientResponse) -> None:
    if response.status != HTTPStatus.OK:
        raise DownloadFailed(f"http_{response.status}", permanent=response.status in _GONE)
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise DownloadFailed("content_encoding")


async def _store(response: ClientResponse, destination: Path, max_bytes: int) -> DownloadedFile:
    declared = response.content_length
    if declared is not None and declared > max_bytes:
        raise MediaTooLarge(limit_bytes=max_bytes, found_bytes=declared)
    file = PartFile(destination)
    try:
        size = await _copy(response, file, max_bytes)
        await asyncio.to_thread(file.finish)
    finally:
        file.discard()
    return DownloadedFile(destination, size, response.content_type)


async def _copy(response: ClientResponse, file: PartFile, max_bytes: int) -> int:
    size = 0
    buffer = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK_BYTES):
        size += len(chunk)
        if size > max_bytes:
            raise MediaTooLarge(limit_bytes=max_bytes)
        buffer += chunk
        if len(buffer) >= BUFFER_BYTES:
            await asyncio.to_thread(file.write, buffer)
            buffer = bytearray()
    await asyncio.to_thread(file.write, buffer)
    return size
