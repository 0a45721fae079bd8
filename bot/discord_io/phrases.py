"""Data into words: problems, durations, settings. Escaped, because some of it was typed by members."""

import re
import unicodedata
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

#: What Discord reads as markup, wherever it stands. It shows any punctuation behind a backslash as it is.
_MARKUP = re.compile(
    r"""[\\*_~`|<>\[\]]     # emphasis, code, spoilers, quotes, mentions and emoji, masked links
    | :(?=//)              # a link with its scheme
    | (?<=\w)\.(?=\w)      # one without, such as an invitation
    | (?<=\d)[.)](?=\s|$)  # a numbered list""",
    re.VERBOSE,
)
#: Lists, headings and small print, where they open a line.
_OPENING = re.compile(r"^([^\S\n]*)([-+#])", re.MULTILINE)
#: Control and format characters, halves of characters, separators that break lines.
_UNSEEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
#: These shape the letters of several scripts, and emoji made of others.
_JOINERS = "\u200c\u200d"
#: Marks on the letter before them. No language piles up as many.
_MARKS = frozenset({"Mn", "Me"})
_HIGHEST_PILE = 4
#: Letters by category, yet nothing is seen of them: the Hangul fillers and the empty braille cell.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def escape(text: str) -> str:
    """Text that Discord shows as typed: no markdown, no links, no mentions, nothing invisible that steers.

    A mention is broken with a zero-width space, for Discord looks for mentions before it minds backslashes.
    """
    typed = _OPENING.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", _visible(text)))
    return discord.utils.escape_mentions(typed)


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def typed_line(text: str, limit: int) -> str:
    """What somebody typed, as it is kept: on one line of at most `limit` characters, nothing unseen in it.

    Discord's own client sees to most of that; another one need not.
    """
    return shorten(_visible(text), limit)


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
        return words("unknown-size" if unit == "B" else "unknown-value")
    if isinstance(value, str):
        return escape(shorten(value, 100))
    if unit == "B":
        return words("unit-mb", count=round(value / _BYTES_IN_MB, 2))
    number = round(value, 2)
    return words(_UNITS[unit], count=number) if unit else f"{number:g}"


def _visible(text: str) -> str:
    """The text without what is not seen itself, and without marks piled up over the lines around it."""
    kept: list[str] = []
    pile = 0
    for char in text:
        pile = pile + 1 if unicodedata.category(char) in _MARKS else 0
        if pile <= _HIGHEST_PILE and (char in "\n\t" or not _steers(char)):
            kept.append(char)
    return "".join(kept)


def _steers(char: str) -> bool:
    """Characters that are not seen themselves, such as zero-width spaces and direction overrides."""
    return char in _BLANK_LETTERS or (
        unicodedata.category(char) in _UNSEEN_CATEGORIES and char not in _JOINERS
    )
