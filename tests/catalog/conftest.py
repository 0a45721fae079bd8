"""The bot's own catalogue, and a model nobody has."""

from pathlib import Path

import pytest

from bot.catalog import Catalogue

from .invented import Tree, invented_file, write_json


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()


@pytest.fixture
def invented() -> Tree:
    return invented_file()


@pytest.fixture
def invented_catalogue(tmp_path: Path, invented: Tree) -> Catalogue:
    write_json(tmp_path / "models" / "lantern.json", invented)
    return Catalogue.load(directory=tmp_path / "models")
