"""Before anything is spent: may the bot show the result where it was asked for?"""

import discord

from bot.errors import CannotPostHere

#: What the bot needs in a channel, by the names people see in Discord's settings.
NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
_IN_THREADS = {"send_messages_in_threads": "Send Messages in Threads"}


def check_bot_can_post(interaction: discord.Interaction) -> None:
    """Discord says with each interaction what the bot may do in its channel.

    Raises:
        CannotPostHere: with every permission that is missing.
    """
    needed = dict(NEEDED)
    if isinstance(interaction.channel, discord.Thread):
        del needed["send_messages"]
        needed |= _IN_THREADS
    allowed = interaction.app_permissions
    missing = [label for name, label in needed.items() if not getattr(allowed, name)]
    if missing:
        raise CannotPostHere(missing)
