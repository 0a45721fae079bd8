"""The operator's own prices."""

import json
from pathlib import Path

import pytest

from bot.catalog import Catalogue
from bot.errors import CatalogInvalid

from .invented import write_json


def test_a_prices_file_replaces_the_rates_it_names_and_no_others(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    prices = {"seedance-1-0-lite": {"480p": 2.1}, "seedance-2-pro": {"720p": {"silent": 1, "sound": 9}}}
    repriced = Catalogue.load(prices_file=write_json(tmp_path / "prices.json", prices))
    lite, pro = repriced["seedance-1-0-lite"], repriced["seedance-2-pro"]
    assert lite.price({"duration": 5}) == 11
    assert lite.price({"resolution": "720p"}) == catalogue["seedance-1-0-lite"].price({"resolution": "720p"})
    assert pro.price({"sound": True}) == 45
    assert pro.price({"sound": False}) == 5
    assert pro.variant("bytedance/seedance-2.0/pro").price({"sound": False}) == 5
    assert repriced["seedance-1-0-pro"].price({}) == catalogue["seedance-1-0-pro"].price({})


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"seedance-9": {"480p": 1}}, ["seedance-9: no such model"]),
        ({"seedance-1-0-lite": {"4k": 1}}, ["seedance-1-0-lite.4k: no such resolution is offered"]),
        (
            {"a": {"480p": 1}, "seedance-1-0-lite": {"8k": 1}},
            ["a: no such model", "seedance-1-0-lite.8k: no such resolution is offered"],
        ),
    ],
)
def test_prices_for_what_is_not_offered_are_refused(
    tmp_path: Path, prices: object, expected: list[str]
) -> None:
    path = write_json(tmp_path / "prices.json", prices)
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(prices_file=path)
    assert caught.value.source == str(path)
    assert caught.value.problem.split("; ") == expected


@pytest.mark.parametrize(
    "rate", [-1, 0, "3", True, None, [], {"silent": 1}, {"silent": 1, "sound": -2}, 1e999]
)
def test_a_rate_that_is_no_price_is_refused(tmp_path: Path, rate: object) -> None:
    text = json.dumps({"seedance-1-0-lite": {"480p": rate, "720p": -5}}).replace("Infinity", "1e999")
    path = tmp_path / "prices.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(prices_file=path)
    assert caught.value.source == str(path)
    assert "seedance-1-0-lite.480p" in caught.value.problem
    assert "seedance-1-0-lite.720p" in caught.value.problem


def test_a_prices_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(prices_file=tmp_path / "prices.json")
    assert caught.value.source == str(tmp_path / "prices.json")
