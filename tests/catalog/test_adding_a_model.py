"""A new model is a new file: one that nobody has works without new code."""

from pathlib import Path

import pytest

from bot.catalog import Catalogue, MediaFacts, MediaKind, OptionKind, Problem, ProblemCode, Value, VideoModel
from bot.catalog.schema_check import schema_problems

from .invented import Tree, write_json

STILL = MediaFacts(1000, MediaKind.IMAGE, "png", 10, 10)


@pytest.fixture
def lantern(invented_catalogue: Catalogue) -> VideoModel:
    return invented_catalogue["lantern-3"]


def test_its_options_follow_from_the_file(lantern: VideoModel) -> None:
    options = {option.name: option for option in lantern.options}
    names = [
        "prompt",
        "still1",
        "still2",
        "loop",
        "still3",
        "clip1",
        "clip2",
        "clip3",
        "fps",
        "strength",
        "tune",
    ]
    assert list(options) == names
    assert [name for name, option in options.items() if option.required] == ["prompt", "still1", "still2"]
    assert (options["prompt"].kind, options["prompt"].maximum) == (OptionKind.TEXT, 200)
    assert (options["fps"].kind, options["fps"].choices) == (OptionKind.CHOICE, (24, 30, 60))
    strength = options["strength"]
    assert (strength.kind, strength.minimum, strength.maximum) == (OptionKind.INTEGER, 1, 3)
    assert options["loop"].kind is OptionKind.BOOLEAN
    assert (options["tune"].index, options["still3"].index) == (None, 3)
    assert options["still2"].description("it") == "Immagine 2."
    assert options["fps"].description("it") == "What fps does."


def test_its_requests_are_validated(lantern: VideoModel) -> None:
    good = lantern.validate({"prompt": "A slow dawn."}, {"still1": STILL, "still2": STILL})
    assert good.ok
    bad = lantern.validate(
        {"prompt": "one two three four five six", "fps": 25, "loop": 1},
        {"still1": MediaFacts(2_500_000, MediaKind.IMAGE, "jpeg"), "clip2": MediaFacts(1)},
    )
    assert bad.problems == (
        Problem("still1", ProblemCode.WRONG_FORMAT, "png", "jpeg"),
        Problem("still1", ProblemCode.TOO_LARGE, 2_500_000, 2_500_000, "B"),
        Problem("still2", ProblemCode.REQUIRED),
        Problem("loop", ProblemCode.WRONG_TYPE, "boolean", "int"),
        Problem("clip1", ProblemCode.TOO_FEW, 2, 1, "files"),
        Problem("fps", ProblemCode.NOT_A_CHOICE, "24, 30, 60", 25),
    )
    assert bad.warnings == (Problem("prompt", ProblemCode.OVER_RECOMMENDED_LENGTH, 5, 6, "words"),)


def test_a_choice_of_numbers_wants_a_number(lantern: VideoModel) -> None:
    problems = lantern.validate({"prompt": "Dawn.", "fps": "30"}, {"still1": STILL, "still2": STILL}).problems
    assert problems == (Problem("fps", ProblemCode.WRONG_TYPE, "int", "str"),)


def test_its_payload_fits_its_schema(lantern: VideoModel) -> None:
    media = {"still1": "https://i/1", "still3": "https://i/3", "tune": "https://a/1"}
    payload = lantern.payload({"prompt": "A slow dawn.", "fps": 60}, media)
    assert payload == {
        "wish": "A slow dawn.",
        "loop": False,
        "fps": 60,
        "strength": 2,
        "stills": ["https://i/1", "https://i/3"],
        "tune": "https://a/1",
    }
    assert schema_problems(lantern.input_schema, payload) == []


def test_its_alias_differs_as_the_file_says(lantern: VideoModel) -> None:
    values: dict[str, Value] = {"prompt": "Dawn.", "fps": 120, "loop": True}
    media = {"still1": "https://i/1", "still2": "https://i/2"}
    payload = lantern.payload(values, media, model_id="acme/lantern-3.1/morph")
    schema = lantern.variant("acme/lantern-3.1/morph").input_schema
    assert schema_problems(schema, payload) == []
    assert schema_problems(lantern.input_schema, payload) != []


def test_its_price_and_time_need_neither_resolution_nor_duration(lantern: VideoModel) -> None:
    assert lantern.price({"prompt": "A slow dawn."}) == 3  # 8 seconds at 0.3
    assert lantern.usual_seconds({}) == pytest.approx(26)


def test_an_extra_directory_adds_to_the_bots_own_models(tmp_path: Path, invented: Tree) -> None:
    write_json(tmp_path / "lantern.json", invented)
    catalogue = Catalogue.load(extra=tmp_path)
    assert len(catalogue) == 5
    assert catalogue["lantern-3"].model_id == "acme/lantern-3/morph"
