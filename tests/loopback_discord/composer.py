"""Making and editing messages: one way for channel messages, interaction responses and follow-ups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.loopback_discord import components, mentions, rules_messages
from tests.loopback_discord.body import SentFile
from tests.loopback_discord.cdn import StoredAttachment, Upload
from tests.loopback_discord.errors import ApiError, InvalidForm, JsonObject, Problem, Refusal
from tests.loopback_discord.message import (
    FLAG_COMPONENTS_V2,
    FLAG_EPHEMERAL,
    FLAG_LOADING,
    FLAG_SUPPRESS_EMBEDS,
    FLAG_SUPPRESS_NOTIFICATIONS,
    TYPE_DEFAULT,
    StoredMessage,
)
from tests.loopback_discord.model import Channel, User
from tests.loopback_discord.rules_messages import Outcome
from tests.loopback_discord.world import World

_FLAGS_WHEN_SENT = FLAG_SUPPRESS_EMBEDS | FLAG_SUPPRESS_NOTIFICATIONS | FLAG_COMPONENTS_V2
_FLAGS_WHEN_EDITED = FLAG_SUPPRESS_EMBEDS | FLAG_COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Sent:
    """A message body with its files; `upload_limit` in bytes a file."""

    body: JsonObject
    files: Mapping[int, SentFile]
    upload_limit: int


@dataclass(frozen=True, slots=True)
class Setting:
    """What a message gets from where it was sent, not from its body."""

    type: int = TYPE_DEFAULT
    reference: StoredMessage | None = None
    visible_to: User | None = None
    metadata: JsonObject | None = None
    webhook_id: int | None = None
    loading: bool = False


@dataclass(slots=True)
class _Draft:
    """A message as it will be, before anything is changed."""

    content: str
    embeds: list[JsonObject]
    components: list[JsonObject]
    attachments: list[StoredAttachment]
    flags: int
    problems: list[Problem] = field(default_factory=list)


class Composer:
    """Applies bodies to messages, or refuses them whole."""

    def __init__(self, world: World) -> None:
        self._world = world

    def post(self, channel: Channel, author: User, sent: Sent, setting: Setting) -> StoredMessage:
        """Make a message.

        Raises:
            ApiError: a file is too large.
            InvalidForm: the body breaks Discord's rules.
        """
        message = StoredMessage(
            id=self._world.ids.next(),
            channel=channel,
            author=author,
            created_at=self._world.now(),
            type=setting.type,
            nonce=sent.body.get("nonce"),
            reference=setting.reference,
            visible_to=setting.visible_to,
            interaction_metadata=setting.metadata,
            webhook_id=setting.webhook_id,
        )
        if setting.loading:
            message.flags |= FLAG_LOADING
        if setting.visible_to is not None:
            message.flags |= FLAG_EPHEMERAL
        self._apply(message, sent, _FLAGS_WHEN_SENT)
        message.pinged = list(message.mentions)
        channel.log[message.id] = message
        self._world.publish_message("MESSAGE_CREATE", message)
        return message

    def edit(self, message: StoredMessage, sent: Sent) -> StoredMessage:
        """Change what the body names; filling in a deferred answer does not count as an edit.

        Raises:
            ApiError: a file is too large.
            InvalidForm: the body breaks Discord's rules.
        """
        before, was_loading = message.revision(), message.loading
        message.flags &= ~FLAG_LOADING
        try:
            self._apply(message, sent, _FLAGS_WHEN_EDITED)
        except ApiError:
            message.flags |= FLAG_LOADING if was_loading else 0
            raise
        if not was_loading:
            message.edits.append(before)
            message.edited_at = self._world.now()
        self._world.publish_message("MESSAGE_UPDATE", message)
        return message

    def _apply(self, message: StoredMessage, sent: Sent, accepted_flags: int) -> None:
        if any(len(item.data) > sent.upload_limit for item in sent.files.values()):
            raise ApiError(Refusal.TOO_LARGE)
        draft = self._draft(message, sent, accepted_flags)
        _check(draft)
        message.content = draft.content
        message.raw_embeds = draft.embeds
        message.raw_components = draft.components
        message.attachments = draft.attachments
        message.flags = draft.flags
        self._world.cdn.keep(*draft.attachments)
        given = sent.body.get("allowed_mentions")
        found = mentions.pings(message.text, given, message.author, message.channel, message.reference)
        message.mentions, message.mention_roles = found.users, found.roles
        message.mention_everyone = found.everyone

    def _draft(self, message: StoredMessage, sent: Sent, accepted_flags: int) -> _Draft:
        body = sent.body
        attachments, problems = self._attachments(message, sent)
        raw = body["components"] or [] if "components" in body else None
        bound, unbound = (message.raw_components, []) if raw is None else components.bound(raw, attachments)
        kept_flags = message.flags & ~FLAG_SUPPRESS_EMBEDS if body.get("flags") is not None else message.flags
        return _Draft(
            content=body["content"] or "" if "content" in body else message.content,
            embeds=body["embeds"] or [] if "embeds" in body else message.raw_embeds,
            components=list(bound),
            attachments=attachments,
            flags=kept_flags | (body.get("flags") or 0) & accepted_flags,
            problems=problems + unbound + mentions.problems(body.get("allowed_mentions")),
        )

    def _attachments(
        self, message: StoredMessage, sent: Sent
    ) -> tuple[list[StoredAttachment], list[Problem]]:
        """Existing ones that the list keeps (all, without a list), then the new ones."""
        listed: Sequence[JsonObject] | None = sent.body.get("attachments")
        described = {int(item["id"]): item for item in listed or ()}
        kept = [item for item in message.attachments if listed is None or item.id in described]
        new = [
            self._world.cdn.take(
                message.channel.id,
                Upload(described.get(number, {}).get("filename") or item.filename, item.data),
                description=described.get(number, {}).get("description"),
                ephemeral=message.visible_to is not None,
            )
            for number, item in sorted(sent.files.items())
        ]
        unknown = described.keys() - {item.id for item in kept} - sent.files.keys()
        return kept + new, [
            Problem(("attachments",), f"{number} is neither kept nor sent") for number in unknown
        ]


def _check(draft: _Draft) -> None:
    outcome = Outcome(
        content=draft.content,
        components=draft.components,
        embeds=draft.embeds,
        attachments=len(draft.attachments),
        has_layout=bool(draft.flags & FLAG_COMPONENTS_V2),
        loading=bool(draft.flags & FLAG_LOADING),
    )
    problems = draft.problems + rules_messages.problems(outcome)
    if problems:
        raise InvalidForm(problems)
    if outcome.empty:
        raise InvalidForm([Problem((), "an empty message")], Refusal.EMPTY_MESSAGE)
