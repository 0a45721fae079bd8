"""From a model file to the model."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from bot.catalog.discord_limits import discord_problems
from bot.catalog.file_checks import file_problems
from bot.catalog.file_format import ModelFile, OptionEntry
from bot.catalog.json_file import read_as
from bot.catalog.options import PROMPT, TEXT_MAX_CHARACTERS, Length, Option, OptionKind, Value
from bot.catalog.schema_format import PropertySchema, Rule
from bot.catalog.slots import MediaSlot
from bot.catalog.tariff import Pace, Tariff
from bot.catalog.video_model import VideoModel
from bot.errors import CatalogInvalid

_MODEL_FILE: Final = TypeAdapter(ModelFile)
_BYTES_PER_MB: Final = 10**6


def read_model_file(path: Path) -> ModelFile:
    """A model file that can be built.

    Raises:
        CatalogInvalid: the file cannot be read, or something in it is wrong (every problem at once).
    """
    file = read_as(_MODEL_FILE, path)
    problems = file_problems(file) or _command_problems(build_model(file))
    if problems:
        raise CatalogInvalid(str(path), "; ".join(problems))
    return file


def _command_problems(model: VideoModel) -> list[str]:
    """What Discord would refuse of the model's command, or else of the command under an alias."""
    return discord_problems(model) or [
        f"aliases.{model_id}: {problem}"
        for model_id, variant in model.variants.items()
        for problem in discord_problems(variant)
    ]


def build_model(file: ModelFile) -> VideoModel:
    """The model of a file without problems."""
    slots = {entry.property: slot for entry in file.options if (slot := _slot(entry, file)) is not None}
    options = [
        option for entry in file.options for option in _options(entry, file, slots.get(entry.property))
    ]
    return VideoModel(
        command=file.command,
        model_id=file.model_id,
        titles=file.title,
        descriptions=file.description,
        helps=file.help,
        options=tuple(sorted(options, key=lambda option: (not option.required, option.name != PROMPT))),
        slots=tuple(slots.values()),
        input_schema=file.input_schema.model_dump(mode="json", by_alias=True, exclude_unset=True),
        tariff=Tariff(file.prices.credits_per_second),
        pace=Pace(file.usual_seconds.base, file.usual_seconds.per_second),
        clip_seconds=file.clip_seconds,
        variants={alias.model_id: build_model(file.as_alias(alias)) for alias in file.aliases},
    )


def _slot(entry: OptionEntry, file: ModelFile) -> MediaSlot | None:
    if entry.media is None:
        return None
    schema = file.input_schema.properties[entry.property]
    required = entry.property in file.input_schema.required
    rules = [*schema.validations, *entry.media.validations]
    return MediaSlot(
        name=entry.name,
        property=entry.property,
        is_list=schema.type == "array",
        kind=entry.media.kind,
        formats=tuple(entry.media.formats),
        max_bytes=_max_bytes(rules),
        minimum=max(schema.min_items or 0, int(required)),
        maximum=schema.max_items or 1,
        min_width=_tightest(rules, "width_pixels>"),
        max_width=_tightest(rules, "width_pixels<"),
        min_height=_tightest(rules, "height_pixels>"),
        max_height=_tightest(rules, "height_pixels<"),
        min_ratio=_tightest(rules, "width/height>"),
        max_ratio=_tightest(rules, "width/height<"),
        min_duration_s=_tightest(rules, "duration_s>="),
        max_duration_s=_tightest(rules, "duration_s<="),
    )


def _tightest(rules: Iterable[Rule], name: str) -> int | float | None:
    values = [rule.validation_value for rule in rules if rule.validation_rule == name]
    if not values:
        return None
    return min(values) if "<" in name else max(values)


def _max_bytes(rules: Iterable[Rule]) -> int:
    megabytes = _tightest(rules, "file_size_mb<")
    if megabytes is None:
        raise ValueError("file_problems() lets no slot through without a size")
    return int(megabytes * _BYTES_PER_MB)


def _options(entry: OptionEntry, file: ModelFile, slot: MediaSlot | None) -> Iterator[Option]:
    required = entry.property in file.input_schema.required
    if slot is None:
        yield _value_option(entry, file.input_schema.properties[entry.property], required=required)
    elif not slot.is_list:
        yield _media_option(entry, slot, None, required=required)
    else:
        for index in range(1, slot.maximum + 1):
            yield _media_option(entry, slot, index, required=required and index <= slot.minimum)


def _media_option(entry: OptionEntry, slot: MediaSlot, index: int | None, *, required: bool) -> Option:
    number = "" if index is None else str(index)
    return Option(
        name=entry.name + number,
        property=entry.property,
        kind=OptionKind.MEDIA,
        required=required,
        descriptions={locale: text.replace("{n}", number) for locale, text in entry.description.items()},
        slot=slot,
        index=index,
    )


def _value_option(entry: OptionEntry, schema: PropertySchema, *, required: bool) -> Option:
    default: Value | None = schema.default
    recommended = entry.recommended_length
    kind, choices, minimum, maximum = _domain(schema)
    return Option(
        name=entry.name,
        property=entry.property,
        kind=kind,
        required=required and default is None,
        descriptions=entry.description,
        default=default,
        choices=choices,
        minimum=minimum,
        maximum=maximum,
        recommended=Length(recommended.limit, recommended.unit) if recommended else None,
        unit=entry.unit,
    )


def _domain(schema: PropertySchema) -> tuple[OptionKind, tuple[str | int, ...], int | None, int | None]:
    """Kind, choices, minimum and maximum. Whole numbers without gaps need no choices: a range says it."""
    if schema.type == "boolean":
        return OptionKind.BOOLEAN, (), None, None
    if schema.enum is None:
        if schema.type == "integer":
            return OptionKind.INTEGER, (), schema.minimum, schema.maximum
        return OptionKind.TEXT, (), None, min(schema.max_length or TEXT_MAX_CHARACTERS, TEXT_MAX_CHARACTERS)
    numbers = [value for value in schema.enum if isinstance(value, int)]
    if numbers and max(numbers) - min(numbers) == len(numbers) - 1:
        return OptionKind.INTEGER, (), min(numbers), max(numbers)
    return OptionKind.CHOICE, tuple(schema.enum), None, None
