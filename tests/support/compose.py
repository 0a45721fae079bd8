"""Reads the small part of YAML that this project's compose files are written in."""

import json
import re
from pathlib import Path
from typing import Any

_LINE = re.compile(r"(?P<indent> *)(?P<item>- )?(?:(?P<key>[\w.-]+):(?: (?P<value>.+))?|(?P<word>.+))")


def read_compose(path: Path) -> dict[str, Any]:
    """The file's mappings and lists; fails on anything else that YAML can say."""
    lines = [
        line for line in path.read_text().splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    found, rest = _block(lines, 0)
    assert rest == [], f"{path.name}: {rest[0]}"
    assert isinstance(found, dict)
    return found


def _block(lines: list[str], indent: int) -> tuple[Any, list[str]]:
    mapping: dict[str, Any] = {}
    items: list[Any] = []
    while lines:
        parts = _LINE.fullmatch(lines[0])
        assert parts, lines[0]
        if len(parts["indent"]) < indent:
            break
        assert len(parts["indent"]) == indent, f"indented by another width: {lines[0]}"
        if parts["item"]:
            items.append(_scalar(lines[0].strip().removeprefix("- ")))
            lines = lines[1:]
        elif parts["value"]:
            assert parts["key"] not in mapping, lines[0]
            mapping[parts["key"]] = _scalar(parts["value"])
            lines = lines[1:]
        else:
            assert parts["key"], f"neither a key nor an item: {lines[0]}"
            mapping[parts["key"]], lines = _block(lines[1:], indent + 2)
    assert not (mapping and items)
    return (items or mapping), lines


def _scalar(text: str) -> Any:
    if text[0] in '["{':
        return json.loads(text)
    assert " #" not in text, f"a comment behind a value: {text}"
    return {"true": True, "false": False}.get(text, text)
