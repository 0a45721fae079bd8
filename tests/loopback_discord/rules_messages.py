"""What Discord refuses in a message and its OpenAPI description lets through."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tests.loopback_discord.components import SELECTS, ComponentType, text_of, walk
from tests.loopback_discord.errors import JsonObject, Problem

MAX_CONTENT = 2000
MAX_LAYOUT_TEXT = 4000
MAX_COMPONENTS = 40
MAX_ROWS = 5
MAX_EMBED_TEXT = 6000
LINK_BUTTON = 5
PREMIUM_BUTTON = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """A message as it would be after the request."""

    content: str
    components: Sequence[JsonObject]
    embeds: Sequence[JsonObject]
    attachments: int
    has_layout: bool
    loading: bool = False

    @property
    def empty(self) -> bool:
        return not (self.content or self.components or self.embeds or self.attachments or self.loading)


def problems(outcome: Outcome) -> list[Problem]:
    """Everything wrong with it, bar its being empty (which has a code of its own)."""
    found = _layout_problems(outcome) if outcome.has_layout else _classic_problems(outcome)
    found += _custom_id_problems(outcome.components)
    for component in walk(outcome.components):
        if component["type"] == ComponentType.BUTTON:
            found += _button_problems(component)
        if component["type"] == ComponentType.ACTION_ROW:
            found += _row_problems(component)
    return found


def _classic_problems(outcome: Outcome) -> list[Problem]:
    found = []
    if len(outcome.content) > MAX_CONTENT:
        found.append(Problem(("content",), f"must be {MAX_CONTENT} or fewer in length"))
    if len(outcome.components) > MAX_ROWS:
        found.append(Problem(("components",), f"must be {MAX_ROWS} or fewer rows"))
    found += [
        Problem(("components", index, "type"), f"type {item['type']} needs the components-v2 flag")
        for index, item in enumerate(outcome.components)
        if item["type"] != ComponentType.ACTION_ROW
    ]
    if sum(map(_embed_length, outcome.embeds)) > MAX_EMBED_TEXT:
        found.append(Problem(("embeds",), f"embeds exceed {MAX_EMBED_TEXT} characters together"))
    return found


def _layout_problems(outcome: Outcome) -> list[Problem]:
    found = []
    if outcome.content:
        found.append(Problem(("content",), "cannot be used beside the components-v2 flag"))
    if outcome.embeds:
        found.append(Problem(("embeds",), "cannot be used beside the components-v2 flag"))
    if sum(1 for _ in walk(outcome.components)) > MAX_COMPONENTS:
        found.append(Problem(("components",), f"more than {MAX_COMPONENTS} components, nested ones counted"))
    if len(text_of(outcome.components)) > MAX_LAYOUT_TEXT:
        found.append(Problem(("components",), f"more than {MAX_LAYOUT_TEXT} characters of text"))
    return found


def _custom_id_problems(components: Sequence[JsonObject]) -> list[Problem]:
    used = Counter(item["custom_id"] for item in walk(components) if item.get("custom_id"))
    return [
        Problem(("components",), f"custom_id {custom_id} is used {times} times")
        for custom_id, times in used.items()
        if times > 1
    ]


def _button_problems(button: JsonObject) -> list[Problem]:
    found = []
    style = button["style"]
    if style == LINK_BUTTON:
        if not str(button.get("url")).startswith(("http://", "https://", "discord://")):
            found.append("a link button needs an http, https or discord url")
        if button.get("custom_id"):
            found.append("a link button has no custom_id")
    elif style != PREMIUM_BUTTON:
        if not button.get("custom_id"):
            found.append("a button needs a custom_id")
        if button.get("url"):
            found.append("only link buttons have a url")
    if style != PREMIUM_BUTTON and not (button.get("label") or button.get("emoji")):
        found.append("a button needs a label or an emoji")
    return [Problem(("components",), f"{button.get('custom_id')}: {problem}") for problem in found]


def _row_problems(row: JsonObject) -> list[Problem]:
    kinds = [item["type"] for item in row["components"]]
    selects = sum(1 for kind in kinds if kind in SELECTS)
    if selects > 1 or (selects and len(kinds) > 1):
        return [Problem(("components",), "a row holds five buttons or one select menu")]
    return []


def _embed_length(embed: JsonObject) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for entry in embed.get("fields") or []:
        texts += [entry.get("name"), entry.get("value")]
    return sum(len(text) for text in texts if text)
