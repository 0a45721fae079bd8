"""Discord's refusals, told apart by what can be done about them."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import ChannelUnavailable, DiscordUnavailable, UploadTooLarge

_ENTITY_TOO_LARGE = 40005
_HTTP_TOO_LARGE = 413
_HTTP_UNAUTHORISED = 401
_HTTP_TOO_MANY = 429
_HTTP_SERVER_ERRORS = 500


def require_login(client: discord.Client) -> None:
    """Nothing is asked of Discord before the login, or after the goodbye.

    Raises:
        DiscordUnavailable: it is so.
    """
    if client.user is None or client.is_closed():
        raise DiscordUnavailable("not-logged-in")


@contextmanager
def discord_refusals(client: discord.Client | None = None) -> Iterator[None]:
    """Turn what discord.py raises into a `DeliveryError`.

    `client` is given by what works without anybody having used a command: it may not be logged in yet.

    Raises:
        UploadTooLarge: HTTP 413 or code 40005.
        DiscordUnavailable: no answer, a server error, a rate limit, a token that is being changed; no login.
        ChannelUnavailable: anything else that Discord refuses; asking again changes nothing.
    """
    if client is not None:
        require_login(client)
    try:
        yield
    except discord.HTTPException as error:
        raise _kind_of(error) from error
    except discord.RateLimited as error:
        raise DiscordUnavailable("rate-limited") from error
    except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
        raise DiscordUnavailable(type(error).__name__) from error


def _kind_of(error: discord.HTTPException) -> ChannelUnavailable | DiscordUnavailable | UploadTooLarge:
    reason = f"http-{error.status}-{error.code}"
    if error.status == _HTTP_TOO_LARGE or error.code == _ENTITY_TOO_LARGE:
        return UploadTooLarge(reason)
    if error.status in (_HTTP_UNAUTHORISED, _HTTP_TOO_MANY) or error.status >= _HTTP_SERVER_ERRORS:
        return DiscordUnavailable(reason)
    return ChannelUnavailable(reason)
