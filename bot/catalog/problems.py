"""What can be wrong with a request: data, worded where it is shown."""

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Each rule a request can break; the message catalogue has `problem-<value>` for each."""

    REQUIRED = "required"
    BLANK = "blank"
    NOT_A_CHOICE = "not-a-choice"
    WRONG_TYPE = "wrong-type"
    TOO_LOW = "too-low"
    TOO_HIGH = "too-high"
    TOO_LONG = "too-long"
    TOO_FEW = "too-few"
    TOO_MANY = "too-many"
    WRONG_FORMAT = "wrong-format"
    TOO_LARGE = "too-large"
    WIDTH_TOO_SMALL = "width-too-small"
    WIDTH_TOO_LARGE = "width-too-large"
    HEIGHT_TOO_SMALL = "height-too-small"
    HEIGHT_TOO_LARGE = "height-too-large"
    RATIO_TOO_NARROW = "ratio-too-narrow"
    RATIO_TOO_WIDE = "ratio-too-wide"
    TOO_SHORT = "too-short"
    LASTS_TOO_LONG = "lasts-too-long"
    UNREADABLE = "unreadable"
    UNREACHABLE = "unreachable"
    UNKNOWN_OPTION = "unknown-option"
    # Warnings: told, but nothing is refused for them.
    OVER_RECOMMENDED_LENGTH = "over-recommended-length"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule.

    Attributes:
        option: the slash command's option, as the member typed it (`image3`).
        code: the rule.
        limit: what the rule allows, in `unit` (a number, or the allowed names joined with commas).
        found: what the request had, in `unit`.
        unit: `px`, `B` (bytes), `s`, `characters`, `words`, `files`, or nothing.
    """

    option: str
    code: ProblemCode
    limit: int | float | str | None = None
    found: int | float | str | None = None
    unit: str | None = None
