"""What Discord refuses in command registrations and its OpenAPI description lets through."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from tests.loopback_discord.errors import JsonObject, Problem

CHAT_INPUT = 1
SUB_COMMAND = 1
SUB_COMMAND_GROUP = 2
MAX_CHARACTERS = 8000
MAX_COMMANDS = {1: 100, 2: 15, 3: 15}

# Discord's documented locales.
LOCALES = frozenset(
    {"id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl"}
    | {"pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja"}
    | {"zh-TW", "ko"}
)


def problems(commands: Sequence[JsonObject]) -> list[Problem]:
    """Everything wrong with a whole set of commands."""
    found = []
    used = Counter((item.get("type") or CHAT_INPUT, item["name"]) for item in commands)
    found += [
        Problem((), f"{name} is registered {times} times") for (_, name), times in used.items() if times > 1
    ]
    for kind, limit in MAX_COMMANDS.items():
        count = sum(times for (of_kind, _), times in used.items() if of_kind == kind)
        if count > limit:
            found.append(Problem((), f"{count} commands of type {kind}, the limit is {limit}"))
    for index, command in enumerate(commands):
        found += [Problem((index, *item.location), item.problem) for item in command_problems(command)]
    return found


def command_problems(command: JsonObject) -> list[Problem]:
    """Everything wrong with one command."""
    found = _locale_problems(command)
    if (command.get("type") or CHAT_INPUT) != CHAT_INPUT:
        return found
    found += _name_problems(command)
    if not command.get("description"):
        found.append(Problem(("description",), "is required"))
    found += _options_problems(command.get("options") or [])
    characters = _characters(command)
    if characters > MAX_CHARACTERS:
        found.append(Problem((), f"{characters} characters, the limit is {MAX_CHARACTERS}"))
    return found


def _options_problems(options: Sequence[JsonObject]) -> list[Problem]:
    used = Counter(option["name"] for option in options)
    found = [Problem(("options",), f"option {name} appears {n} times") for name, n in used.items() if n > 1]
    kinds = {option["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP) for option in options}
    if len(kinds) > 1:
        found.append(Problem(("options",), "subcommands and other options cannot be mixed"))
    optional_seen = False
    for index, option in enumerate(options):
        inner = _option_problems(option)
        if option.get("required") and optional_seen:
            inner.append(Problem(("required",), "required options come before optional ones"))
        optional_seen = optional_seen or not option.get("required")
        found += [Problem(("options", index, *item.location), item.problem) for item in inner]
    return found


def _option_problems(option: JsonObject) -> list[Problem]:
    found = _name_problems(option) + _locale_problems(option)
    if option["type"] in (SUB_COMMAND, SUB_COMMAND_GROUP):
        return found + _options_problems(option.get("options") or [])
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        found.append(Problem(("autocomplete",), "cannot be used beside choices"))
    used = Counter(choice["name"] for choice in choices)
    found += [Problem(("choices",), f"choice {name} appears {n} times") for name, n in used.items() if n > 1]
    for index, choice in enumerate(choices):
        found += [Problem(("choices", index), item.problem) for item in _locale_problems(choice)]
    for low, high in (("min_value", "max_value"), ("min_length", "max_length")):
        if option.get(low) is not None and option.get(high) is not None and option[low] > option[high]:
            found.append(Problem((low,), f"is over {high}"))
    return found


def _name_problems(item: JsonObject) -> list[Problem]:
    names: dict[tuple[str, ...], str] = {("name",): item["name"]}
    names |= {
        ("name_localizations", key): name for key, name in (item.get("name_localizations") or {}).items()
    }
    return [
        Problem(location, f"{name!r} is not a name: lower case letters, digits, dashes and underscores only")
        for location, name in names.items()
        if not _is_name(name)
    ]


def _is_name(name: str) -> bool:
    return name == name.lower() and all(
        character in "-_'" or unicodedata.category(character)[0] in "LNM" for character in name
    )


def _locale_problems(item: JsonObject) -> list[Problem]:
    return [
        Problem((key, locale), "is not one of Discord's locales")
        for key in ("name_localizations", "description_localizations")
        for locale in item.get(key) or {}
        if locale not in LOCALES
    ]


def _characters(item: JsonObject) -> int:
    """Names, descriptions and choice values, the longest localisation of each counting."""
    total = _longest(item, "name") + _longest(item, "description")
    if isinstance(item.get("value"), str):
        total += len(item["value"])
    return total + sum(map(_characters, (item.get("options") or []) + (item.get("choices") or [])))


def _longest(item: JsonObject, key: str) -> int:
    texts = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
    return max(map(len, texts))
