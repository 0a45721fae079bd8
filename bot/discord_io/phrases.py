"""Data into words: problems, durations, settings. Escaped, because some of it was typed by members."""

from collections.abc import Sequence

import discord

from bot.catalog.problems import Problem
from bot.locale import Words

_BYTES_IN_MB = 1_000_000
_UNITS = {
    "px": "unit-px",
    "s": "unit-s",
    "characters": "unit-characters",
    "words": "unit-words",
    "files": "unit-files",
}
#: Discord shows messages of up to 2,000 characters; the rest of a very long list of problems is left out.
_LIST_LIMIT = 1800
_SECONDS_IN_MINUTE = 60


def escape(text: str) -> str:
    """Text that Discord shows as typed: no markdown, no mentions, no way to change the text's direction."""
    visible = "".join(char for char in text if char in "\n\t" or not _steers(char))
    return discord.utils.escape_mentions(discord.utils.escape_markdown(visible))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def problem_list(words: Words, problems: Sequence[Problem]) -> str:
    """Every problem on a line of its own."""
    lines: list[str] = []
    for problem in problems:
        line = f"- {problem_line(words, problem)}"
        if sum(map(len, lines)) + len(line) > _LIST_LIMIT:
            lines.append("- …")
            break
        lines.append(line)
    return "\n".join(lines)


def problem_line(words: Words, problem: Problem) -> str:
    """One broken rule, with its limit and what was found."""
    return words(
        f"problem-{problem.code}",
        option=problem.option,
        limit=_quantity(words, problem.limit, problem.unit),
        found=_quantity(words, problem.found, problem.unit),
    )


def duration(words: Words, seconds: float) -> str:
    """A rough time for people: seconds below two minutes, then minutes."""
    if seconds < 2 * _SECONDS_IN_MINUTE:
        rounded = max(5, round(seconds / 5) * 5)
        return words("duration-seconds", count=rounded)
    return words("duration-minutes", count=round(seconds / _SECONDS_IN_MINUTE))


def _quantity(words: Words, value: float | str | None, unit: str | None) -> str:
    if value is None:
        return words("unknown-value")
    if isinstance(value, str):
        return escape(shorten(value, 100))
    if unit == "B":
        return words("unit-mb", count=round(value / _BYTES_IN_MB, 2))
    number = round(value, 2)
    return words(_UNITS[unit], count=number) if unit else f"{number:g}"


def _steers(char: str) -> bool:
    """Control and format characters: zero-width, direction overrides and the like."""
    code = ord(char)
    return (
        code < 0x20  # noqa: PLR2004 - the C0 controls
        or 0x7F <= code <= 0x9F  # noqa: PLR2004 - DEL and the C1 controls
        or 0x200B <= code <= 0x200F  # noqa: PLR2004 - zero-width characters and direction marks
        or 0x202A <= code <= 0x202E  # noqa: PLR2004 - direction embeddings and overrides
        or 0x2060 <= code <= 0x206F  # noqa: PLR2004 - invisible operators and isolates
        or code == 0xFEFF  # noqa: PLR2004 - the byte order mark
    )
