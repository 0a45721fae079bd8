"""What must hold between the parts of a model file; each function lists what does not."""

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator

from bot.catalog.file_format import AliasEntry, ModelFile, OptionEntry
from bot.catalog.options import DURATION, RESOLUTION, SOUND
from bot.catalog.schema_format import PropertySchema
from bot.catalog.tariff import ANY_RESOLUTION

# Parameters that every command's callback has beside its options.
_RESERVED_NAMES = frozenset({"self", "interaction"})


def file_problems(file: ModelFile) -> list[str]:
    """Everything wrong with a file whose parts each have the right shape."""
    own = [
        *_mapping_problems(file),
        *(problem for entry in file.options for problem in _option_problems(entry, file)),
        *_quote_problems(file),
        *_surplus_rates(file),
    ]
    # An alias repeats what is wrong with the model itself, so it is looked at after that.
    return own or [problem for alias in file.aliases for problem in _alias_problems(file, alias)]


def _mapping_problems(file: ModelFile) -> Iterator[str]:
    mapped = Counter(entry.property for entry in file.options)
    for name in file.input_schema.properties:
        if name not in mapped:
            yield f"input_schema.properties.{name}: no option fills it"
        elif mapped[name] > 1:
            yield f"input_schema.properties.{name}: {mapped[name]} options fill it"
    for name, count in Counter(entry.name for entry in file.options).items():
        if count > 1:
            yield f"options.{name}: given {count} times"


def _option_problems(entry: OptionEntry, file: ModelFile) -> Iterator[str]:
    where = f"options.{entry.name}"
    schema = file.input_schema.properties.get(entry.property)
    if entry.name in _RESERVED_NAMES or keyword.iskeyword(entry.name):
        yield f"{where}: the name is reserved"
    if schema is None:
        yield f"{where}: input_schema has no property {entry.property!r}"
        return
    if entry.media is not None:
        yield from _media_problems(where, entry, schema)
    elif schema.type == "array":
        yield f"{where}: a list needs media"
    elif schema.validations:
        yield f"{where}: only media can have validations"
    if entry.recommended_length and (schema.type != "string" or schema.enum or entry.media):
        yield f"{where}: only a text has a recommended length"
    if entry.unit and schema.type != "integer":
        yield f"{where}: only an integer has a unit"


def _media_problems(where: str, entry: OptionEntry, schema: PropertySchema) -> Iterator[str]:
    if schema.type not in {"array", "string"} or schema.enum or schema.max_length:
        yield f"{where}: media fills a URL or a list of URLs"
    if schema.default is not None:
        yield f"{where}: media has no default"
    rules = [*schema.validations, *(entry.media.validations if entry.media else ())]
    if not any(rule.validation_rule == "file_size_mb<" for rule in rules):
        yield f"{where}: no file_size_mb< among its validations"


def _quote_problems(file: ModelFile) -> Iterator[str]:
    """A price and a usual time must follow from every request that is valid."""
    yield from _resolution_problems(file)
    yield from _duration_problems(file)
    sound = file.option_property(SOUND)
    if sound and (sound.type != "boolean" or not _always_known(file, SOUND, sound)):
        yield f"options.{SOUND}: must be a boolean with a default, or required"
    for part, keys in _rated(file):
        for name in offered_resolutions(file):
            if name not in keys:
                yield f"{part}: nothing for {name}"


def _resolution_problems(file: ModelFile) -> Iterator[str]:
    schema = file.option_property(RESOLUTION)
    if schema is None:
        return
    if schema.type != "string" or not schema.enum or not _always_known(file, RESOLUTION, schema):
        yield f"options.{RESOLUTION}: must be an enum of texts with a default, or required"


def _duration_problems(file: ModelFile) -> Iterator[str]:
    schema = file.option_property(DURATION)
    if (schema is None) == (file.clip_seconds is None):
        yield f"clip_seconds: needed exactly where there is no option {DURATION}"
    if schema is None:
        return
    if schema.type != "integer" or not _always_known(file, DURATION, schema):
        yield f"options.{DURATION}: must be an integer with a default, or required"
        return
    shortest = min((value for value in schema.enum or () if isinstance(value, int)), default=schema.minimum)
    bounded = schema.enum is not None or schema.maximum is not None
    if shortest is None or shortest < 1 or not bounded:
        yield f"options.{DURATION}: needs a minimum of at least 1 and a maximum"


def _always_known(file: ModelFile, option: str, schema: PropertySchema) -> bool:
    entry = next(entry for entry in file.options if entry.name == option)
    return schema.default is not None or entry.property in file.input_schema.required


def offered_resolutions(file: ModelFile) -> list[str]:
    """The keys under which a price must be found."""
    schema = file.option_property(RESOLUTION)
    return [str(value) for value in schema.enum or ()] if schema else [ANY_RESOLUTION]


def _rated(file: ModelFile) -> list[tuple[str, Iterable[str]]]:
    return [
        ("prices.credits_per_second", file.prices.credits_per_second),
        ("usual_seconds.per_second", file.usual_seconds.per_second),
    ]


def _surplus_rates(file: ModelFile) -> Iterator[str]:
    offered = set(offered_resolutions(file))
    for alias in file.aliases:
        offered.update(
            offered_resolutions(file.as_alias(alias)) if not _impossible_changes(file, alias) else ()
        )
    for part, keys in _rated(file):
        for name in keys:
            if name not in offered:
                yield f"{part}.{name}: no such resolution is offered"


def _impossible_changes(file: ModelFile, alias: AliasEntry) -> list[str]:
    """What an alias wants to change and cannot."""
    properties = file.input_schema.properties
    choices = {name: properties[name].enum or [] for name in alias.adds_choices if name in properties}
    return [
        *(f"lacks {name!r}, which does not exist" for name in alias.lacks if name not in properties),
        *(f"lacks {name!r}, which is required" for name in alias.lacks if name in file.input_schema.required),
        *(
            f"adds choices to {name!r}, which has none"
            for name in alias.adds_choices
            if not choices.get(name)
        ),
        *(
            f"adds a choice to {name!r} that is there or does not fit"
            for name, enum in choices.items()
            if enum and not _extends(enum, alias.adds_choices[name])
        ),
    ]


def _extends(enum: list[str | int | bool], added: list[str | int | bool]) -> bool:
    same_type = all(type(value) is type(enum[0]) for value in added)
    return same_type and len({*enum, *added}) == len(enum) + len(added)


def _alias_problems(file: ModelFile, alias: AliasEntry) -> Iterator[str]:
    where = f"aliases.{alias.model_id}"
    impossible = _impossible_changes(file, alias)
    yield from (f"{where}: {problem}" for problem in impossible)
    if not impossible:
        changed = file.as_alias(alias)
        checks = (*_mapping_problems(changed), *_quote_problems(changed))
        yield from (f"{where}: {problem}" for problem in checks)
