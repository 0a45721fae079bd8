"""Every button that outlives the process, so that the bot finds them again by their ids."""

from bot.discord_io.buttons import CancelButton
from bot.discord_io.questions import DecisionButton
from bot.discord_io.quotes import QuoteButton

BUTTONS = (CancelButton, DecisionButton, QuoteButton)
