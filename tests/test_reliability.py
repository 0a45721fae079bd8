"""The table of faults names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TABLE = (ROOT / "docs/reliability.md").read_text()
ROWS = re.findall(r"^\| (?!---)(.+) \|$", TABLE, re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def proofs() -> list[tuple[str, str]]:
    return PROOF.findall(TABLE)


@pytest.mark.parametrize(("file", "name"), proofs())
def test_a_named_test_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text())
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}

    assert name in found


def test_every_row_has_its_proof() -> None:
    for row in ROWS:
        cells = row.split(" | ")
        assert len(cells) == 3, row
        assert cells[2] == "proof" or PROOF.search(cells[2]), row
