"""Reading the operator's JSON files strictly: whatever is wrong becomes a `CatalogInvalid`."""

import json
from pathlib import Path
from typing import NoReturn, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.errors import CatalogInvalid

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"

T = TypeVar("T")


def read_json(path: Path) -> JSON:
    """The file's content; a key given twice and the non-standard `NaN` and `Infinity` are refused.

    Raises:
        CatalogInvalid: the file cannot be read or is not JSON.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content: JSON = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
    except OSError as error:
        raise CatalogInvalid(str(path), error.strerror or type(error).__name__) from error
    except RecursionError as error:
        raise CatalogInvalid(str(path), "is nested too deeply") from error
    except ValueError as error:
        raise CatalogInvalid(str(path), f"is not valid JSON: {error}") from error
    return content


def read_as(shape: TypeAdapter[T], path: Path) -> T:
    """The file's content in the given shape.

    Raises:
        CatalogInvalid: the file cannot be read, or does not have the shape (every problem at once).
    """
    content = read_json(path)
    try:
        return shape.validate_python(content)
    except ValidationError as error:
        raise CatalogInvalid(str(path), _describe(error)) from error


def _unique_keys(pairs: list[tuple[str, JSON]]) -> JSON:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"given twice: {', '.join(twice)}")
    return content


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _describe(error: ValidationError) -> str:
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(
        f"{'.'.join(map(str, detail['loc'])) or 'file'}: {detail['msg'].removeprefix('Value error, ')}"
        for detail in details
    )
