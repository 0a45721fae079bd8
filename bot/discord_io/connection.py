"""Being connected to Discord, patiently: a Discord that is away for a while does not end the bot."""

import asyncio

import aiohttp
import discord
import structlog

from bot.errors import TokenRefused
from bot.jobs.schedule import Backoff

log = structlog.get_logger(__name__)

_UNAUTHORISED = 401
_TOO_MANY = 429
_SERVER_ERRORS = 500
#: Discord's close code for a token it does not accept.
_AUTHENTICATION_FAILED = 4004


async def stay_connected(bot: discord.Client, token: str, stop: asyncio.Event) -> None:
    """Log in, then stay connected to the gateway until the bot is closed, or `stop` set before the login.

    Raises:
        TokenRefused: Discord does not accept the token, or does not any more.
    """
    await log_in(bot, token, stop)
    if stop.is_set():
        return
    try:
        await bot.connect()
    except discord.ConnectionClosed as error:
        if error.code == _AUTHENTICATION_FAILED:
            raise TokenRefused from error
        raise


async def log_in(bot: discord.Client, token: str, stop: asyncio.Event) -> None:
    """Log in, again and again while Discord does not answer, until `stop` is set.

    Raises:
        TokenRefused: Discord does not accept the token.
    """
    backoff = Backoff(first_s=1.0, longest_s=60.0)
    failures = 0
    while not stop.is_set():
        try:
            await bot.login(token)
        except discord.LoginFailure as error:
            raise TokenRefused from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _worth_another_try(error)
            failures += 1
            log.warning("Discord does not answer", error=type(error).__name__, tries=failures)
        else:
            return
        try:
            async with asyncio.timeout(backoff.delay_s(failures)):
                await stop.wait()
        except TimeoutError:
            continue


def _worth_another_try(error: Exception) -> None:
    """Raise what waiting does not mend: commands that Discord refuses, a token refused after the login."""
    if not isinstance(error, discord.HTTPException):
        return
    if error.status == _UNAUTHORISED:
        raise TokenRefused from error
    if error.status != _TOO_MANY and error.status < _SERVER_ERRORS:
        raise error
