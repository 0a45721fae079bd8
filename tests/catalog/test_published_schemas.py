"""The model files against the published input schemas, where those lie beside the repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bot.catalog import Catalogue

Tree: TypeAlias = dict[str, Any]

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "runcomfy" / "schemas"
FIGURES = ("type", "minimum", "maximum", "minItems", "maxItems", "items", "format")

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the captured schemas are not beside the repository"
)


def captures() -> dict[str, list[Tree]]:
    """By model id, the captured input schemas (some models were captured twice)."""
    found: dict[str, list[Tree]] = {}
    for path in sorted(CAPTURES.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        found.setdefault(content["model_id"], []).append(content["input_schema"])
    return found


def properties(catalogue: Catalogue) -> Iterator[tuple[str, Tree, list[Tree]]]:
    """Each property: where, as our file has it, as each capture has it."""
    for model_id, schemas in captures().items():
        model = catalogue.by_model_id(model_id)
        assert model is not None
        ours: Any = model.input_schema["properties"]
        for name, schema in ours.items():
            yield f"{model_id} {name}", schema, [capture["properties"][name] for capture in schemas]


def test_every_captured_model_is_offered_under_its_id(catalogue: Catalogue) -> None:
    assert captures().keys() == {model.model_id for model in catalogue.values()}


def test_property_names_and_requirements_are_those_published(catalogue: Catalogue) -> None:
    for model_id, schemas in captures().items():
        model = catalogue.by_model_id(model_id)
        assert model is not None
        ours: Any = model.input_schema
        for schema in schemas:
            assert ours["properties"].keys() == schema["properties"].keys()
            assert sorted(ours["required"]) == sorted(schema["required"])


def test_types_and_bounds_are_those_published(catalogue: Catalogue) -> None:
    for where, ours, published in properties(catalogue):
        for capture in published:
            assert {key: ours.get(key) for key in FIGURES} == {key: capture.get(key) for key in FIGURES}, (
                where
            )


def test_choices_are_the_union_of_what_was_published(catalogue: Catalogue) -> None:
    for where, ours, published in properties(catalogue):
        union = dict.fromkeys(choice for capture in published for choice in capture.get("enum", []))
        assert ours.get("enum", []) == list(union), where


def test_defaults_are_those_published_save_for_example_prompts_and_media(catalogue: Catalogue) -> None:
    for where, ours, published in properties(catalogue):
        is_example = ours["type"] == "array" or (ours["type"] == "string" and "enum" not in ours)
        if is_example:
            assert "default" not in ours, where
            continue
        for capture in published:
            assert ours.get("default") == capture.get("default"), where


def test_image_validations_have_the_published_figures(catalogue: Catalogue) -> None:
    seen = 0
    for where, ours, published in properties(catalogue):
        rules = [(rule["validation_rule"], rule["validation_value"]) for rule in ours.get("validations", [])]
        for capture in published:
            theirs = capture.get("validations", [])
            assert sorted(rules) == sorted((r["validation_rule"], r["validation_value"]) for r in theirs), (
                where
            )
        seen += len(rules)
    assert seen == 14


def test_no_published_sentence_was_carried_over(catalogue: Catalogue) -> None:
    sentences = {
        text.strip().lower()
        for schemas in captures().values()
        for schema in schemas
        for entry in schema["properties"].values()
        for text in (entry["title"], entry["description"], entry.get("default"))
        if isinstance(text, str) and len(text.split()) > 1
    }
    for model in catalogue.values():
        own = [*model.helps.values(), *model.descriptions.values()]
        own += [text for option in model.options for text in option.descriptions.values()]
        assert not [text for text in own for sentence in sentences if sentence in text.lower()]
