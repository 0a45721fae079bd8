"""What a request may be made of, and that every problem is told at once."""

import pytest

from bot.catalog import Catalogue, MediaFacts, MediaKind, Problem, ProblemCode, Value

PICTURE = MediaFacts(1000, MediaKind.IMAGE, "png", 800, 600)


def told(catalogue: Catalogue, command: str, values: dict[str, Value]) -> list[tuple[str, ProblemCode]]:
    problems = catalogue[command].validate(values, {"image": PICTURE, "image1": PICTURE}).problems
    return [(p.option, p.code) for p in problems if p.code is not ProblemCode.UNKNOWN_OPTION]


def test_every_problem_is_told_at_once_in_the_order_of_the_options(catalogue: Catalogue) -> None:
    values: dict[str, Value] = {
        "web_search": "yes",
        "duration": 16,
        "resolution": "8k",
        "prompt": " ",
        "seed": True,
        "sparkle": 1,
    }
    media = {
        "audio1": MediaFacts(15_000_000, MediaKind.AUDIO, "ogg", duration_s=1),
        "image2": MediaFacts(1, MediaKind.IMAGE, "png", 300, 6000),
        "image10": PICTURE,
    }
    problems = catalogue["seedance-2-pro"].validate(values, media).problems
    assert [(problem.option, problem.code) for problem in problems] == [
        ("prompt", ProblemCode.BLANK),
        ("image2", ProblemCode.WIDTH_TOO_SMALL),
        ("image2", ProblemCode.HEIGHT_TOO_LARGE),
        ("image2", ProblemCode.RATIO_TOO_NARROW),
        ("audio1", ProblemCode.WRONG_FORMAT),
        ("audio1", ProblemCode.TOO_LARGE),
        ("audio1", ProblemCode.TOO_SHORT),
        ("resolution", ProblemCode.NOT_A_CHOICE),
        ("duration", ProblemCode.TOO_HIGH),
        ("seed", ProblemCode.WRONG_TYPE),
        ("web_search", ProblemCode.WRONG_TYPE),
        ("sparkle", ProblemCode.UNKNOWN_OPTION),
        ("image10", ProblemCode.UNKNOWN_OPTION),
    ]


def test_an_empty_request_lacks_what_is_required(catalogue: Catalogue) -> None:
    problems = {command: model.validate({}, {}).problems for command, model in catalogue.items()}
    prompt = Problem("prompt", ProblemCode.REQUIRED)
    image, image1 = Problem("image", ProblemCode.REQUIRED), Problem("image1", ProblemCode.REQUIRED)
    assert problems == {
        "seedance-1-0-lite": (prompt, image1),
        "seedance-1-0-pro": (prompt, image),
        "seedance-1-5-pro": (prompt, image),
        "seedance-2-pro": (prompt,),
    }


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "\n\t\r",
        "\u200b",
        "\u200b\u200d\ufeff",
        "\u2060 \u00a0",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\x00",
    ],
    ids=ascii,
)
def test_a_prompt_nobody_can_see_is_blank(catalogue: Catalogue, prompt: str) -> None:
    for command in catalogue:
        assert told(catalogue, command, {"prompt": prompt}) == [("prompt", ProblemCode.BLANK)]


@pytest.mark.parametrize("prompt", ["a", "\u200ba\u200b", "🎈", "猫", "...", "e\u0301"], ids=ascii)
def test_a_prompt_with_anything_to_see_is_not_blank(catalogue: Catalogue, prompt: str) -> None:
    assert told(catalogue, "seedance-2-pro", {"prompt": prompt}) == []


@pytest.mark.parametrize("command", ["seedance-1-0-lite", "seedance-1-0-pro", "seedance-1-5-pro"])
def test_more_than_500_characters_is_a_warning_for_the_older_models(
    catalogue: Catalogue, command: str
) -> None:
    media = {option.name: PICTURE for option in catalogue[command].options if option.slot and option.required}
    assert catalogue[command].validate({"prompt": "x" * 500}, media).warnings == ()
    validation = catalogue[command].validate({"prompt": "x" * 501}, media)
    assert validation.ok
    assert validation.warnings == (
        Problem("prompt", ProblemCode.OVER_RECOMMENDED_LENGTH, 500, 501, "characters"),
    )


def test_more_than_1000_words_is_a_warning_for_seedance_2(catalogue: Catalogue) -> None:
    model = catalogue["seedance-2-pro"]
    assert model.validate({"prompt": "go " * 1000}, {}).warnings == ()
    validation = model.validate({"prompt": "go " * 1001}, {})
    assert validation.ok
    assert validation.warnings == (
        Problem("prompt", ProblemCode.OVER_RECOMMENDED_LENGTH, 1000, 1001, "words"),
    )


def test_more_than_6000_characters_is_an_error(catalogue: Catalogue) -> None:
    for command in catalogue:
        assert told(catalogue, command, {"prompt": "x" * 6000}) == []
        assert told(catalogue, command, {"prompt": "x" * 6001}) == [("prompt", ProblemCode.TOO_LONG)]


@pytest.mark.parametrize(
    ("command", "low", "high"),
    [
        ("seedance-1-0-lite", 2, 12),
        ("seedance-1-0-pro", 2, 12),
        ("seedance-1-5-pro", 4, 12),
        ("seedance-2-pro", 4, 15),
    ],
)
def test_durations_include_their_bounds(catalogue: Catalogue, command: str, low: int, high: int) -> None:
    option = next(option for option in catalogue[command].options if option.name == "duration")
    assert (option.minimum, option.maximum, option.default) == (low, high, 5)

    def problems(seconds: Value) -> list[tuple[str, ProblemCode]]:
        return told(catalogue, command, {"prompt": "A kite.", "duration": seconds})

    assert problems(low) == problems(high) == []
    assert problems(low - 1) == [("duration", ProblemCode.TOO_LOW)]
    assert problems(high + 1) == [("duration", ProblemCode.TOO_HIGH)]
    assert problems("5") == [("duration", ProblemCode.WRONG_TYPE)]


def test_problems_of_values_carry_limit_found_and_unit(catalogue: Catalogue) -> None:
    values: dict[str, Value] = {"prompt": "A kite.", "duration": 3, "resolution": "4k", "sound": 1}
    problems = catalogue["seedance-1-5-pro"].validate(values, {"image": PICTURE}).problems
    assert problems == (
        Problem("resolution", ProblemCode.NOT_A_CHOICE, "480p, 720p, 1080p", "4k"),
        Problem("duration", ProblemCode.TOO_LOW, 4, 3, "s"),
        Problem("sound", ProblemCode.WRONG_TYPE, "boolean", "int"),
    )


def test_media_and_values_in_each_others_place_are_of_the_wrong_type(catalogue: Catalogue) -> None:
    values: dict[str, Value] = {"prompt": "A kite.", "image": "https://cdn.example/kite.png"}
    problems = catalogue["seedance-1-0-pro"].validate(values, {"image": PICTURE, "ratio": PICTURE}).problems
    assert problems == (
        Problem("image", ProblemCode.WRONG_TYPE, "image", "str"),
        Problem("ratio", ProblemCode.WRONG_TYPE, "choice", "image"),
    )


def test_a_later_picture_does_for_the_required_first_one(catalogue: Catalogue) -> None:
    assert catalogue["seedance-1-0-lite"].validate({"prompt": "A kite."}, {"image3": PICTURE}).ok
