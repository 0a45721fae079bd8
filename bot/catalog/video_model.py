"""A model as the rest of the bot knows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.catalog import validation
from bot.catalog.json_file import JSON
from bot.catalog.media import MediaFacts
from bot.catalog.options import DURATION, RESOLUTION, SOUND, Option, Value
from bot.catalog.slots import MediaSlot
from bot.catalog.tariff import ANY_RESOLUTION, Pace, Tariff
from bot.catalog.text import localised

#: How long (seconds) a video of a model usually takes that nothing is known of any more.
_RETIRED_USUAL_S = 180.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoModel:
    """One slash command and the RunComfy model behind it.

    Attributes:
        command: the slash command's name.
        model_id: RunComfy's id, and `aliases` its other ids.
        options: in the order of the slash command: required ones first, the prompt before all.
        slots: the media slots.
        input_schema: JSON Schema of the payload, with RunComfy's `validations`.
        variants: by alias, the model as it is under that id.
        clip_seconds: the length of its videos (seconds), where no option says it.
    """

    command: str
    model_id: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    helps: Mapping[str, str]
    options: tuple[Option, ...]
    slots: tuple[MediaSlot, ...]
    input_schema: dict[str, JSON]
    tariff: Tariff
    pace: Pace
    clip_seconds: int | None
    variants: "Mapping[str, VideoModel]"

    @property
    def aliases(self) -> tuple[str, ...]:
        """RunComfy's other ids for this model."""
        return tuple(self.variants)

    def title(self, locale: str) -> str:
        """The model's name for people."""
        return localised(self.titles, locale)

    def description(self, locale: str) -> str:
        """One line for the slash command (at most 100 characters)."""
        return localised(self.descriptions, locale)

    def help(self, locale: str) -> str:
        """A paragraph on what the model is good for and what it expects."""
        return localised(self.helps, locale)

    def variant(self, model_id: str) -> "VideoModel":
        """The model as it is under one of its ids. Raises KeyError for an id that is not among them."""
        return self if model_id == self.model_id else self.variants[model_id]

    def complete(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The options' values with every default filled in, in their order; other names are dropped."""
        completed: dict[str, Value] = {}
        for option in self.options:
            if option.slot is not None:
                continue
            value = values.get(option.name, option.default)
            if value is not None:
                completed[option.name] = value
        return completed

    def validate(self, values: Mapping[str, Value], media: Mapping[str, MediaFacts]) -> validation.Validation:
        """Everything wrong with a request; `values` and `media` are by option name. Raises nothing."""
        return validation.validate(self.options, values, media)

    def payload(
        self, values: Mapping[str, Value], media_urls: Mapping[str, str], *, model_id: str | None = None
    ) -> dict[str, JSON]:
        """The JSON to submit, defaults stated; media in the options' order without gaps.

        Validates nothing: what the model (under `model_id`, if given) does not know is left out.

        Raises:
            KeyError: `model_id` is neither the model's id nor an alias.
        """
        if model_id is not None and model_id != self.model_id:
            return self.variant(model_id).payload(values, media_urls)
        completed = self.complete(values)
        payload: dict[str, JSON] = {
            option.property: completed[option.name] for option in self.options if option.name in completed
        }
        for slot in self.slots:
            names = [option.name for option in self.options if option.slot is slot]
            urls: list[JSON] = [media_urls[name] for name in names if name in media_urls]
            if urls:
                payload[slot.property] = urls if slot.is_list else urls[0]
        return payload

    def price(self, values: Mapping[str, Value]) -> int:
        """Credits for a request that validates, under any of the model's ids. Raises KeyError for others."""
        resolution, seconds = self._extent(values)
        return self.tariff.price(resolution, seconds, sound=bool(self.complete(values).get(SOUND, False)))

    def usual_seconds(self, values: Mapping[str, Value]) -> float:
        """Seconds a request usually takes at RunComfy."""
        return self.pace.seconds(*self._extent(values))

    def _extent(self, values: Mapping[str, Value]) -> tuple[str, int]:
        """Resolution and duration (seconds), which decide price and time."""
        completed = self.complete(values)
        seconds = self.clip_seconds if self.clip_seconds is not None else completed[DURATION]
        return str(completed.get(RESOLUTION, ANY_RESOLUTION)), int(seconds)


def retired_model(command: str) -> VideoModel:
    """What is left of a model that the operator has taken out: its name. Nothing can be asked of it."""
    return VideoModel(
        command=command,
        model_id="",
        titles={"en": command},
        descriptions={"en": ""},
        helps={"en": ""},
        options=(),
        slots=(),
        input_schema={},
        tariff=Tariff({}),
        pace=Pace(_RETIRED_USUAL_S, {ANY_RESOLUTION: 0.0}),
        clip_seconds=0,
        variants={},
    )
