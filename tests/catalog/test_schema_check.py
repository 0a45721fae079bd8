"""Judging a payload as RunComfy would."""

import pytest

from bot.catalog import JSON, Catalogue
from bot.catalog.schema_check import schema_problems


def problems(catalogue: Catalogue, command: str, **changes: JSON) -> list[str]:
    model = catalogue[command]
    media = {"image": "https://cdn.example/a.png", "image1": "https://cdn.example/a.png"}
    return schema_problems(model.input_schema, {**model.payload({"prompt": "A kite."}, media), **changes})


def test_a_good_payload_has_no_problems(catalogue: Catalogue) -> None:
    assert all(problems(catalogue, command) == [] for command in catalogue)


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"sparkle": 1}, "payload"),
        ({"prompt": 5}, "prompt"),
        ({"duration": 16}, "duration"),
        ({"duration": "5"}, "duration"),
        ({"resolution": "8k"}, "resolution"),
        ({"generate_audio": "yes"}, "generate_audio"),
        ({"images": ["https://cdn.example/a.png"] * 10}, "images"),
        ({"images": ["not an address"]}, "images.0"),
        ({"videos": ["file:///etc/passwd"]}, "videos.0"),
        ({"audios": ["https://"]}, "audios.0"),
        ({"audios": ["https://[broken"]}, "audios.0"),
    ],
)
def test_each_problem_names_its_place(catalogue: Catalogue, changes: dict[str, JSON], place: str) -> None:
    found = problems(catalogue, "seedance-2-pro", **changes)
    assert [problem.partition(":")[0] for problem in found] == [place]


def test_a_first_frame_must_be_an_address_though_its_schema_has_no_format(catalogue: Catalogue) -> None:
    found = problems(catalogue, "seedance-1-5-pro", first_frame_image_url="kite.png")
    assert found == ["first_frame_image_url: 'kite.png' is not an http or https address"]


def test_all_problems_are_listed_and_a_missing_property_is_one(catalogue: Catalogue) -> None:
    found = schema_problems(catalogue["seedance-1-0-lite"].input_schema, {"duration": 1, "x": 0})
    assert len(found) == 4
    assert sum("required" in problem for problem in found) == 2


def test_standard_formats_keep_their_meaning() -> None:
    schema: dict[str, JSON] = {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}
    assert schema_problems(schema, {"day": "2024-02-29"}) == []
    assert schema_problems(schema, {"day": "https://cdn.example"}) != []


def test_what_is_not_an_object_is_a_problem(catalogue: Catalogue) -> None:
    assert schema_problems(catalogue["seedance-2-pro"].input_schema, ["prompt"]) != []
