"""What members may do, by Discord's permissions: looked at again whenever something is done."""

import discord

from bot.errors import NotPermitted

#: Who may change a server's settings, tiers and credits.
MANAGE_SERVER = "manage_guild"
#: Who may stop, approve, block and take down.
MODERATE = "manage_messages"


def require(interaction: discord.Interaction, permission: str) -> None:
    """Refuse whoever lacks the permission in this channel; Discord sends it with every interaction.

    A command's default permissions are only where it starts: administrators may give it to anybody.

    Raises:
        NotPermitted: the member lacks it.
    """
    if not getattr(interaction.permissions, permission):
        raise NotPermitted(permission)
