"""One HTTP exchange: bytes in, bytes out, nothing repeated and nothing followed."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
import yarl

MAX_BODY_BYTES = 1024 * 1024

# Raised by aiohttp's connector while it looks up the name, connects, shakes hands, waits for a free place
# or asks a proxy for a tunnel: the request itself has not been written yet. Every other error may come
# after the first byte has left.
_BEFORE_SENDING = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientConnectorSSLError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ServerFingerprintMismatch,
)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait (seconds): for a connection, for a whole read or cancel, for a whole submit."""

    connect_s: float = 10.0
    read_s: float = 30.0
    submit_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer; `body` is None where it was longer than `MAX_BODY_BYTES`."""

    http_status: int
    body: bytes | None
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No complete answer came. `sent` is False only where provably not one byte of the request left."""

    reason: str
    sent: bool


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: yarl.URL,
    *,
    headers: Mapping[str, str],
    body: bytes | None,
    timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own timeout, which knows the phases
) -> Answer | Unanswered:
    """Ask once and return what came of it.

    Failures are returned and not raised: aiohttp's exceptions hold the request's headers, and so the
    token, which must not travel along as the cause of ours.
    """
    try:
        async with session.request(
            method,
            url,
            headers=headers,
            data=body,
            timeout=timeout,
            allow_redirects=False,
            raise_for_status=False,
        ) as response:
            content = await _read_capped(response.content)
            return Answer(response.status, content, response.headers.get("Retry-After"))
    except _BEFORE_SENDING as error:
        return Unanswered(type(error).__name__, sent=False)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Unanswered(type(error).__name__, sent=True)


async def _read_capped(stream: aiohttp.StreamReader) -> bytes | None:
    content = bytearray()
    async for chunk in stream.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            return None
    return bytes(content)
