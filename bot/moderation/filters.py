"""Filters: words and patterns of a server that a prompt may not have, or that ask a moderator first."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import re2
from sqlalchemy import Connection, delete, func, select

from bot import turns
from bot.moderation.normal import plain, plain_forms, plain_words
from bot.schema import filters

LONGEST_TEXT = 200
#: A server's filters are checked with every request; nobody reads longer lists.
MOST_FILTERS = 500

#: Alphabets that put no space between words: there a word can begin and end anywhere.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_BORDER = r"[^\pL\pM\pN]|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"


class Kind(StrEnum):
    """How a filter's text is meant."""

    WORD = "word"  # as a word of its own
    PATTERN = "pattern"  # as a regular expression, anywhere


class Verdict(StrEnum):
    """What happens to a prompt that a filter finds; the stricter of several counts."""

    REFUSE = "refuse"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a server."""

    id: int
    guild_id: int
    kind: Kind
    text: str
    action: Verdict
    by: int
    at: int


class PatternRefused(ValueError):
    """The pattern is no regular expression that is certain to end in time; the text says why."""


class TooManyFilters(ValueError):
    """The server has as many filters as it may."""


def add(
    connection: Connection, guild_id: int, kind: Kind, text: str, action: Verdict, *, by: int, at: int
) -> bool:
    """Add a filter; False where the server has it already.

    Raises:
        PatternRefused: the text cannot be used as this kind.
        TooManyFilters: the server has as many as it may.
    """
    text = text.strip()
    _check(kind, text)
    turns.of_server(connection, guild_id)
    own = filters.c.guild_id == guild_id
    same = select(filters.c.id).where(own, filters.c.kind == kind, filters.c.text == text)
    if connection.execute(same).first() is not None:
        return False
    if (connection.scalar(select(func.count()).select_from(filters).where(own)) or 0) >= MOST_FILTERS:
        raise TooManyFilters
    row = {"guild_id": guild_id, "kind": kind, "text": text, "action": action, "by": by, "at": at}
    connection.execute(filters.insert().values(row))
    return True


def remove(connection: Connection, guild_id: int, filter_id: int) -> Filter | None:
    """Remove one of the server's filters; None where it has no such filter."""
    own = (filters.c.guild_id == guild_id) & (filters.c.id == filter_id)
    row = connection.execute(select(filters).where(own)).mappings().first()
    connection.execute(delete(filters).where(own))
    return None if row is None else _filter(row)


def of_server(connection: Connection, guild_id: int) -> list[Filter]:
    """The server's filters, oldest first."""
    statement = select(filters).where(filters.c.guild_id == guild_id).order_by(filters.c.id)
    return [_filter(row) for row in connection.execute(statement).mappings()]


def judge(connection: Connection, guild_id: int, prompt: str) -> Filter | None:
    """The filter that decides about a prompt, if one finds it: one that refuses before one that asks."""
    forms = plain_forms(prompt)
    hits = [item for item in of_server(connection, guild_id) if finds(item.kind, item.text, forms)]
    return min(hits, key=lambda item: item.action is not Verdict.REFUSE, default=None)


def finds(kind: Kind, text: str, forms: tuple[str, ...]) -> bool:
    """Whether a filter's text is in one of a prompt's plain forms."""
    expression = _expression(kind, text)
    return any(expression.search(form) is not None for form in forms)


def _check(kind: Kind, text: str) -> None:
    # Of our stores only SQLite takes a NUL.
    if not text or len(text) > LONGEST_TEXT or "\0" in text or not plain(text).strip():
        raise PatternRefused(f"1 to {LONGEST_TEXT} visible characters")
    if _expression(kind, text).search("") is not None:
        # Nobody could ask for anything any more: a slip, such as `bad|`.
        raise PatternRefused("finds every text")


@lru_cache(maxsize=2048)
def _expression(kind: Kind, text: str) -> Any:
    """RE2 ends in time linear to the text; patterns it cannot promise that for, it refuses."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(_word(text) if kind is Kind.WORD else text, options)
    except UnicodeEncodeError as error:
        raise PatternRefused(error.reason) from error
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternRefused(reason.decode() if isinstance(reason, bytes) else str(reason)) from error


def _word(text: str) -> str:
    """A pattern for the text as a word of its own, where its alphabet has such."""
    before = f"(?:^|{_BORDER})" if _needs_border(text[0]) else ""
    after = f"(?:{_BORDER}|$)" if _needs_border(text[-1]) else ""
    return f"{before}(?:{'|'.join(_spaced(form) for form in plain_words(text))}){after}"


def _needs_border(edge: str) -> bool:
    """Whether a word with this first or last character ends where other letters begin: signs do not."""
    return unicodedata.category(edge)[0] in "LMN" and not unicodedata.name(edge, "").startswith(_UNSPACED)


def _spaced(words: str) -> str:
    """The words literally, with any number of spaces between them."""
    return " +".join(re2.escape(word) for word in words.split())


def _filter(row: Mapping[Any, Any]) -> Filter:
    values = {name: row[name] for name in Filter.__slots__}
    return Filter(**{**values, "kind": Kind(row["kind"]), "action": Verdict(row["action"])})
