"""People who manage a server, and what they see on its panel."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
import simcord
from simcord.actors import MemberActor

from bot.rehearsal.screen import lines_of
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.stories.community import Community, components_of

MANAGES = discord.Permissions(manage_guild=True)


class Staff:
    """One person who manages the club's server."""

    def __init__(self, club: Community, name: str = "ruth") -> None:
        self.club = club
        self.who: MemberActor = club.add_member(name, can=MANAGES)
        self.panel: simcord.InteractionResult

    async def opens_settings(self) -> "Staff":
        self.panel = await self.who.slash(self.club.channel, "server settings")
        return self

    async def runs(self, command: str, **options: Any) -> str:
        """Run a command and read the answer."""
        return text_of(await self.who.slash(self.club.channel, command, **options))

    async def chooses(self, name: str, values: Sequence[Any]) -> str:
        chosen = await self.who.select(self.message, values, custom_id=f"server:choose:{name}")
        return self._seen(chosen)

    async def presses(self, label: str) -> simcord.InteractionResult:
        """Press a button that opens a form."""
        return await self.who.click(self.message, label=label)

    async def types(self, label: str, **values: str) -> str:
        """Press a button, fill in the form that opens, and read the panel."""
        return self._seen(await self.who.submit_modal(await self.presses(label), values))

    async def asks_for_some_approval(self, **values: str) -> str:
        """Choose that some requests wait, and say which."""
        [some] = [value for value in self.values_of("approval") if value.startswith("some:")]
        shown = await self.who.select(self.message, [some], custom_id="server:choose:approval")
        return self._seen(await self.who.submit_modal(shown, values))

    def values_of(self, name: str) -> list[str]:
        menu = next(item for item in self.components() if item.get("custom_id") == f"server:choose:{name}")
        return [option["value"] for option in menu["options"]]

    def components(self) -> list[dict[str, Any]]:
        assert self.panel.response is not None
        return list(components_of({"components": self.panel.response.components}))

    def reads(self) -> str:
        return text_of(self.panel)

    @property
    def message(self) -> discord.Message:
        assert self.panel.response is not None
        return self.panel.response.message

    def _seen(self, _result: simcord.InteractionResult) -> str:
        # What is pressed edits the panel in place: the same message, as it looks now.
        return self.reads()


def text_of(result: simcord.InteractionResult) -> str:
    """Everything an answer shows."""
    if result.response is None:
        return ""
    return "\n".join(lines_of({"content": result.response.content, "components": result.response.components}))


async def settings_of(club: Community) -> ServerSettings:
    return await club.stage.showreel.database.run(servers.load, club.guild.id)


async def set_up(club: Community, **changes: Any) -> ServerSettings:
    """Give the club these settings without a command, where the story is about something else."""
    desk = club.stage.showreel.bot.services.moderators
    return await desk.change_one(club.guild.id, changes, by=1)


def told_to(member: MemberActor, message: Mapping[str, Any], club: Community) -> bool:
    """Whether the message notifies this member and nobody else."""
    return club.pinged(message) == ({member.id}, set(), False)


async def let_run(club: Community, command: str, member: MemberActor) -> None:
    """Give somebody a command in the server's own settings in Discord, whatever their permissions."""
    for found in await club.stage.showreel.bot.tree.fetch_commands():
        if found.name == command:
            club.guild.set_command_permissions(found.id, {member: True})
