"""Filling in a modal, and choosing from a select menu."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from tests.loopback_discord.cdn import Upload
from tests.loopback_discord.components import SELECTS, ComponentType
from tests.loopback_discord.errors import JsonObject
from tests.loopback_discord.model import Channel, Member, Role, User
from tests.loopback_discord.options import ActorError, Resolved

Chosen = str | Upload | User | Member | Role | Channel
FieldValue = str | bool | Upload | Sequence[Chosen]

_MAX_TEXT = 4000


def chosen(component: JsonObject, values: Sequence[Chosen], resolved: Resolved) -> list[str]:
    """What a select menu, checkbox group or file upload sends; text options by their value or label."""
    name = component["custom_id"]
    sent = [
        _option_value(component, item) if isinstance(item, str) else resolved.add(item) for item in values
    ]
    lowest = _or_one(component.get("min_values"))
    if not sent and (component.get("required") is False or lowest == 0):
        return sent
    highest = _or_one(component.get("max_values"))
    if not lowest <= len(sent) <= highest:
        raise ActorError(name, f"{len(sent)} values, {lowest} to {highest} are asked for")
    return sent


def _or_one(given: int | None) -> int:
    """Discord's default for the least and the most values; discord.py sends null for it."""
    return 1 if given is None else given


def submission(modal: JsonObject, fields: Mapping[str, FieldValue], resolved: Resolved) -> list[JsonObject]:
    """The components of a modal's submission; `fields` by label or custom_id, the rest as it stood.

    Raises:
        ActorError: a field is unknown, missing, or out of its bounds.
    """
    unknown = set(fields)
    numbers = count(1)
    sent: list[JsonObject] = []
    for top in modal["components"]:
        outer: JsonObject = {"type": top["type"], "id": top.get("id") or next(numbers)}
        inner = []
        for leaf, label in _leaves(top):
            names = {leaf["custom_id"], label, leaf.get("label")}
            given = next((fields[name] for name in names if name in fields), None)
            unknown -= names
            field = {
                "type": leaf["type"],
                "id": leaf.get("id") or next(numbers),
                "custom_id": leaf["custom_id"],
            }
            inner.append(field | _answer(leaf, given, resolved))
        if top["type"] == ComponentType.LABEL:
            outer["component"] = inner[0]
        elif inner:
            outer["components"] = inner
        sent.append(outer)
    if unknown:
        raise ActorError(min(unknown), "no such field")
    return sent


def _leaves(top: JsonObject) -> Iterator[tuple[JsonObject, str | None]]:
    if top["type"] == ComponentType.LABEL:
        yield top["component"], top["label"]
    for leaf in top.get("components") or []:
        yield leaf, None


def _answer(leaf: JsonObject, given: FieldValue | None, resolved: Resolved) -> JsonObject:
    kind = leaf["type"]
    if kind == ComponentType.TEXT_INPUT:
        return {"value": _text(leaf, given)}
    if kind == ComponentType.CHECKBOX:
        return {"value": bool(leaf.get("default")) if given is None else bool(given)}
    if kind == ComponentType.RADIO_GROUP:
        options = [given] if isinstance(given, str) else _defaults(leaf)
        values = chosen({"min_values": 1, **leaf}, options, resolved)
        return {"value": values[0] if values else None}
    if kind in SELECTS or kind in (ComponentType.CHECKBOX_GROUP, ComponentType.FILE_UPLOAD):
        return {"values": chosen(leaf, _listed(leaf, given), resolved)}
    raise ActorError(leaf["custom_id"], f"a component of type {kind} cannot be filled in")


def _text(leaf: JsonObject, given: FieldValue | None) -> str:
    text = leaf.get("value") or "" if given is None else given
    if not isinstance(text, str):
        raise ActorError(leaf["custom_id"], f"{text!r} is not text")
    if not text:
        if leaf.get("required", True):
            raise ActorError(leaf["custom_id"], "is required")
        return text
    lowest, highest = leaf.get("min_length") or 0, leaf.get("max_length") or _MAX_TEXT
    if not lowest <= len(text) <= highest:
        raise ActorError(leaf["custom_id"], f"{len(text)} characters, {lowest} to {highest} are asked for")
    return text


def _listed(leaf: JsonObject, given: FieldValue | None) -> Sequence[Chosen]:
    if given is None:
        return _defaults(leaf)
    if isinstance(given, str | Upload):
        return [given]
    if isinstance(given, bool):
        raise ActorError(leaf["custom_id"], "takes a list")
    return given


def _defaults(leaf: JsonObject) -> list[Chosen]:
    return [item["value"] for item in leaf.get("options") or [] if item.get("default")]


def _option_value(component: JsonObject, wanted: str) -> str:
    for option in component.get("options") or []:
        if wanted in (option["value"], option["label"]):
            value: str = option["value"]
            return value
    raise ActorError(component["custom_id"], f"{wanted!r} cannot be chosen")
