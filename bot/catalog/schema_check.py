"""Judging a payload by a model's input schema, as RunComfy would: for the stand-in server and for tests."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from bot.catalog.json_file import JSON


def schema_problems(input_schema: Mapping[str, JSON], payload: JSON) -> list[str]:
    """What is wrong with the payload, each as `place: reason`; unknown properties are wrong.

    Raises:
        jsonschema.exceptions.SchemaError: `input_schema` itself is no JSON Schema.
    """
    schema = {**input_schema, "additionalProperties": False}
    _JUDGE.check_schema(schema)
    errors = _JUDGE(schema).iter_errors(payload)
    return sorted(
        f"{'.'.join(map(str, error.absolute_path)) or 'payload'}: {error.message}" for error in errors
    )


def _check_format(
    validator: Any, name: str, instance: object, schema: Mapping[str, object]
) -> Iterator[ValidationError]:
    """RunComfy's own formats (`image_uri`, ...) are addresses; the standard ones are jsonschema's matter."""
    standard = FormatChecker.checkers.keys() - {"uri"}  # its check needs a package that is not installed
    if name not in standard:
        yield from _check_address(validator, name, instance, schema)
    elif not FormatChecker().conforms(instance, name):
        yield ValidationError(f"{instance!r} is not a {name!r}")


def _check_address(
    _validator: Any, _value: object, instance: object, _schema: Mapping[str, object]
) -> Iterator[ValidationError]:
    """Also for a property with media `validations`, which RunComfy writes without a format."""
    if isinstance(instance, str) and not _is_address(instance):
        yield ValidationError(f"{instance!r} is not an http or https address")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not any(map(str.isspace, text))


_KEYWORDS: Final = {"format": _check_format, "validations": _check_address}
_JUDGE: Final = extend(Draft202012Validator, _KEYWORDS)  # type: ignore[no-untyped-call]  # the stubs leave it bare
