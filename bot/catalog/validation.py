"""Whether a request keeps a model's rules. Every problem is told at once, in the order of the options."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.catalog.media import MediaFacts
from bot.catalog.options import Option, OptionKind, Value
from bot.catalog.problems import Problem, ProblemCode

# Letters and symbols by category, yet drawn as nothing: fillers of Hangul and the empty Braille cell.
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Validation:
    """What is wrong with a request (`problems`), and what is merely unwise (`warnings`)."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """No rule is broken."""
        return not self.problems


def validate(
    options: Sequence[Option], values: Mapping[str, Value], media: Mapping[str, MediaFacts]
) -> Validation:
    """Checks the values and media given for a model's options (both by option name)."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    for option in options:
        if option.kind is OptionKind.MEDIA:
            problems.extend(_media_problems(option, options, media))
        else:
            problems.extend(_value_problems(option, values))
            warnings.extend(_value_warnings(option, values))
        problems.extend(_misplaced(option, values, media))
    known = {option.name for option in options}
    unknown = [name for name in (*values, *media) if name not in known]
    problems.extend(Problem(name, ProblemCode.UNKNOWN_OPTION) for name in dict.fromkeys(unknown))
    return Validation(tuple(problems), tuple(warnings))


def is_blank(text: str) -> bool:
    """Nothing anyone could see: white space, control and zero-width characters, marks on nothing."""
    return all(char in _INVISIBLE or unicodedata.category(char)[0] in "ZCM" for char in text)


def _misplaced(
    option: Option, values: Mapping[str, Value], media: Mapping[str, MediaFacts]
) -> Iterator[Problem]:
    if option.slot is not None and option.name in values:
        found = type(values[option.name]).__name__
        yield Problem(option.name, ProblemCode.WRONG_TYPE, option.slot.kind, found)
    if option.slot is None and option.name in media:
        yield Problem(option.name, ProblemCode.WRONG_TYPE, option.kind, media[option.name].kind)


def _media_problems(
    option: Option, options: Sequence[Option], media: Mapping[str, MediaFacts]
) -> Iterator[Problem]:
    slot = option.slot
    if slot is None:
        return
    if option.name in media:
        yield from slot.problems(option.name, media[option.name])
        return
    siblings = [other.name for other in options if other.slot is slot]
    given = sum(name in media for name in siblings)
    if given >= slot.minimum:
        return
    if option.required:
        yield Problem(option.name, ProblemCode.REQUIRED)
    elif given and option.name == next(name for name in siblings if name not in media):
        yield Problem(option.name, ProblemCode.TOO_FEW, slot.minimum, given, "files")


def _value_problems(option: Option, values: Mapping[str, Value]) -> Iterator[Problem]:
    if option.name not in values:
        if option.required:
            yield Problem(option.name, ProblemCode.REQUIRED)
        return
    value = values[option.name]
    if not _has_type(option, value):
        expected = type(option.choices[0]).__name__ if option.choices else option.kind.value
        yield Problem(option.name, ProblemCode.WRONG_TYPE, expected, type(value).__name__)
    elif isinstance(value, str) and option.kind is OptionKind.TEXT:
        yield from _text_problems(option, value)
    elif option.kind is OptionKind.CHOICE and value not in option.choices:
        yield Problem(option.name, ProblemCode.NOT_A_CHOICE, ", ".join(map(str, option.choices)), value)
    elif option.kind is OptionKind.INTEGER:
        if option.minimum is not None and int(value) < option.minimum:
            yield Problem(option.name, ProblemCode.TOO_LOW, option.minimum, value, option.unit)
        if option.maximum is not None and int(value) > option.maximum:
            yield Problem(option.name, ProblemCode.TOO_HIGH, option.maximum, value, option.unit)


def _has_type(option: Option, value: Value) -> bool:
    if option.kind is OptionKind.BOOLEAN:
        return isinstance(value, bool)
    if option.kind is OptionKind.INTEGER or (option.choices and isinstance(option.choices[0], int)):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, str)


def _text_problems(option: Option, text: str) -> Iterator[Problem]:
    if option.required and is_blank(text):
        yield Problem(option.name, ProblemCode.BLANK)
    if option.maximum is not None and len(text) > option.maximum:
        yield Problem(option.name, ProblemCode.TOO_LONG, option.maximum, len(text), "characters")


def _value_warnings(option: Option, values: Mapping[str, Value]) -> Iterator[Problem]:
    text, recommended = values.get(option.name), option.recommended
    if recommended is None or not isinstance(text, str):
        return
    length = len(text.split()) if recommended.unit == "words" else len(text)
    if length > recommended.limit:
        code = ProblemCode.OVER_RECOMMENDED_LENGTH
        yield Problem(option.name, code, recommended.limit, length, recommended.unit)
