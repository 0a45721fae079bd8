"""Contracts that every model file keeps."""

import json
from pathlib import Path

import pytest

import bot.catalog
from bot.catalog import Catalogue, MediaFacts, OptionKind, Value, VideoModel
from bot.catalog.discord_limits import command_size
from bot.catalog.schema_check import schema_problems

MODELS = Catalogue.load()
MODEL_FILES = sorted((Path(bot.catalog.__file__).parent / "models").glob("*.json"))
each_model = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
each_variant = pytest.mark.parametrize(
    "model",
    [model.variant(model_id) for model in MODELS.values() for model_id in (model.model_id, *model.aliases)],
    ids=lambda model: model.model_id,
)


def urls_for(model: VideoModel, *, required_only: bool) -> dict[str, str]:
    return {
        option.name: f"https://cdn.example/{option.name}"
        for option in model.options
        if option.slot and (option.required or not required_only)
    }


def everything(model: VideoModel) -> dict[str, Value]:
    """Each value option with a value other than its default, where there is one."""
    values: dict[str, Value] = {}
    for option in model.options:
        if option.kind is OptionKind.TEXT:
            values[option.name] = "A kite above the harbour."
        elif option.kind is OptionKind.CHOICE:
            values[option.name] = next(choice for choice in option.choices if choice != option.default)
        elif option.kind is OptionKind.INTEGER:
            values[option.name] = 7 if option.maximum is None else option.maximum
        elif option.kind is OptionKind.BOOLEAN:
            values[option.name] = not option.default
    return values


def test_the_four_seedance_commands_are_there() -> None:
    assert list(MODELS) == ["seedance-1-0-lite", "seedance-1-0-pro", "seedance-1-5-pro", "seedance-2-pro"]
    assert len(MODELS) == len(MODEL_FILES)


@each_variant
def test_a_payload_of_required_things_alone_fits_the_schema(model: VideoModel) -> None:
    payload = model.payload({"prompt": "A kite."}, urls_for(model, required_only=True))
    assert schema_problems(model.input_schema, payload) == []


@each_variant
def test_a_payload_of_everything_fits_the_schema_and_leaves_no_property_out(model: VideoModel) -> None:
    payload = model.payload(everything(model), urls_for(model, required_only=False))
    assert schema_problems(model.input_schema, payload) == []
    properties = model.input_schema["properties"]
    assert isinstance(properties, dict)
    assert payload.keys() == properties.keys()


@each_variant
def test_values_that_validate_come_back_without_problems(model: VideoModel) -> None:
    media = {name: MediaFacts(size_bytes=1) for name in urls_for(model, required_only=False)}
    validation = model.validate(everything(model), media)
    assert validation.ok, validation.problems
    assert validation.warnings == ()


@each_variant
def test_options_start_with_the_prompt_and_required_ones(model: VideoModel) -> None:
    assert model.options[0].name == "prompt"
    required = [option.required for option in model.options]
    assert required == sorted(required, reverse=True)


@each_variant
def test_every_request_has_a_price_that_never_falls_with_resolution_duration_or_sound(
    model: VideoModel,
) -> None:
    options = {option.name: option for option in model.options}
    low, high = options["duration"].minimum, options["duration"].maximum
    assert low is not None
    assert high is not None
    for sound in (False, True):
        table = [
            [
                model.price({"resolution": resolution, "duration": seconds, "sound": sound})
                for seconds in range(low, high + 1)
            ]
            for resolution in options["resolution"].choices
        ]
        assert all(row == sorted(row) and row[0] >= 1 for row in table)
        assert all(list(column) == sorted(column) for column in zip(*table, strict=True))
    assert model.price({"sound": True}) >= model.price({"sound": False})


@each_variant
def test_more_pixels_and_longer_clips_usually_take_longer(model: VideoModel) -> None:
    choices = next(option.choices for option in model.options if option.name == "resolution")
    by_resolution = [model.usual_seconds({"resolution": choice}) for choice in choices]
    assert by_resolution == sorted(by_resolution)
    assert model.usual_seconds({"duration": 5}) < model.usual_seconds({"duration": 10})


@each_model
def test_every_text_exists_in_english_and_italian(model: VideoModel) -> None:
    texts = [model.titles, model.descriptions, model.helps]
    texts += [option.descriptions for option in model.options]
    assert all(text.keys() == {"en", "it"} for text in texts)


@each_variant
def test_a_command_keeps_discords_limits(model: VideoModel) -> None:
    assert len(model.options) <= 25
    assert all(len(option.choices) <= 25 for option in model.options)
    for locale in ("en", "it"):
        descriptions = [model.description(locale), *(o.description(locale) for o in model.options)]
        assert all(1 <= len(text) <= 100 for text in descriptions)
        assert not any("{" in text for text in descriptions)
    assert command_size(model) <= 8000


@each_model
def test_a_first_clip_is_within_reach_of_the_opening_grant(model: VideoModel) -> None:
    assert model.price({}) <= 25


@pytest.mark.parametrize("path", MODEL_FILES, ids=lambda path: path.stem)
def test_a_file_is_named_after_its_command_and_marks_what_is_only_assumed(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["command"] == path.stem
    assert content["prices"]["basis"] == "operator-weights"
    assert content["usual_seconds"]["basis"] == "prior"


@pytest.mark.parametrize("path", MODEL_FILES, ids=lambda path: path.stem)
def test_a_file_carries_no_example_media_or_words_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "http" not in text
    assert "validation_error" not in text
