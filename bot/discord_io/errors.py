"""One error handler for every command: known errors become words, others a reference into the log."""

import secrets
from types import TracebackType

import aiohttp
import discord
import structlog
from discord import app_commands

from bot.discord_io.acknowledging import not_answerable
from bot.discord_io.phrases import escape, problem_list
from bot.discord_io.server_words import bad_settings
from bot.errors import (
    DISK,
    BudgetExhausted,
    CannotPostHere,
    DeliveryError,
    InputsGone,
    InsufficientCredits,
    InvalidRequest,
    Limit,
    LimitReached,
    MediaError,
    ModelGone,
    NotPermitted,
    PromptFiltered,
    QuoteGone,
    RequestRefused,
    SettingsRefused,
    StoreUnavailable,
    VideoGone,
)
from bot.locale import Words

log = structlog.get_logger(__name__)


class Answering:
    """A block in which a button is answered: whatever it raises is told to the member as well.

    Commands have their tree's error handler; discord.py would only log what a button raises.
    """

    def __init__(self, interaction: discord.Interaction, *, aside: bool = False) -> None:
        """The block begins by acknowledging. `aside`: its message is to stay, so errors go beside it."""
        self._interaction = interaction
        self._aside = aside

    async def __aenter__(self) -> None:
        """Nothing to prepare."""

    async def __aexit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        await _tell(self._interaction, error, aside=self._aside)
        return True


async def answer_error(interaction: discord.Interaction, error: app_commands.AppCommandError) -> None:
    """Tell the member, and nobody else, what went wrong and what to do."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    await _tell(interaction, cause)


async def _tell(interaction: discord.Interaction, error: BaseException, *, aside: bool = False) -> None:
    reason = not_answerable(error)
    if reason is None:
        await _answer(interaction, words_for(error, Words(str(interaction.locale))), aside=aside)
    else:
        # Nothing was begun, or it was done and only the answer got lost: there is nobody to tell it to.
        log.warning("interaction not answered", interaction=interaction.id, reason=reason)


def words_for(error: BaseException, words: Words) -> str:
    """What a member reads about an error."""
    if isinstance(error, RequestRefused):
        return _refusal(error, words)
    if isinstance(error, StoreUnavailable):
        log.error("store unavailable: request refused", reason=error.reason)
        return words("refused-store")
    if isinstance(error, DeliveryError):
        log.warning("Discord would not do it", reason=error.reason)
        return words("refused-discord")
    if isinstance(error, MediaError) and error.reason == DISK:
        log.error("no room on the disk: request refused")
        return words("refused-disk")
    reference = secrets.token_hex(4)
    log.error("command failed", reference=reference, exc_info=error)
    return words("unexpected", reference=reference)


def _refusal(error: RequestRefused, words: Words) -> str:
    match error:
        case InvalidRequest():
            text = f"{words('refused-request')}\n{problem_list(words, error.problems)}"
        case InsufficientCredits():
            text = words("refused-credits", needed=error.needed, available=error.available)
        case BudgetExhausted():
            text = words("refused-budget", needed=error.needed, left=error.left)
        case LimitReached():
            lines = (f"- {_limit_line(limit, words)}" for limit in error.limits)
            text = "\n".join([words("refused-limits"), *lines])
        case CannotPostHere():
            text = words("refused-post", missing=", ".join(error.missing))
        case NotPermitted():
            text = words(f"refused-permission-{error.permission}")
        case SettingsRefused():
            text = bad_settings(words, error.problems)
        case _:
            text = words(_WITHOUT_DATA[type(error)])
    return text


#: Refusals that have nothing to tell but themselves.
_WITHOUT_DATA: dict[type[RequestRefused], str] = {
    InputsGone: "refused-inputs",
    ModelGone: "refused-model",
    PromptFiltered: "refused-filter",
    QuoteGone: "refused-quote",
    VideoGone: "refused-video",
}


def _limit_line(limit: Limit, words: Words) -> str:
    until = "never" if limit.until is None else f"<t:{limit.until // 1000}:R>"
    shown = limit.limit if limit.limit is not None else "-"
    if limit.code == "blocked":
        shown = escape(str(shown))  # a moderator typed it
    return words(f"limit-{limit.code}", limit=shown, until=until)


async def _answer(interaction: discord.Interaction, text: str, *, aside: bool = False) -> None:
    try:
        if aside:
            await interaction.followup.send(text, ephemeral=True)
        elif interaction.response.is_done():
            await interaction.edit_original_response(content=text)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.HTTPException, aiohttp.ClientError) as refusal:
        # The interaction is gone; the member sees Discord's own message instead of ours.
        log.warning("answer not taken", reason=not_answerable(refusal) or str(refusal))
