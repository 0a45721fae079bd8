"""What people see in Discord, as lines of text: for a terminal, and for stories that assert it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

_TEXT_DISPLAY = 10
_MARKS = re.compile(r"\*\*|^-# |^### |^> ", re.MULTILINE)
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])|\u200b")
_MOMENT = re.compile(r"<t:\d+:R>")


def lines_of(message: Mapping[str, Any]) -> list[str]:
    """Every line a message shows, its components included, without markdown."""
    texts = [message.get("content") or "", *_texts(message.get("components") or ())]
    plain = [_MOMENT.sub("soon", _MARKS.sub("", text)) for text in texts]
    shown = [_ESCAPED.sub(r"\1", text) for text in plain]
    return [line for text in shown for line in text.splitlines() if line.strip()]


def buttons_of(message: Mapping[str, Any]) -> list[str]:
    """The labels of the buttons a message offers."""
    return [item["label"] for item in _components(message.get("components") or ()) if item.get("label")]


def attachments_of(message: Mapping[str, Any]) -> list[str]:
    """Names and sizes of the files a message carries."""
    return [
        f"{item['filename']} ({item['size'] / 1_000_000:.2f} MB)" for item in message.get("attachments") or ()
    ]


def _texts(components: Any) -> Iterator[str]:
    for item in _components(components):
        if item.get("type") == _TEXT_DISPLAY:
            yield item["content"]


def _components(components: Any) -> Iterator[Mapping[str, Any]]:
    for item in components:
        yield item
        yield from _components(item.get("components") or ())
