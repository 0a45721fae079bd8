"""What a clip costs in credits, and how long it usually takes: rates per second of video."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Annotated, Final, TypeAlias

from pydantic import BeforeValidator, Field, TypeAdapter

from bot.catalog.json_file import read_as
from bot.catalog.schema_format import Entry

# Stands for the resolution of a model that has no such option.
ANY_RESOLUTION: Final = "*"


def _exact(value: object) -> object:
    """A JSON number as its shortest decimal, so that 2.2 credits are 2.2 and not 2.2000000000000002."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number of credits")  # noqa: TRY004 - pydantic reads ValueError
    return Decimal(str(value))


def _same_for_both(value: object) -> object:
    return value if isinstance(value, dict | Rate) else {"silent": value, "sound": value}


Credits = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0, le=10_000)]


class Rate(Entry):
    """Credits per second of video, without and with sound."""

    silent: Credits
    sound: Credits


RateEntry = Annotated[Rate, BeforeValidator(_same_for_both)]
Rates: TypeAlias = dict[str, RateEntry]

_PRICES_FILE: Final[TypeAdapter[dict[str, Rates]]] = TypeAdapter(dict[str, Rates])


@dataclass(frozen=True, slots=True)
class Tariff:
    """A model's prices."""

    rates: Mapping[str, Rate]

    def price(self, resolution: str, seconds: int, *, sound: bool) -> int:
        """Whole credits, rounded up. Raises KeyError for a resolution without a rate."""
        rate = self.rates[resolution]
        per_second = rate.sound if sound else rate.silent
        return int((per_second * seconds).to_integral_value(ROUND_CEILING))


@dataclass(frozen=True, slots=True)
class Pace:
    """How long RunComfy usually takes (seconds): a base and so much per second of video."""

    base: float
    per_second: Mapping[str, float]

    def seconds(self, resolution: str, seconds: int) -> float:
        """Usual seconds from submitting to finished; a resolution that is not offered any more is slow."""
        rate = self.per_second.get(resolution)
        return self.base + (max(self.per_second.values()) if rate is None else rate) * seconds

    def scaled(self, share: float) -> "Pace":
        """The same pace at a share of the time, for a stage where time is short."""
        return Pace(self.base * share, {name: rate * share for name, rate in self.per_second.items()})


def read_prices(path: Path) -> dict[str, Rates]:
    """The operator's prices: by command and resolution, credits per second of video.

    A rate is one number, or one each without and with sound; resolutions not named keep the rate of the
    model's own file, and `*` stands for the resolution of a model without that option:

        {"seedance-1-0-lite": {"480p": 1.5}, "seedance-2-pro": {"720p": {"silent": 4, "sound": 5.5}}}

    Raises:
        CatalogInvalid: the file cannot be read, or a rate is not a number above 0 (every problem at once).
    """
    return read_as(_PRICES_FILE, path)
