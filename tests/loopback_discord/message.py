"""A message as the server keeps it: what tests look at."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.loopback_discord import components
from tests.loopback_discord.components import SELECTS, ComponentType
from tests.loopback_discord.errors import JsonObject

if TYPE_CHECKING:
    from tests.loopback_discord.cdn import StoredAttachment
    from tests.loopback_discord.model import Channel, Role, User

FLAG_SUPPRESS_EMBEDS = 1 << 2
FLAG_EPHEMERAL = 1 << 6
FLAG_LOADING = 1 << 7
FLAG_SUPPRESS_NOTIFICATIONS = 1 << 12
FLAG_COMPONENTS_V2 = 1 << 15

TYPE_DEFAULT = 0
TYPE_REPLY = 19
TYPE_CHAT_INPUT_COMMAND = 20
TYPE_CONTEXT_MENU_COMMAND = 23


@dataclass(frozen=True, slots=True)
class Revision:
    """What a message said before an edit."""

    content: str
    text: str
    components: list[JsonObject]
    embeds: list[JsonObject]
    attachments: "tuple[StoredAttachment, ...]"


@dataclass(frozen=True, slots=True)
class Button:
    """A button or select menu of a message."""

    type: int
    custom_id: str | None
    label: str | None
    url: str | None
    disabled: bool
    component: JsonObject


@dataclass(eq=False, slots=True)
class StoredMessage:
    """A message; the object lives on through its edits.

    Attributes:
        content: the text of a classic message; `text` reads components too.
        mentions: the users it mentions with effect; `mention_roles` and `mention_everyone` likewise.
        pinged: the users who were notified, when it was sent. Editing notifies nobody.
        edits: what it said before, oldest first. Filling in a deferred answer is not an edit.
        visible_to: the one who sees it, if it is ephemeral.
    """

    id: int
    channel: "Channel"
    author: "User"
    created_at: datetime
    type: int = TYPE_DEFAULT
    content: str = ""
    attachments: "list[StoredAttachment]" = field(default_factory=list)
    raw_components: list[JsonObject] = field(default_factory=list)
    raw_embeds: list[JsonObject] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    reference: "StoredMessage | None" = None
    mentions: "list[User]" = field(default_factory=list)
    mention_roles: "list[Role]" = field(default_factory=list)
    mention_everyone: bool = False
    pinged: "list[User]" = field(default_factory=list)
    edits: list[Revision] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted: bool = False
    visible_to: "User | None" = None
    interaction_metadata: JsonObject | None = None
    webhook_id: int | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)

    @property
    def components(self) -> list[JsonObject]:
        """As Discord sends them out: media with their present CDN links."""
        return components.shown(self.raw_components, self.attachments)

    @property
    def embeds(self) -> list[JsonObject]:
        return components.shown_embeds(self.raw_embeds, self.attachments)

    @property
    def text(self) -> str:
        """Everything that reads as text: the content, and the text displays of a layout."""
        return "\n".join(filter(None, (self.content, components.text_of(self.raw_components))))

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & FLAG_EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Deferred, and not filled in yet."""
        return bool(self.flags & FLAG_LOADING)

    @property
    def has_layout(self) -> bool:
        """Whether it is made of version 2 components."""
        return bool(self.flags & FLAG_COMPONENTS_V2)

    @property
    def jump_url(self) -> str:
        guild = "@me" if self.channel.guild is None else self.channel.guild.id
        return f"https://discord.com/channels/{guild}/{self.channel.id}/{self.id}"

    @property
    def buttons(self) -> list[Button]:
        """Everything that can be clicked or chosen from, in reading order."""
        return [
            Button(
                type=item["type"],
                custom_id=item.get("custom_id"),
                label=item.get("label") or item.get("placeholder"),
                url=item.get("url"),
                disabled=bool(item.get("disabled")),
                component=item,
            )
            for item in components.walk(self.raw_components)
            if item["type"] == ComponentType.BUTTON or item["type"] in SELECTS
        ]

    @property
    def media_urls(self) -> list[str]:
        """The links of the media a layout shows."""
        return [
            media["url"] for item in components.walk(self.components) for media in components.media_of(item)
        ]

    def revision(self) -> Revision:
        return Revision(self.content, self.text, self.components, self.embeds, tuple(self.attachments))
