"""What a render costs at the stand-in: invented, but the same every time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_USD_A_SECOND = {
    "480p": Decimal("0.02"),
    "720p": Decimal("0.05"),
    "1080p": Decimal("0.12"),
    "4k": Decimal("0.40"),
}
_SHORT_SIDE_PX = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 1080}
_DEFAULT_RESOLUTION = "720p"
_DEFAULT_SECONDS = 5
BASE_PRICE_USD = _USD_A_SECOND["480p"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a payload asks for, its schema's defaults filled in.

    Attributes:
        seconds: length of the video.
        resolution: `480p`, `720p`, ...
        ratio: width and height as in `16:9`, or `adaptive`.
        sound: whether the video has a soundtrack.
    """

    seconds: int
    resolution: str
    ratio: str
    sound: bool

    @property
    def cost_usd(self) -> Decimal:
        """The price in US dollars."""
        return self.seconds * _USD_A_SECOND.get(self.resolution, _USD_A_SECOND[_DEFAULT_RESOLUTION])

    def size(self, *, picture: tuple[int, int] | None, scale: float) -> tuple[int, int]:
        """Return width and height in pixels, even numbers; `picture` decides where the ratio adapts."""
        across, down = self._proportions(picture)
        short = _SHORT_SIDE_PX.get(self.resolution, _SHORT_SIDE_PX[_DEFAULT_RESOLUTION]) * scale
        unit = short / min(across, down)
        return _even(across * unit), _even(down * unit)

    def _proportions(self, picture: tuple[int, int] | None) -> tuple[float, float]:
        across, colon, down = self.ratio.partition(":")
        if colon and across.isdecimal() and down.isdecimal() and int(across) and int(down):
            return int(across), int(down)
        return picture or (16, 9)


def read_order(input_schema: Mapping[str, Any], payload: Mapping[str, Any]) -> Order:
    """Return what a payload asks for, by the names that the Seedance models use."""
    properties = input_schema.get("properties", {})

    def value(name: str) -> Any:
        return payload.get(name, properties.get(name, {}).get("default"))

    seconds = value("duration")
    return Order(
        seconds=seconds if isinstance(seconds, int) and seconds > 0 else _DEFAULT_SECONDS,
        resolution=str(value("resolution") or _DEFAULT_RESOLUTION),
        ratio=str(value("aspect_ratio") or value("ratio") or "adaptive"),
        sound=value("generate_audio") is True,
    )


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)
