"""Discord's limits on a slash command, checked when the catalogue is loaded.

The figures are those of Discord's developer documents for application commands.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from bot.catalog.options import Option
from bot.catalog.video_model import VideoModel

MAX_OPTIONS: Final = 25
MAX_CHOICES: Final = 25
MAX_DESCRIPTION: Final = 100
MAX_NAME: Final = 32
MAX_CHOICE: Final = 100
MAX_COMMAND: Final = 8000


def discord_problems(model: VideoModel) -> list[str]:
    """Everything about the model's slash command that Discord would refuse."""
    return [
        *_description_problems("description", model.descriptions),
        *_count_problems(model),
        *(problem for option in model.options for problem in _option_problems(option)),
    ]


def command_size(model: VideoModel) -> int:
    """Characters of names, descriptions and choices; of a text in several languages, the longest counts."""
    return len(model.command) + _longest(model.descriptions) + sum(map(_option_size, model.options))


def _option_size(option: Option) -> int:
    choices = sum(2 * len(str(choice)) for choice in option.choices)  # a choice has a name and a value
    return len(option.name) + _longest(option.descriptions) + choices


def _longest(text: Mapping[str, str]) -> int:
    return max(map(len, text.values()))


def _count_problems(model: VideoModel) -> Iterator[str]:
    if len(model.options) > MAX_OPTIONS:
        yield f"options: {len(model.options)}, and Discord allows {MAX_OPTIONS}"
    for name, count in Counter(option.name for option in model.options).items():
        if count > 1:
            yield f"options: {name} comes out {count} times"
    if command_size(model) > MAX_COMMAND:
        yield f"options: the command has {command_size(model)} characters, and Discord allows {MAX_COMMAND}"


def _option_problems(option: Option) -> Iterator[str]:
    where = f"options.{option.name}"
    yield from _description_problems(f"{where}.description", option.descriptions)
    if len(option.name) > MAX_NAME:
        yield f"{where}: the name has more than {MAX_NAME} characters"
    if len(option.choices) > MAX_CHOICES:
        yield f"{where}: {len(option.choices)} choices, and Discord allows {MAX_CHOICES}"
    for choice in option.choices:
        if not str(choice).strip() or len(str(choice)) > MAX_CHOICE:
            yield f"{where}: a choice is blank or has more than {MAX_CHOICE} characters"


def _description_problems(where: str, text: Mapping[str, str]) -> Iterator[str]:
    for locale, words in text.items():
        if len(words) > MAX_DESCRIPTION:
            yield f"{where}.{locale}: {len(words)} characters, and Discord allows {MAX_DESCRIPTION}"
