"""Spoilt files at random: each is refused by name or gives a catalogue that works."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import bot.catalog
from bot.catalog import Catalogue, MediaFacts, Option, OptionKind, Value, VideoModel
from bot.catalog.schema_check import schema_problems
from bot.errors import CatalogInvalid

from .invented import Tree, invented_file, write_json

OWN_FILES = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(bot.catalog.__file__).parent / "models").glob("*.json"))
]
SEEDS = [invented_file(), *OWN_FILES]

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(
        [0, 1, -1, 2**53, 10**400, 1e999, 0.5, "", " ", "en", "string", "integer", "array", "image"]
    ),
    st.floats(),
    st.text(max_size=8),
)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any) -> list[tuple[Any, Any]]:
    """Every container of a tree with each of its keys or indices."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    found: list[tuple[Any, Any]] = []
    for key in keys:
        found.append((node, key))
        found.extend(places(node[key]))
    return found


@st.composite
def spoilt(draw: st.DrawFn, seeds: list[Tree]) -> Any:
    """A valid tree after one to three changes: a value replaced, removed, or copied from elsewhere in it."""
    tree = json.loads(json.dumps(draw(st.sampled_from(seeds))))
    for _ in range(draw(st.integers(1, 3))):
        found = places(tree)
        if not found:
            break
        container, key = draw(st.sampled_from(found))
        change = draw(st.sampled_from(["replace", "remove", "copy", "add"]))
        if change == "replace":
            container[key] = draw(junk)
        elif change == "remove":
            del container[key]
        elif change == "copy":
            other, other_key = draw(st.sampled_from(found))
            container[key] = json.loads(
                json.dumps(other.get(other_key) if isinstance(other, dict) else other)
            )
        elif isinstance(container, dict):
            container[draw(st.text(max_size=8))] = draw(junk)
        else:
            container.append(draw(junk))
    return tree


def required_value(option: Option) -> Value:
    if option.kind is OptionKind.CHOICE:
        return option.choices[0]
    if option.kind is OptionKind.INTEGER:
        bounds = (option.minimum, option.maximum)
        return next((bound for bound in bounds if bound is not None), 0)
    return True if option.kind is OptionKind.BOOLEAN else "x"


def works(model: VideoModel) -> None:
    """Whatever was loaded can be offered, filled with defaults, checked, priced and sent under each id."""
    for variant in (model, *model.variants.values()):
        slots = [option for option in variant.options if option.slot]
        values = {o.name: required_value(o) for o in variant.options if o.required and not o.slot}
        media = {option.name: MediaFacts(size_bytes=0) for option in slots}
        urls = {option.name: "https://cdn.example/a" for option in slots}
        assert variant.validate(values, media).ok
        assert schema_problems(variant.input_schema, variant.payload(values, urls)) == []
        assert variant.price(values) >= 1
        assert variant.usual_seconds(values) >= 0
        assert all(1 <= len(option.description("it")) <= 100 for option in variant.options)


def models_unless_refused(path: Path, **arguments: Path) -> list[VideoModel]:
    """The models loaded, or none where `path` was refused by name; any other error fails the test."""
    try:
        return list(Catalogue.load(**arguments).values())
    except CatalogInvalid as error:
        refusal = error
    assert refusal.source == str(path)
    assert refusal.problem
    return []


@settings(max_examples=250, deadline=None)
@given(content=spoilt(SEEDS))
def test_a_spoilt_model_file_is_refused_by_name_or_works(content: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_json(Path(folder) / "model.json", content)
        for model in models_unless_refused(path, directory=Path(folder)):
            works(model)


PRICES: list[Tree] = [
    {"seedance-1-0-lite": {"480p": 1.5}, "seedance-2-pro": {"720p": {"silent": 4, "sound": 5.5}, "4k": 30}},
]


@settings(max_examples=100, deadline=None)
@given(content=spoilt(PRICES) | junk)
def test_a_spoilt_prices_file_is_refused_by_name_or_every_price_holds(content: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_json(Path(folder) / "prices.json", content)
        assert all(model.price({}) >= 1 for model in models_unless_refused(path, prices_file=path))


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=60))
def test_a_file_of_any_bytes_is_refused_by_name(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        path.write_bytes(data)
        assert models_unless_refused(path, directory=Path(folder)) == []
