"""Logging in to Discord, patiently: a Discord that is away for a while does not end the bot."""

import asyncio

import aiohttp
import discord
import structlog

from bot.errors import TokenRefused
from bot.jobs.schedule import Backoff

log = structlog.get_logger(__name__)


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
        except (discord.DiscordServerError, aiohttp.ClientError, OSError) as error:
            failures += 1
            log.warning("Discord does not answer", error=type(error).__name__, tries=failures)
        else:
            return
        try:
            async with asyncio.timeout(backoff.delay_s(failures)):
                await stop.wait()
        except TimeoutError:
            continue
