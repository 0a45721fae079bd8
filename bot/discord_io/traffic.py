"""What Discord's answers say about the bot as a whole: its global rate limit, and a token that is refused.

discord.py waits out rate limits by itself and tells nobody: this listens to every answer it gets.
"""

import asyncio
from contextlib import suppress
from types import SimpleNamespace

import aiohttp
import discord

from bot.errors import TokenRefused

_UNAUTHORISED = 401
_TOO_MANY = 429
#: What a 429 counts for (seconds) that does not say how long to wait.
_UNKNOWN_WAIT_S = 5.0


class Traffic:
    """Listens to the answers of Discord's REST API."""

    def __init__(self) -> None:
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._answered)
        self._limited_until = 0.0
        self._doubted = asyncio.Event()

    def limited_s(self) -> float:
        """How long (seconds) the global rate limit still holds the whole bot back; 0 where it does not."""
        return max(0.0, self._limited_until - asyncio.get_running_loop().time())

    async def token_refused(self, bot: discord.Client) -> None:
        """Return never; a single 401 is not believed before another question has met one, too.

        Raises:
            TokenRefused: Discord does not accept the token any more.
        """
        while True:
            await self._doubted.wait()
            self._doubted.clear()
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                try:
                    await bot.application_info()
                except discord.HTTPException as error:
                    if error.status == _UNAUTHORISED:
                        raise TokenRefused from error

    async def _answered(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        answer: aiohttp.TraceRequestEndParams,
    ) -> None:
        status, headers = answer.response.status, answer.response.headers
        # Answers to interactions carry no token of the bot's: their 401 is about the interaction's own.
        if status == _UNAUTHORISED and "Authorization" in answer.headers:
            self._doubted.set()
        if status == _TOO_MANY and headers.get("X-RateLimit-Global"):
            try:
                wait_s = float(headers.get("Retry-After", _UNKNOWN_WAIT_S))
            except ValueError:
                wait_s = _UNKNOWN_WAIT_S
            self._limited_until = max(self._limited_until, asyncio.get_running_loop().time() + wait_s)
