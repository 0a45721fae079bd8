"""The part of JSON Schema that RunComfy's input schemas use, as pydantic models.

Anything else in a schema is refused rather than ignored: a rule that is not understood is a rule the bot
would break with a member's money.
"""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

# Discord's integers, in options and in choices, are exact doubles.
INTEGER_BOUND: Final = 2**53 - 1
# A command has no more options than this, so a slot cannot have more files.
MAX_FILES: Final = 25


def _scalar(value: object) -> object:
    if isinstance(value, int) and abs(value) > INTEGER_BOUND:
        raise ValueError(f"must be between -{INTEGER_BOUND} and {INTEGER_BOUND}")
    if not isinstance(value, str | int):
        raise ValueError("must be a text, an integer or true or false")  # noqa: TRY004 - pydantic reads ValueError
    return value


def _positive_number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 - pydantic reads ValueError
    if not 0 < value <= INTEGER_BOUND:
        raise ValueError("must be more than 0, and not absurdly large")
    return value


Integer = Annotated[int, Field(ge=-INTEGER_BOUND, le=INTEGER_BOUND)]
Scalar = Annotated[str | int | bool, PlainValidator(_scalar)]
PositiveNumber = Annotated[int | float, PlainValidator(_positive_number)]
RuleName = Literal[
    "width_pixels>",
    "width_pixels<",
    "height_pixels>",
    "height_pixels<",
    "width/height>",
    "width/height<",
    "file_size_mb<",
    "duration_s>=",
    "duration_s<=",
]


class Entry(BaseModel):
    """A part of a file: nothing unknown, no conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Rule(Entry):
    """One rule on a media file, in RunComfy's notation; the `duration_s` rules are our addition to it.

    A megabyte is 10^6 bytes.
    """

    validation_rule: RuleName
    validation_value: PositiveNumber
    validation_error: str | None = None


class ItemSchema(Entry):
    """An element of a list of media URLs."""

    type: Literal["string"]
    format: str | None = None


class PropertySchema(Entry):
    """One property of a model's input."""

    type: Literal["string", "integer", "boolean", "array"]
    title: str | None = None
    description: str | None = None
    format: str | None = None
    enum: Annotated[list[Scalar], Field(min_length=1)] | None = None
    default: Scalar | None = None
    minimum: Integer | None = None
    maximum: Integer | None = None
    max_length: Annotated[Integer, Field(ge=1)] | None = Field(default=None, alias="maxLength")
    items: ItemSchema | None = None
    min_items: Annotated[int, Field(ge=0, le=MAX_FILES)] | None = Field(default=None, alias="minItems")
    max_items: Annotated[int, Field(ge=1, le=MAX_FILES)] | None = Field(default=None, alias="maxItems")
    validations: list[Rule] = []

    @model_validator(mode="after")
    def _keywords_fit_the_type(self) -> "PropertySchema":
        keywords = {
            "integer": {"enum", "default", "minimum", "maximum"},
            "boolean": {"default"},
            "array": {"items", "min_items", "max_items"},
            "string": {"enum", "default", "format", "max_length", "validations"},
        }[self.type]
        strays = {name for name in self.model_fields_set if getattr(self, name) is not None}
        strays -= keywords | {"type", "title", "description"}
        if strays:
            raise ValueError(f"a property of type {self.type} cannot have {', '.join(sorted(strays))}")
        if self.type == "array" and (self.items is None or self.max_items is None):
            raise ValueError("an array needs items and maxItems")
        if (self.min_items or 0) > (self.max_items or MAX_FILES):
            raise ValueError("minItems is more than maxItems")
        return self

    @model_validator(mode="after")
    def _values_fit_the_type(self) -> "PropertySchema":
        if any(not self._has_type(value) for value in self.enum or ()):
            raise ValueError(f"enum holds a value that is no {self.type}")
        if self.enum is not None and len(set(self.enum)) < len(self.enum):
            raise ValueError("enum holds a value twice")
        if self.enum is not None and (self.minimum is not None or self.maximum is not None):
            raise ValueError("either an enum or a range, not both")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is more than maximum")
        if self.default is not None and not self._allows(self.default):
            raise ValueError("default is not an allowed value")
        return self

    def _has_type(self, value: Scalar) -> bool:
        return type(value) is {"string": str, "integer": int, "boolean": bool}.get(self.type)

    def _allows(self, value: Scalar) -> bool:
        if not self._has_type(value) or (self.enum is not None and value not in self.enum):
            return False
        if isinstance(value, str):
            return self.max_length is None or len(value) <= self.max_length
        low = self.minimum is None or value >= self.minimum
        return low and (self.maximum is None or value <= self.maximum)


class ObjectSchema(Entry):
    """A model's input."""

    type: Literal["object"]
    title: str | None = None
    description: str | None = None
    required: list[str] = []
    properties: Annotated[dict[str, PropertySchema], Field(min_length=1)]

    @model_validator(mode="after")
    def _required_exist(self) -> "ObjectSchema":
        missing = [name for name in self.required if name not in self.properties]
        if missing:
            raise ValueError(f"required, but not among the properties: {', '.join(missing)}")
        return self
