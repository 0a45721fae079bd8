"""What changes a server's settings: selects, buttons and forms. Selects and buttons outlive the process.

Each changes only what it is for, as the settings are at that moment: two people who change different things
at once do not undo each other's work.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.discord_io.acknowledging import acknowledge
from bot.discord_io.errors import Answering
from bot.discord_io.forms import Form
from bot.discord_io.preflight import NEEDED
from bot.discord_io.rights import MANAGE_SERVER, require
from bot.discord_io.server_words import bad_settings
from bot.discord_io.services import services_of
from bot.errors import BadSetting, SettingsRefused
from bot.locale import Words, known_locales

#: The forms, and the settings each asks for.
FORMS: Mapping[str, tuple[str, ...]] = {
    "budget": ("budget",),
    "quote_above": ("quote_above",),
    "jobs_at_once": ("jobs_at_once",),
    "gallery_stars": ("gallery_stars",),
    "approval": ("approve_first", "approve_above"),
}
#: Ten digits are more than any setting takes; what was typed has to fit into a button's id.
_LONGEST_NUMBER = 12


class SettingSelect(
    ui.DynamicItem[ui.Item[Any]],
    template=r"server:choose:(?P<name>allowed_channels|moderators_channel|gallery_channel|approval|language)",
):
    """A list to choose a setting from."""

    def __init__(self, select: "ui.Select[Any] | ui.ChannelSelect[Any]") -> None:
        """`select` with the id that names the setting."""
        self.select = select
        self.setting = select.custom_id.rpartition(":")[2]
        super().__init__(select)

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[Any], _match: re.Match[str]
    ) -> "SettingSelect":
        """Make the list again from the message."""
        assert isinstance(item, ui.Select | ui.ChannelSelect)  # noqa: S101 - the library found it by this id
        return cls(item)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Change the setting; where numbers are needed, ask for them first."""
        chosen = [value if isinstance(value, str) else str(value.id) for value in self.select.values]
        if chosen and chosen[0].startswith("some:"):
            await open_form(interaction, "approval", tuple(chosen[0].split(":")[1:]))
            return
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            await change_and_show(interaction, _changes(self.setting, chosen))


class FormButton(
    ui.DynamicItem[ui.Button[Any]],
    template=r"server:form:(?P<name>budget|quote_above|jobs_at_once|gallery_stars|approval)(?P<shown>(:[^:]{0,12}){1,2})",
):
    """Opens a form, filled in with what its id carries."""

    def __init__(self, name: str, shown: tuple[str, ...], *, label: str = "…") -> None:
        """`shown`: what each field shows at first, as it was set or typed."""
        self.form = name
        self.shown = tuple(text.replace(":", " ") for text in shown)
        custom_id = ":".join(["server:form", name, *self.shown])
        super().__init__(ui.Button(style=discord.ButtonStyle.secondary, label=label, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: ui.Item[Any], match: re.Match[str]
    ) -> "FormButton":
        """Make the button again from its id."""
        return cls(match["name"], tuple(match["shown"].split(":")[1:]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Open the form."""
        await open_form(interaction, self.form, self.shown)


class SettingsForm(Form):
    """Asks for the settings that are numbers. An empty field means none."""

    template: ClassVar[re.Pattern[str]] = re.compile(rf"server:form:(?P<name>{'|'.join(FORMS)})")

    def __init__(self, name: str, shown: tuple[str, ...], words: Words) -> None:
        """`name`: one of `FORMS`; `shown`: what each field shows at first."""
        super().__init__(title=words(f"setting-form-{name}"), custom_id=f"server:form:{name}")
        for field, text in zip(FORMS[name], (*shown, ""), strict=False):
            typed: ui.TextInput[Any] = ui.TextInput(
                custom_id=field,
                placeholder=words(f"setting-hint-{field}"),
                default=text or None,
                required=False,
                max_length=_LONGEST_NUMBER,
            )
            self.add_item(ui.Label(text=words(f"setting-field-{field}"), component=typed))

    @classmethod
    async def received(
        cls, interaction: discord.Interaction, match: re.Match[str], typed: Mapping[str, str]
    ) -> None:
        """Change the settings; what cannot be is explained, with a button back to what was typed."""
        words = Words(str(interaction.locale))
        given = {name: typed.get(name, "").strip() for name in FORMS[match["name"]]}
        again = FormButton(match["name"], tuple(given.values()), label=words("setting-button-again"))
        changes: dict[str, Any] = {name: text or None for name, text in given.items()}
        if match["name"] == "approval":
            changes |= {"approve_first": given["approve_first"] or 0, "approve_everything": False}
        async with Answering(interaction, aside=True):
            await acknowledge(interaction)
            await change_and_show(interaction, changes, again=again)


async def open_form(interaction: discord.Interaction, name: str, shown: tuple[str, ...]) -> None:
    """Show a form, to whoever may change settings."""
    async with Answering(interaction):
        require(interaction, MANAGE_SERVER)
        await SettingsForm(name, shown, Words(str(interaction.locale))).show(interaction)


async def change_and_show(
    interaction: discord.Interaction, changes: Mapping[str, Any], *, again: FormButton | None = None
) -> None:
    """Change these settings, and show the panel anew with what came of it.

    Raises:
        NotPermitted: the member may not change settings (any more).
    """
    require(interaction, MANAGE_SERVER)
    words = Words(str(interaction.locale))
    moderators, guild_id = services_of(interaction).moderators, interaction.guild_id or 0
    try:
        _check_bot_can_post(interaction.guild, changes)
        await moderators.change_one(guild_id, changes, by=interaction.user.id)
    except SettingsRefused as refusal:
        await show_panel(interaction, notice=bad_settings(words, refusal.problems), again=again)
    else:
        await show_panel(interaction, notice=words("settings-saved"))


async def show_panel(
    interaction: discord.Interaction, *, notice: str | None = None, again: FormButton | None = None
) -> None:
    """Show the server's settings as they are now, in place of the answer so far."""
    from bot.discord_io.server_panel import settings_panel  # noqa: PLC0415 - the two show each other

    settings = await services_of(interaction).moderators.settings(interaction.guild_id or 0)
    guild = interaction.guild
    channels = (
        frozenset() if guild is None else frozenset(item.id for item in (*guild.channels, *guild.threads))
    )
    panel = settings_panel(
        settings, Words(str(interaction.locale)), known_channels=channels, notice=notice, again=again
    )
    await interaction.edit_original_response(view=panel)


def _changes(setting: str, chosen: list[str]) -> dict[str, Any]:
    """What choosing these values changes. Ids and names come from Discord, so they are looked at again."""
    match setting:
        case "allowed_channels":
            return {"allowed_channels": tuple(int(channel) for channel in chosen)}
        case "approval":
            return {"approve_everything": chosen == ["everything"], "approve_first": 0, "approve_above": None}
        case "language":
            return {"language": chosen[0] if chosen[0] in known_locales() else None}
        case _:
            return {setting: int(chosen[0]) if chosen else None}


def _check_bot_can_post(guild: discord.Guild | None, changes: Mapping[str, Any]) -> None:
    """Raise `SettingsRefused` where the bot is to post in a channel that is closed to it."""
    for name in ("moderators_channel", "gallery_channel"):
        channel_id = changes.get(name)
        if channel_id is None or guild is None:
            continue
        channel = guild.get_channel(channel_id)
        allowed = discord.Permissions.none() if channel is None else channel.permissions_for(guild.me)
        missing = [label for permission, label in NEEDED.items() if not getattr(allowed, permission)]
        if missing:
            raise SettingsRefused([BadSetting(name, "cannot-post", ", ".join(missing))])
