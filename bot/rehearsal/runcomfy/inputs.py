"""The media of a payload: really fetched, and judged by the schema's rules, as RunComfy does."""

import io
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image, UnidentifiedImageError

# 10^6, as the catalogue reads RunComfy's `file_size_mb`.
_BYTES_PER_MB = 1_000_000
# Recommended by RunComfy for images and videos; the sounds' cap is in the schema's description.
_MOST_MB = {"image": 50, "video": 100, "audio": 15}
_FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10)
_EXIF_ORIENTATION = 0x0112
_LYING = {5, 6, 7, 8}  # EXIF orientations that swap width and height
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<": operator.lt, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class MediaInput:
    """One address in a payload; `kind` is `image`, `video` or `audio`."""

    place: str
    url: str
    kind: str
    rules: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at the inputs: a problem in words, or the first image's size in pixels."""

    problem: str | None = None
    picture: tuple[int, int] | None = None


def media_inputs(input_schema: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[MediaInput]:
    """Find every media address in a payload, by the schema's formats and rules."""
    for name, schema in input_schema.get("properties", {}).items():
        kind = _kind(name, schema)
        if kind is None or name not in payload:
            continue
        value = payload[name]
        rules = tuple(schema.get("validations", ()))
        for index, url in enumerate(value if isinstance(value, list) else [value]):
            place = f"{name}.{index}" if isinstance(value, list) else name
            yield MediaInput(place=place, url=str(url), kind=kind, rules=rules)


def _kind(name: str, schema: Mapping[str, Any]) -> str | None:
    form = str(schema.get("format") or schema.get("items", {}).get("format") or "")
    kind = form.removesuffix("_uri")
    if kind in _MOST_MB and kind != form:
        return kind
    return "image" if schema.get("validations") or name.endswith("_image_url") else None


async def judge_inputs(
    session: aiohttp.ClientSession, input_schema: Mapping[str, Any], payload: Mapping[str, Any]
) -> Verdict:
    """Fetch every input and judge it; stop at the first problem."""
    picture: tuple[int, int] | None = None
    for media in media_inputs(input_schema, payload):
        content = await _fetch(session, media)
        if isinstance(content, str):
            return Verdict(problem=f"{media.place}: {content}")
        if media.kind != "image":
            continue
        size = _image_size(content)
        if size is None:
            return Verdict(problem=f"{media.place}: not an image")
        if broken := _broken_rule(media.rules, size, len(content)):
            return Verdict(problem=f"{media.place}: {broken}")
        picture = picture or size
    return Verdict(picture=picture)


async def _fetch(session: aiohttp.ClientSession, media: MediaInput) -> bytes | str:
    """Return the file, or why there is none."""
    cap = _MOST_MB[media.kind] * _BYTES_PER_MB
    content = bytearray()
    try:
        async with session.get(media.url, timeout=_FETCH_TIMEOUT) as response:
            if response.status != 200:  # noqa: PLR2004 - the only success of a plain GET
                return f"could not be fetched, HTTP {response.status}"
            async for chunk in response.content.iter_chunked(64 * 1024):
                content += chunk
                if len(content) > cap:
                    return f"larger than {_MOST_MB[media.kind]} MB"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return f"could not be fetched, {type(error).__name__}"
    return bytes(content) or "empty file"


def _image_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height as shown, from the header alone."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # nothing is decompressed here
            with Image.open(io.BytesIO(content)) as image:
                width, height = image.size
                lying = image.getexif().get(_EXIF_ORIENTATION) in _LYING
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return None
    return (height, width) if lying else (width, height)


def _broken_rule(rules: tuple[Mapping[str, Any], ...], size: tuple[int, int], length: int) -> str | None:
    width, height = size
    figures = {
        "width_pixels": float(width),
        "height_pixels": float(height),
        "width/height": width / height,
        "file_size_mb": length / _BYTES_PER_MB,
    }
    for rule in rules:
        name = str(rule["validation_rule"])
        figure = figures.get(name[:-1])
        if figure is not None and not _COMPARISONS[name[-1]](figure, float(rule["validation_value"])):
            return str(rule.get("validation_error") or f"must have {name} {rule['validation_value']}")
    return None
