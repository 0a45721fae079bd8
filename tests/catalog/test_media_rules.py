"""The edges of every media rule: images strictly between their bounds, durations with theirs included."""

from dataclasses import replace
from typing import Any, TypeAlias

import pytest

from bot.catalog import Catalogue, MediaFacts, MediaKind, Option, ProblemCode, VideoModel

GOOD = {
    MediaKind.IMAGE: MediaFacts(2_000_000, MediaKind.IMAGE, "png", 1280, 720),
    MediaKind.VIDEO: MediaFacts(2_000_000, MediaKind.VIDEO, "mp4", 1280, 720, 5.0),
    MediaKind.AUDIO: MediaFacts(2_000_000, MediaKind.AUDIO, "wav", None, None, 5.0),
}
MODELS = Catalogue.load()
Changes: TypeAlias = dict[str, Any]


def media_options(kind: MediaKind) -> list[tuple[VideoModel, Option]]:
    return [
        (model, option)
        for model in MODELS.values()
        for option in model.options
        if option.slot and option.slot.kind is kind
    ]


def codes(model: VideoModel, option: Option, facts: MediaFacts) -> list[ProblemCode]:
    """The rules broken by one file, with everything else that is required given and good."""
    media = {other.name: GOOD[other.slot.kind] for other in model.options if other.slot and other.required}
    problems = model.validate({"prompt": "A kite."}, {**media, option.name: facts}).problems
    assert all(problem.option == option.name for problem in problems)
    return [problem.code for problem in problems]


def each(kind: MediaKind) -> pytest.MarkDecorator:
    found = media_options(kind)
    names = [f"{model.command}-{option.name}" for model, option in found]
    return pytest.mark.parametrize(("model", "option"), found, ids=names)


@each(MediaKind.IMAGE)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"width": 300, "height": 301}, [ProblemCode.WIDTH_TOO_SMALL]),
        ({"width": 301, "height": 301}, []),
        ({"width": 5999, "height": 5999}, []),
        ({"width": 6000, "height": 5999}, [ProblemCode.WIDTH_TOO_LARGE]),
        ({"width": 301, "height": 300}, [ProblemCode.HEIGHT_TOO_SMALL]),
        ({"width": 5999, "height": 6000}, [ProblemCode.HEIGHT_TOO_LARGE]),
        ({"width": 400, "height": 1000}, [ProblemCode.RATIO_TOO_NARROW]),
        ({"width": 2399, "height": 5998}, [ProblemCode.RATIO_TOO_NARROW]),
        ({"width": 401, "height": 1000}, []),
        ({"width": 2500, "height": 1000}, [ProblemCode.RATIO_TOO_WIDE]),
        ({"width": 2499, "height": 1000}, []),
        ({"size_bytes": 29_999_999}, []),
        ({"size_bytes": 30_000_000}, [ProblemCode.TOO_LARGE]),
        ({"format": "gif"}, []),
        ({"format": "bmp"}, []),
        ({"format": "tiff"}, []),
        ({"format": "webp"}, []),
        ({"format": "jpeg"}, []),
        ({"format": "heic"}, [ProblemCode.WRONG_FORMAT]),
        ({"kind": MediaKind.VIDEO, "format": None}, [ProblemCode.WRONG_FORMAT]),
    ],
)
def test_image_rules_are_strict(
    model: VideoModel, option: Option, changes: Changes, expected: list[ProblemCode]
) -> None:
    assert codes(model, option, replace(GOOD[MediaKind.IMAGE], **changes)) == expected


@each(MediaKind.VIDEO)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"duration_s": 2.0}, []),
        ({"duration_s": 15.0}, []),
        ({"duration_s": 1.999}, [ProblemCode.TOO_SHORT]),
        ({"duration_s": 15.001}, [ProblemCode.LASTS_TOO_LONG]),
        ({"size_bytes": 99_999_999}, []),
        ({"size_bytes": 100_000_000}, [ProblemCode.TOO_LARGE]),
        ({"format": "mov"}, []),
        ({"format": "webm"}, [ProblemCode.WRONG_FORMAT]),
        ({"width": 64, "height": 9000}, []),
    ],
)
def test_video_rules_include_their_bounds_in_seconds(
    model: VideoModel, option: Option, changes: Changes, expected: list[ProblemCode]
) -> None:
    assert codes(model, option, replace(GOOD[MediaKind.VIDEO], **changes)) == expected


@each(MediaKind.AUDIO)
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"duration_s": 2.0}, []),
        ({"duration_s": 15.0}, []),
        ({"duration_s": 1.99}, [ProblemCode.TOO_SHORT]),
        ({"duration_s": 15.01}, [ProblemCode.LASTS_TOO_LONG]),
        ({"size_bytes": 14_999_999}, []),
        ({"size_bytes": 15_000_000}, [ProblemCode.TOO_LARGE]),
        ({"format": "mp3"}, []),
        ({"format": "ogg"}, [ProblemCode.WRONG_FORMAT]),
    ],
)
def test_audio_rules_include_their_bounds_in_seconds(
    model: VideoModel, option: Option, changes: Changes, expected: list[ProblemCode]
) -> None:
    assert codes(model, option, replace(GOOD[MediaKind.AUDIO], **changes)) == expected


@pytest.mark.parametrize("kind", MediaKind)
def test_facts_nobody_knows_break_no_rule(kind: MediaKind) -> None:
    for model, option in media_options(kind):
        assert codes(model, option, MediaFacts(size_bytes=10)) == []


def test_a_problem_carries_the_limit_and_what_was_found() -> None:
    facts = MediaFacts(31_000_000, MediaKind.IMAGE, "heic", 250, 7000)
    problems = MODELS["seedance-1-5-pro"].validate({"prompt": "A kite."}, {"image": facts}).problems
    assert [(p.code, p.limit, p.found, p.unit) for p in problems] == [
        (ProblemCode.WRONG_FORMAT, "jpeg, png, webp, bmp, tiff, gif", "heic", None),
        (ProblemCode.TOO_LARGE, 30_000_000, 31_000_000, "B"),
        (ProblemCode.WIDTH_TOO_SMALL, 300, 250, "px"),
        (ProblemCode.HEIGHT_TOO_LARGE, 6000, 7000, "px"),
        (ProblemCode.RATIO_TOO_NARROW, 0.4, 250 / 7000, None),
    ]


def test_how_many_files_each_slot_takes() -> None:
    counts = {
        (model.command, slot.name): (slot.minimum, slot.maximum)
        for model in MODELS.values()
        for slot in model.slots
    }
    assert counts == {
        ("seedance-1-0-lite", "image"): (1, 4),
        ("seedance-1-0-pro", "image"): (1, 1),
        ("seedance-1-5-pro", "image"): (1, 1),
        ("seedance-2-pro", "image"): (0, 9),
        ("seedance-2-pro", "video"): (0, 3),
        ("seedance-2-pro", "audio"): (0, 3),
    }
