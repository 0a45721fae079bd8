"""Telling whoever runs the bot: the owner of its application at Discord."""

import discord

from bot.discord_io.refusals import discord_refusals
from bot.jobs.circuit import Notice
from bot.locale import DEFAULT_LOCALE, Words


async def tell_operator(bot: discord.Client, notice: Notice) -> None:
    """Say by direct message what happened, what the bot does meanwhile, and what there is to do.

    Raises:
        DeliveryError: Discord did not take it.
    """
    words = Words(DEFAULT_LOCALE)  # Discord does not say which language an owner speaks
    with discord_refusals():
        application = await bot.application_info()
        # A team's application has no owner but a user that stands for the team, and takes no messages.
        team_owner = None if application.team is None else application.team.owner_id
        direct = await bot.create_dm(discord.Object(team_owner or application.owner.id))
        await direct.send(words(f"operator-{notice}"), allowed_mentions=discord.AllowedMentions.none())
