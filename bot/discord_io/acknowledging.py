"""Acknowledging an interaction, and telling when nothing can be answered to it any more."""

import aiohttp
import discord

from bot.errors import InteractionOver

#: Discord's codes for an interaction nobody can answer now: it came too late, or its token has run out.
_UNKNOWN_INTERACTION = 10062
_UNKNOWN_WEBHOOK = 10015
_INVALID_WEBHOOK_TOKEN = 50027
_ALREADY_ACKNOWLEDGED = 40060
_OVER = frozenset({_UNKNOWN_INTERACTION, _UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN, _ALREADY_ACKNOWLEDGED})
_SERVER_ERRORS = 500


async def acknowledge(
    interaction: discord.Interaction, *, ephemeral: bool = False, thinking: bool = False
) -> None:
    """Acknowledge at once, before anything is begun.

    One that is acknowledged already was so by an attempt whose answer was lost: what is done for it is
    written down under the interaction's id, so it is done once all the same.

    Raises:
        InteractionOver: it was too late, or Discord does not answer: nothing is to be begun.
    """
    try:
        await _defer(interaction, ephemeral=ephemeral, thinking=thinking)
    except discord.HTTPException as error:
        if error.code != _ALREADY_ACKNOWLEDGED:
            raise InteractionOver(f"http-{error.status}-{error.code}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise InteractionOver(type(error).__name__) from error


async def _defer(interaction: discord.Interaction, *, ephemeral: bool, thinking: bool) -> None:
    """Defer; after a connection that broke once more, since nobody knows whether Discord has heard of it."""
    try:
        await interaction.response.defer(ephemeral=ephemeral, thinking=thinking)
    except (aiohttp.ClientError, OSError):
        await interaction.response.defer(ephemeral=ephemeral, thinking=thinking)


def not_answerable(error: BaseException) -> str | None:
    """Why an answer could not be given, where the answering itself is what failed; None for other errors."""
    if isinstance(error, InteractionOver):
        return error.reason
    if isinstance(error, discord.HTTPException) and (error.code in _OVER or error.status >= _SERVER_ERRORS):
        return f"http-{error.status}-{error.code}"
    if isinstance(error, aiohttp.ClientError):
        return type(error).__name__
    return None
