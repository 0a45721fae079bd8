"""What members do: commands, buttons, menus, modals, messages."""

import secrets
from collections.abc import Mapping, Sequence

from tests.loopback_discord import message_payload, payloads
from tests.loopback_discord.body import SentFile
from tests.loopback_discord.cdn import StoredAttachment, Upload
from tests.loopback_discord.components import SELECTS, ComponentType
from tests.loopback_discord.composer import Composer, Sent, Setting
from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.events import Event
from tests.loopback_discord.forms import Chosen, FieldValue, chosen, submission
from tests.loopback_discord.interaction import CallbackType, Interaction, InteractionType
from tests.loopback_discord.message import TYPE_DEFAULT, TYPE_REPLY, Button, StoredMessage
from tests.loopback_discord.model import Channel, Member, User
from tests.loopback_discord.options import ActorError, OptionValue, Resolved, descend, filled_in
from tests.loopback_discord.rest_commands import CommandRegistry
from tests.loopback_discord.rest_interactions import InteractionRegistry
from tests.loopback_discord.shown_commands import ShownCommands, context_of, rights_of
from tests.loopback_discord.world import World

_CHAT_INPUT, _USER_MENU, _MESSAGE_MENU = 1, 2, 3


class Actors:
    """Acts as members do in Discord's client, and refuses (`ActorError`) what that client does not offer.

    Attributes:
        interactions: all there were, and their time limits.
        shown_commands: which commands members see; `opened` lists those opened to everybody.
    """

    def __init__(
        self, world: World, composer: Composer, commands: CommandRegistry, interactions: InteractionRegistry
    ) -> None:
        self.world = world
        self.interactions = interactions
        self.shown_commands = ShownCommands(commands)
        self._composer = composer

    async def slash(
        self, who: Member | User, channel: Channel, command: str, /, **options: OptionValue
    ) -> Interaction:
        """Use a slash command; `command` names subcommands after a space."""
        resolved = Resolved(channel)
        data = self._command_data(who, channel, command, options, resolved)
        return self._send(InteractionType.COMMAND, who, channel, data, uploads=resolved.uploads)

    async def autocomplete(
        self, who: Member | User, channel: Channel, command: str, focused: str, /, **options: OptionValue
    ) -> Interaction:
        """Type in an option that completes; what is typed so far is among the options."""
        data = self._command_data(who, channel, command, options, Resolved(channel), focused=focused)
        return self._send(InteractionType.AUTOCOMPLETE, who, channel, data)

    async def use_menu(
        self, who: Member, channel: Channel, command: str, target: StoredMessage | Member, /
    ) -> Interaction:
        """Use a context-menu command on a message or a member."""
        kind = _MESSAGE_MENU if isinstance(target, StoredMessage) else _USER_MENU
        registered = self.shown_commands.find(who, channel, command, kind)
        resolved = Resolved(channel)
        data = _about(registered) | {"target_id": resolved.add(target)} | resolved.part()
        return self._send(InteractionType.COMMAND, who, channel, data)

    async def click(
        self,
        who: Member | User,
        message: StoredMessage,
        *,
        custom_id: str | None = None,
        label: str | None = None,
    ) -> Interaction:
        """Press a button, found by its custom_id or label."""
        button = _the_one(who, message, custom_id, label)
        if button.type != ComponentType.BUTTON or button.custom_id is None:
            raise ActorError(str(button.label), "is not a button that tells the bot")
        return self._component(who, message, button, {})

    async def select(
        self,
        who: Member | User,
        message: StoredMessage,
        *values: Chosen,
        custom_id: str | None = None,
        label: str | None = None,
    ) -> Interaction:
        """Choose from a select menu, found by its custom_id or placeholder."""
        menu = _the_one(who, message, custom_id, label)
        if menu.type not in SELECTS:
            raise ActorError(str(menu.custom_id), "is not a select menu")
        resolved = Resolved(message.channel)
        data: JsonObject = {"values": chosen(menu.component, values, resolved)}
        return self._component(who, message, menu, data | resolved.part())

    async def submit_modal(
        self, who: Member | User, opened_by: Interaction, fields: Mapping[str, FieldValue]
    ) -> Interaction:
        """Fill in the modal that an interaction was answered with; fields by label or custom_id."""
        if opened_by.callback is not CallbackType.MODAL or opened_by.user.id != who.id:
            raise ActorError("modal", "this member has none open")
        modal = opened_by.callback_data
        resolved = Resolved(opened_by.channel)
        data: JsonObject = {
            "custom_id": modal["custom_id"],
            "components": submission(modal, fields, resolved),
        }
        return self._send(
            InteractionType.MODAL_SUBMIT,
            who,
            opened_by.channel,
            data | resolved.part(),
            message=opened_by.message,
            trigger=opened_by,
            uploads=resolved.uploads,
        )

    def say(
        self,
        who: Member | User,
        channel: Channel,
        content: str = "",
        *uploads: Upload,
        reply_to: StoredMessage | None = None,
    ) -> StoredMessage:
        """Write a message as a member."""
        files = {number: SentFile(item.filename, item.data) for number, item in enumerate(uploads)}
        user = who.user if isinstance(who, Member) else who
        sent = Sent({"content": content}, files, max(channel.upload_limit, user.upload_limit))
        setting = Setting(type=TYPE_DEFAULT if reply_to is None else TYPE_REPLY, reference=reply_to)
        return self._composer.post(channel, user, sent, setting)

    def delete_message(self, message: StoredMessage) -> None:
        """Delete somebody's message, as a moderator does."""
        self.world.delete_message(message)

    # --- how ------------------------------------------------------------------------------------------

    def _command_data(
        self,
        who: Member | User,
        channel: Channel,
        path: str,
        values: Mapping[str, OptionValue],
        resolved: Resolved,
        *,
        focused: str | None = None,
    ) -> JsonObject:
        name, *inner = path.split()
        command = self.shown_commands.find(who, channel, name, _CHAT_INPUT)
        steps = descend(command, inner)
        declared = (steps[-1] if steps else command).get("options") or []
        options = filled_in(declared, values, resolved, focused)
        for step in reversed(steps):
            options = [{"name": step["name"], "type": step["type"], "options": options}]
        return _about(command) | {"options": options} | resolved.part()

    def _component(
        self, who: Member | User, message: StoredMessage, used: Button, data: JsonObject
    ) -> Interaction:
        about: JsonObject = {
            "custom_id": used.custom_id,
            "component_type": used.type,
            "id": used.component["id"],
        }
        return self._send(InteractionType.COMPONENT, who, message.channel, about | data, message=message)

    def _send(
        self,
        kind: InteractionType,
        who: Member | User,
        channel: Channel,
        data: JsonObject,
        *,
        message: StoredMessage | None = None,
        trigger: Interaction | None = None,
        uploads: Sequence[StoredAttachment] = (),
    ) -> Interaction:
        member = who if isinstance(who, Member) else None
        if (member is None) != (channel.guild is None):
            raise ActorError(who.name, "a member acts in a guild's channel, a user in direct messages")
        interaction = Interaction(
            id=self.world.ids.next(),
            token=secrets.token_urlsafe(48),
            type=kind,
            user=who.user if isinstance(who, Member) else who,
            member=member,
            channel=channel,
            data=data,
            message=message,
            trigger=trigger,
            uploads=list(uploads),
        )
        self.interactions.all.append(interaction)
        guild_id = None if channel.guild is None else channel.guild.id
        self.world.publish(Event("INTERACTION_CREATE", self._payload(interaction), guild_id))
        return interaction

    def _payload(self, interaction: Interaction) -> JsonObject:
        channel, guild = interaction.channel, interaction.channel.guild
        rights = rights_of(interaction.member or interaction.user, channel)
        payload: JsonObject = {
            "id": str(interaction.id),
            "application_id": str(self.world.application_id),
            "type": int(interaction.type),
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(channel.id),
            "channel": payloads.channel(channel, permissions=rights),
            "app_permissions": str(self.world.bot_rights(channel)),
            "locale": interaction.user.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": "0" if guild is None else str(guild.id)},
            "context": context_of(channel),
            "attachment_size_limit": max(channel.upload_limit, interaction.user.upload_limit),
        }
        if guild is None or interaction.member is None:
            payload["user"] = payloads.user(interaction.user)
        else:
            payload["guild_id"] = str(guild.id)
            payload["guild_locale"] = guild.locale
            payload["guild"] = {"id": str(guild.id), "locale": guild.locale, "features": []}
            payload["member"] = payloads.member(interaction.member, permissions=rights)
        if interaction.message is not None:
            payload["message"] = message_payload.message(interaction.message, self.world.bot.id)
        return payload


def _about(command: JsonObject) -> JsonObject:
    about = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        about["guild_id"] = command["guild_id"]
    return about


def _the_one(who: Member | User, message: StoredMessage, custom_id: str | None, label: str | None) -> Button:
    """The component a member means, if it can be seen and used."""
    if message.deleted or (message.visible_to is not None and message.visible_to.id != who.id):
        raise ActorError(who.name, "does not see this message")
    found = [
        item
        for item in message.buttons
        if (custom_id is None or item.custom_id == custom_id) and (label is None or item.label == label)
    ]
    if len(found) != 1:
        there = [(item.label, item.custom_id) for item in message.buttons]
        raise ActorError(str(custom_id or label), f"{len(found)} of that kind; there are {there}")
    if found[0].disabled:
        raise ActorError(str(custom_id or label), "is disabled")
    return found[0]
