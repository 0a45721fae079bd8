"""The shape of a model file (`models/*.json`), as pydantic models.

A file says what cannot be derived: the model's ids, its words, which option fills which property, what the
media slots accept beyond the schema's own `validations`, and the operator's weights. Types, bounds,
defaults and choices of the options come from `input_schema` alone.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field

from bot.catalog.media import MediaKind
from bot.catalog.schema_format import Entry, ObjectSchema, PositiveNumber, PropertySchema, Rule, Scalar
from bot.catalog.tariff import Rates
from bot.catalog.text import DEFAULT_LOCALE


def _complete_text(text: dict[str, str]) -> dict[str, str]:
    if DEFAULT_LOCALE not in text:
        raise ValueError(f"needs a text for {DEFAULT_LOCALE}")
    blank = sorted(locale for locale, words in text.items() if not words.strip())
    if blank:
        raise ValueError(f"is blank in {', '.join(blank)}")
    return text


Locale = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z0-9]{2,3})?$")]
Text = Annotated[dict[Locale, str], AfterValidator(_complete_text)]
ModelId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)+$", max_length=200)]
# discord.py makes options of a Python function's parameters, so a name must be able to be one.
OptionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class LengthEntry(Entry):
    """The length of text a model's makers recommend at most."""

    limit: Annotated[int, Field(ge=1)]
    unit: Literal["characters", "words"]


class MediaEntry(Entry):
    """What a media slot accepts, in addition to the `validations` of its property."""

    kind: Annotated[MediaKind, Field(strict=False)]
    formats: Annotated[list[Annotated[str, Field(pattern="^[a-z0-9]{1,16}$")]], Field(min_length=1)]
    validations: list[Rule] = Field(default_factory=list)


class OptionEntry(Entry):
    """An option, or a numbered group of them (`{n}` in the description is the number)."""

    name: OptionName
    property: str
    description: Text
    media: MediaEntry | None = None
    recommended_length: LengthEntry | None = None
    unit: Literal["s"] | None = None


class AliasEntry(Entry):
    """Another id of the same model, and how its input differs."""

    model_id: ModelId
    adds_choices: dict[str, Annotated[list[Scalar], Field(min_length=1)]] = Field(default_factory=dict)
    lacks: list[str] = Field(default_factory=list)


class PricesEntry(Entry):
    """The operator's own weights in credits: RunComfy publishes no prices."""

    basis: Literal["operator-weights"]
    note: str | None = None
    credits_per_second: Rates


class UsualSecondsEntry(Entry):
    """An assumption about RunComfy's pace, for as long as too few times have been measured."""

    basis: Literal["prior"]
    note: str | None = None
    base: Annotated[float, Field(ge=0, le=86_400)]
    per_second: dict[str, PositiveNumber]


class ModelFile(Entry):
    """One model.

    Attributes:
        clip_seconds: the length of the model's videos, where no option says it.
    """

    command: Annotated[str, Field(pattern="^[a-z0-9-]{1,32}$")]
    model_id: ModelId
    aliases: list[AliasEntry] = Field(default_factory=list)
    title: Text
    description: Text
    help: Text
    input_schema: ObjectSchema
    options: list[OptionEntry]
    clip_seconds: Annotated[int, Field(ge=1, le=3600)] | None = None
    prices: PricesEntry
    usual_seconds: UsualSecondsEntry

    def option_property(self, name: str) -> PropertySchema | None:
        """The property that the option of this name fills, where both exist."""
        names = [entry.property for entry in self.options if entry.name == name]
        return self.input_schema.properties.get(names[0]) if names else None

    def with_rates(self, rates: Rates) -> "ModelFile":
        """The same model with some resolutions priced differently."""
        merged = {**self.prices.credits_per_second, **rates}
        prices = self.prices.model_copy(update={"credits_per_second": merged})
        return self.model_copy(update={"prices": prices})

    def as_alias(self, alias: AliasEntry) -> "ModelFile":
        """The same model as it is under its other id."""
        properties = {
            name: _with_choices(schema, alias.adds_choices.get(name, []))
            for name, schema in self.input_schema.properties.items()
            if name not in alias.lacks
        }
        required = [name for name in self.input_schema.required if name not in alias.lacks]
        schema = _changed(self.input_schema, {"properties": properties, "required": required})
        options = [entry for entry in self.options if entry.property not in alias.lacks]
        changes = {"model_id": alias.model_id, "aliases": [], "input_schema": schema, "options": options}
        return self.model_copy(update=changes)


def _with_choices(schema: PropertySchema, added: list[Scalar]) -> PropertySchema:
    return schema.model_copy(update={"enum": [*(schema.enum or []), *added]}) if added else schema


def _changed(schema: ObjectSchema, changes: dict[str, Any]) -> ObjectSchema:
    """A copy that still knows which keywords were given, so that it is written out without the others."""
    copied: BaseModel = schema.model_copy(update=changes)
    return ObjectSchema.model_validate(copied.model_dump(by_alias=True, exclude_unset=True))
