"""The options of a model's slash command."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias

from bot.catalog.slots import MediaSlot
from bot.catalog.text import localised

Value: TypeAlias = str | int | bool

# Discord lets a text option hold no more than this many characters.
TEXT_MAX_CHARACTERS = 6000

# Options whose meaning the price and the usual time depend on, whatever the property is called.
PROMPT = "prompt"
RESOLUTION = "resolution"
DURATION = "duration"
SOUND = "sound"


class OptionKind(StrEnum):
    """What a member types or picks."""

    TEXT = "text"
    CHOICE = "choice"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Length:
    """A length of text: so many characters or words."""

    limit: int
    unit: Literal["characters", "words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of the slash command.

    Attributes:
        name: as the member types it.
        property: the property of the model's input it fills.
        required: without it there is no request.
        default: what is meant where the member says nothing; None where that leaves the property out.
        choices: the allowed values of a CHOICE, in the order of the schema.
        minimum, maximum: bounds (inclusive) of an INTEGER; `maximum` of a TEXT is its longest length
            in characters.
        slot, index: of a MEDIA option, its slot and its place there (from 1; None if it is alone).
        recommended: the length beyond which a text works less well.
        unit: the unit of an INTEGER (`s`), where it has one.
        descriptions: by locale.
    """

    name: str
    property: str
    kind: OptionKind
    required: bool
    descriptions: Mapping[str, str]
    default: Value | None = None
    choices: tuple[str | int, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    slot: MediaSlot | None = None
    index: int | None = None
    recommended: Length | None = None
    unit: str | None = None

    def description(self, locale: str) -> str:
        """One line in the locale's language, else in English (at most 100 characters)."""
        return localised(self.descriptions, locale)
