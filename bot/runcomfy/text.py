"""RunComfy's texts, made fit for logs and staff: one line, short, without the token or any address."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

MAX_CHARACTERS = 500
_MAX_DEPTH = 4
_MAX_ITEMS = 20
# Addresses of files are unsigned and carry account data in their paths.
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
# Where an error's text is found in an answer, the most specific name first.
_TEXT_KEYS = ("error_message", "message", "error", "detail")
# Inside an error object. The code comes along: moderation is recognised by it.
_CODE_KEYS = ("code", "type")
_MESSAGE_KEYS = (*_TEXT_KEYS, "msg", "reason")


def error_text(document: Mapping[str, Any], *, secret: str) -> str | None:
    """Return the error text of an answer, or None where it has none."""
    for key in _TEXT_KEYS:
        if text := plain_text(document.get(key), secret=secret):
            return text
    return None


def plain_text(value: Any, *, secret: str) -> str | None:
    """Return a text, list or object as one line of at most 500 characters, or None if nothing is in it.

    `secret` (the API token) is taken out wherever it is quoted, and so are web addresses.
    """
    # Before and after tidying: a token is neither cut in two nor put together again.
    flat = _without(secret, _flat(value, depth=0))[: 20 * MAX_CHARACTERS]
    text = _ADDRESS.sub("[address]", _without(secret, _one_line(flat)))
    if len(text) > MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return text or None


def _without(secret: str, text: str) -> str:
    return text.replace(secret, "[token]") if secret else text


def _flat(value: Any, *, depth: int) -> str:
    if value is None or value is False or depth > _MAX_DEPTH:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = (_flat(item, depth=depth + 1) for item in value[:_MAX_ITEMS])
        return "; ".join(part for part in parts if part)
    if isinstance(value, Mapping):
        return _flat_object(value, depth=depth)
    return str(value)


def _flat_object(value: Mapping[str, Any], *, depth: int) -> str:
    place = ".".join(str(step) for step in loc) if isinstance(loc := value.get("loc"), list) else ""
    code = _first(value, _CODE_KEYS, depth=depth)
    message = _first(value, _MESSAGE_KEYS, depth=depth)
    if not message and not code:
        pairs = ((key, _flat(item, depth=depth + 1)) for key, item in list(value.items())[:_MAX_ITEMS])
        return ", ".join(f"{key}: {text}" for key, text in pairs if text)
    return ": ".join(part for part in (place, code, message) if part)


def _first(value: Mapping[str, Any], keys: tuple[str, ...], *, depth: int) -> str:
    for key in keys:
        if text := _flat(value.get(key), depth=depth + 1):
            return text
    return ""


def _one_line(text: str) -> str:
    """Drop control, bidirectional and unpaired surrogate characters; white space becomes one space."""
    spaced = (" " if char.isspace() else char for char in text)
    kept = "".join(char for char in spaced if not unicodedata.category(char).startswith("C"))
    return " ".join(kept.split())
