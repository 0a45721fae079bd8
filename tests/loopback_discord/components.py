"""Walking Discord's component trees, and tying their media to attachments."""

import copy
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import count
from typing import TYPE_CHECKING

from tests.loopback_discord.errors import JsonObject, Problem

if TYPE_CHECKING:
    from tests.loopback_discord.cdn import StoredAttachment

_REFERENCE = "attachment://"


class ComponentType(IntEnum):
    """Discord's numbers."""

    ACTION_ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT_DISPLAY = 10
    THUMBNAIL = 11
    MEDIA_GALLERY = 12
    FILE = 13
    LABEL = 18
    FILE_UPLOAD = 19
    RADIO_GROUP = 21
    CHECKBOX_GROUP = 22
    CHECKBOX = 23


SELECTS = frozenset(
    {
        ComponentType.STRING_SELECT,
        ComponentType.USER_SELECT,
        ComponentType.ROLE_SELECT,
        ComponentType.MENTIONABLE_SELECT,
        ComponentType.CHANNEL_SELECT,
    }
)


def walk(components: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """Every component, parents before children."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for single in ("accessory", "component"):
            if component.get(single):
                yield from walk([component[single]])


def media_of(component: JsonObject) -> list[JsonObject]:
    """The media objects a component shows."""
    match component["type"]:
        case ComponentType.MEDIA_GALLERY:
            return [item["media"] for item in component["items"]]
        case ComponentType.THUMBNAIL:
            return [component["media"]]
        case ComponentType.FILE:
            return [component["file"]]
        case _:
            return []


def text_of(components: Sequence[JsonObject]) -> str:
    """All text displays, one a line."""
    return "\n".join(
        item["content"] for item in walk(components) if item["type"] == ComponentType.TEXT_DISPLAY
    )


def bound(
    components: Sequence[JsonObject], attachments: Sequence["StoredAttachment"]
) -> tuple[list[JsonObject], list[Problem]]:
    """A copy with ids given and `attachment://` references tied to attachments; what could not be tied."""
    stored = copy.deepcopy(list(components))
    by_name = {item.filename: item for item in attachments}
    problems = []
    numbers = count(1)
    for component in walk(stored):
        number = next(numbers)
        component["id"] = component.get("id") or number
        for media in media_of(component):
            name = _referenced_name(media["url"])
            if name is None:
                continue
            if name in by_name:
                media["attachment_id"] = str(by_name[name].id)
            else:
                problems.append(
                    Problem(("components",), f"{media['url']}: the referenced attachment was not found")
                )
    return stored, problems


def shown(components: Sequence[JsonObject], attachments: Sequence["StoredAttachment"]) -> list[JsonObject]:
    """A copy as Discord sends it out: media with their present links."""
    by_id = {str(item.id): item for item in attachments}
    sent = copy.deepcopy(list(components))
    for component in walk(sent):
        for media in media_of(component):
            attachment = by_id.get(media.get("attachment_id", ""))
            if attachment is not None:
                media.update(attachment.media_payload())
            media.setdefault("proxy_url", media["url"])
    return sent


def shown_embeds(embeds: Sequence[JsonObject], attachments: Sequence["StoredAttachment"]) -> list[JsonObject]:
    """Embeds as Discord sends them out: of the rich kind, references replaced by links where they can be."""
    by_name = {item.filename: item for item in attachments}
    sent = copy.deepcopy(list(embeds))
    for embed in sent:
        embed.setdefault("type", "rich")
        for slot in ("image", "thumbnail", "video"):
            media = embed.get(slot)
            name = _referenced_name(media["url"]) if media else None
            if media and name in by_name:
                media.update(by_name[name].media_payload())
    return sent


def _referenced_name(url: str) -> str | None:
    return url.removeprefix(_REFERENCE) if url.startswith(_REFERENCE) else None
