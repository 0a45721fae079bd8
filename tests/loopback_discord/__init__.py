"""A loopback Discord for tests: a real server that speaks REST v10 and the gateway to an unmodified client.

    async with LoopbackDiscord(token="...") as discord:
        guild = discord.create_guild("Film club", upload_limit=10 * MIB)
        channel, ada = guild.create_channel("general"), guild.add_member("ada")
        ...  # start a bot with discord.api_base, discord.gateway_url and discord.token
        await discord.wait_until_ready()
        asked = await discord.slash(ada, channel, "render", prompt="a harbour", image=Upload("a.png", data))
        answer = await asked.response()

Nothing here depends on luck with the clock: `wait_for` looks again at each change, and `hold` stops requests
at a gate.
"""

from tests.loopback_discord.body import Call, SentFile
from tests.loopback_discord.cdn import StoredAttachment, Upload
from tests.loopback_discord.components import ComponentType
from tests.loopback_discord.errors import Problem, Refusal, Violation
from tests.loopback_discord.events import Intent
from tests.loopback_discord.gateway import CloseCode
from tests.loopback_discord.interaction import CallbackType, Interaction, InteractionType
from tests.loopback_discord.message import Button, Revision, StoredMessage
from tests.loopback_discord.model import MIB, Channel, Guild, Member, Role, User
from tests.loopback_discord.options import ActorError
from tests.loopback_discord.permissions import EVERYONE_PERMISSIONS, Permission
from tests.loopback_discord.server import LoopbackDiscord

__all__ = [
    "EVERYONE_PERMISSIONS",
    "MIB",
    "ActorError",
    "Button",
    "Call",
    "CallbackType",
    "Channel",
    "CloseCode",
    "ComponentType",
    "Guild",
    "Intent",
    "Interaction",
    "InteractionType",
    "LoopbackDiscord",
    "Member",
    "Permission",
    "Problem",
    "Refusal",
    "Revision",
    "Role",
    "SentFile",
    "StoredAttachment",
    "StoredMessage",
    "Upload",
    "User",
    "Violation",
]
