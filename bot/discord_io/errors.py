"""One error handler for every command: known errors become words, others a reference into the log."""

import secrets

import discord
import structlog
from discord import app_commands

from bot.discord_io.phrases import problem_list
from bot.errors import (
    CannotPostHere,
    InsufficientCredits,
    InvalidRequest,
    StoreUnavailable,
)
from bot.locale import Words

log = structlog.get_logger(__name__)


async def answer_error(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
    """Tell the member, and nobody else, what went wrong and what to do."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    await _answer(interaction, words_for(cause, Words(str(interaction.locale))))


def words_for(error: BaseException, words: Words) -> str:
    """What a member reads about an error."""
    match error:
        case InvalidRequest():
            return f"{words('refused-request')}\n{problem_list(words, error.problems)}"
        case InsufficientCredits():
            return words("refused-credits", needed=error.needed, available=error.available)
        case CannotPostHere():
            return words("refused-post", missing=", ".join(error.missing))
        case StoreUnavailable():
            log.error("store unavailable: request refused", reason=error.reason)
            return words("refused-store")
        case _:
            reference = secrets.token_hex(4)
            log.error("command failed", reference=reference, exc_info=error)
            return words("unexpected", reference=reference)


async def _answer(interaction: discord.Interaction, text: str) -> None:
    try:
        if interaction.response.is_done():
            await interaction.edit_original_response(content=text)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except discord.HTTPException as refusal:
        # The interaction is gone; the member sees Discord's own message instead of ours.
        log.warning("answer not taken", status=refusal.status, code=refusal.code)
