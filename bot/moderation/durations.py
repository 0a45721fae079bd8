"""How long a block lasts, as moderators type it: `30m`, `12h`, `7d`, `2w`, or `forever`. Pure."""

import re

_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}
#: Longer than this (ms) is called forever: ten years.
_LONGEST_MS = 3653 * _UNITS_MS["d"]
_TYPED = re.compile(r"(?P<count>[0-9]{1,6})\s*(?P<unit>[mhdw])")
_FOREVER = frozenset({"forever", "permanent"})


class DurationRefused(ValueError):
    """The text is no duration; `text` is what was typed."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


def parse_duration(text: str) -> int | None:
    """A duration in milliseconds; None for one without an end.

    Raises:
        DurationRefused: it is none, is zero, or is longer than ten years.
    """
    plain = text.strip().casefold()
    if plain in _FOREVER:
        return None
    typed = _TYPED.fullmatch(plain)
    length_ms = int(typed["count"]) * _UNITS_MS[typed["unit"]] if typed else 0
    if not 0 < length_ms <= _LONGEST_MS:
        raise DurationRefused(text)
    return length_ms
