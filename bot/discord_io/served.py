"""Where the bot answers: in the servers that the operator serves, and nowhere else."""

from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import structlog

from bot.discord_io.acknowledging import not_answerable
from bot.locale import Words

if TYPE_CHECKING:
    from bot.discord_io.client import ShowreelBot

log = structlog.get_logger(__name__)


async def is_served(interaction: discord.Interaction[Any]) -> bool:
    """Whether the interaction comes from a served server; if not, whoever sent it is told so."""
    if cast("ShowreelBot", interaction.client).serves(interaction.guild_id):
        return True
    if interaction.type is not discord.InteractionType.autocomplete:  # nothing can be said to who is typing
        words = Words(str(interaction.locale))
        try:
            await interaction.response.send_message(words("refused-server"), ephemeral=True)
        except (discord.HTTPException, aiohttp.ClientError) as error:
            log.warning("answer not taken", reason=not_answerable(error) or str(error))
    return False


class ServedItem:
    """A button or list that outlives the process: the operator may have stopped serving its server since."""

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Asked by the library before the callback, which is called only after a yes."""
        return await is_served(interaction)
