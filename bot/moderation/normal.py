"""Text in its plainest form, so that a filter sees through costumes. Pure.

Case, accents, width, zero-width characters and look-alikes from other alphabets are taken away; what is left
are the letters a reader would read.
"""

import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables

#: Figures and signs that are often read as letters; the figure one is read as either of two.
_SIGNS = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_LEET = tuple(str.maketrans({**_SIGNS, "1": letter, "|": letter}) for letter in "il")
#: Letters of an alphabet that show nothing: fillers of Hangul.
_FILLERS = "\u115f\u1160"
#: A sign that shows nothing, and is as wide as a letter.
_BLANK_BRAILLE = "\u2800"
#: Combining classes (Unicode 4.3): points of Hebrew and Arabic, voicing of kana, the first of the accents.
_POINTS = range(10, 37)
_VOICING = 8
_ACCENTS = 200


def plain(text: str) -> str:
    """The text as a reader would read it: lower case, no accents, nothing invisible, Latin look-alikes."""
    # Capitals look like other letters than small ones do: both are read, the capitals first.
    capitals = _read(_visible(unicodedata.normalize("NFKD", text)))
    small = _read(_visible(unicodedata.normalize("NFKD", capitals.casefold())))
    return unicodedata.normalize("NFKC", small.casefold())


def plain_words(text: str) -> tuple[str, ...]:
    """The plain forms of a text whatever its case: what looks like Latin letters depends on that."""
    return tuple(dict.fromkeys((plain(text), plain(text.casefold()))))


def plain_forms(text: str) -> tuple[str, ...]:
    """The forms a filter looks at: as read, with figures read as letters, and in its own alphabet."""
    read = plain_words(text)
    leet = [form.translate(table) for form in read for table in _LEET]
    return tuple(dict.fromkeys((*read, *leet, _as_written(text))))


def _as_written(text: str) -> str:
    """With its accents and in its own alphabet, as somebody writes a pattern in another language."""
    whole = unicodedata.normalize("NFKC", text)
    return "".join(char for char in whole if unicodedata.category(char) not in ("Cf", "Cs")).casefold()


def _visible(spread: str) -> str:
    """What can be seen of a decomposed text, with plain spaces."""
    kept: list[str] = []
    for char in spread:
        if char.isspace() or char == _BLANK_BRAILLE:
            kept.append(" ")
        elif not _is_invisible(char, kept[-1] if kept else ""):
            kept.append(char)
    return "".join(kept)


def _is_invisible(char: str, before: str) -> bool:
    # Mn, Me: marks on a letter; Cf: zero-width, direction; Cc: controls; Cs: halves of nothing.
    category = unicodedata.category(char)
    if category == "Mn":
        return not _spells(char, before)
    return category in ("Me", "Cf", "Cc", "Cs") or char in _FILLERS


def _spells(mark: str, before: str) -> bool:
    """Whether a mark makes another letter of the one before it (Hindi, Thai, kana): it is no accent."""
    if not before:
        return False
    kind = unicodedata.combining(mark)
    if kind == _VOICING:
        return _script(before) in ("HIRAGANA", "KATAKANA")
    return kind < _ACCENTS and kind not in _POINTS and _script(mark) == _script(before)


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _read(text: str) -> str:
    return "".join(map(_plain_char, text))


@lru_cache(maxsize=4096)
def _plain_char(char: str) -> str:
    """The Latin letters that look like this one, or like its capital; itself where there are none."""
    if char.isascii():
        return char
    for likeness in (char, char.upper()):
        found = confusables.is_confusable(likeness, preferred_aliases=[])
        alternatives = (str(item["c"]) for item in (found[0]["homoglyphs"] if found else ()))
        letters = next((item for item in alternatives if item.isascii() and item.isalpha()), None)
        if letters is not None:
            # The tables take a capital i for a small l.
            return "i" if letters == "l" and likeness.isupper() else letters
    return char
