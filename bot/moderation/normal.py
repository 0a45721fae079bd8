"""Text in its plainest form, so that a filter sees through costumes. Pure.

Case, accents, width, zero-width characters and look-alikes from other alphabets are taken away; what is left
are the letters a reader would read.
"""

import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables

#: Figures and signs that are often read as letters.
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"})


def plain(text: str) -> str:
    """The text as a reader would read it: lower case, no accents, nothing invisible, Latin look-alikes."""
    spread = unicodedata.normalize("NFKD", text)
    letters = (_plain_char(char) for char in spread if not _is_invisible(char))
    return unicodedata.normalize("NFKC", "".join(letters)).casefold()


def plain_forms(text: str) -> tuple[str, ...]:
    """The forms a filter looks at: as read, and with figures read as letters."""
    form = plain(text)
    leet = form.translate(_LEET)
    return (form,) if leet == form else (form, leet)


def _is_invisible(char: str) -> bool:
    # Mn: combining marks; Cf: zero-width, direction; Cc: controls other than white space.
    category = unicodedata.category(char)
    return category in ("Mn", "Me", "Cf") or (category == "Cc" and not char.isspace())


@lru_cache(maxsize=4096)
def _plain_char(char: str) -> str:
    if char.isascii():
        return char
    found = confusables.is_confusable(char, preferred_aliases=[])
    alternatives = found[0]["homoglyphs"] if found else ()
    for alternative in alternatives:
        if alternative["c"].isascii() and alternative["c"].isalpha():
            return str(alternative["c"])
    return char
