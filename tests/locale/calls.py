"""Finds every place in the code that asks for words, by reading its syntax."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Asked:
    """One call of `words(...)`.

    Attributes:
        place: file and line.
        ids: the message ids it may ask for; `*` stands for a piece that is put in (`problem-*`).
        arguments: the names of the arguments it gives.
    """

    place: str
    ids: frozenset[str]
    arguments: frozenset[str]


@cache
def every_call(known: frozenset[str]) -> list[Asked]:
    """Every call in `bot/` and `cogs/`; `known` are the messages there are."""
    return [
        asked
        for room in ("bot", "cogs")
        for path in sorted((ROOT / room).rglob("*.py"))
        for asked in _calls_in(path, known)
    ]


@cache
def families() -> dict[str, str]:
    """Every id that is put together from pieces (`problem-*`), and a place that does so."""
    return {name: asked.place for asked in every_call(frozenset()) for name in asked.ids if "*" in name}


def strings_given_to(name: str) -> set[str]:
    """The first arguments, where they are plain strings, of every call of a name in `bot/`."""
    return {
        node.args[0].value
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _name_of(node.func) == name and node.args
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def _calls_in(path: Path, known: frozenset[str]) -> Iterator[Asked]:
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for call in _calls(tree):
        around = [function for function in functions if any(node is call for node in ast.walk(function))]
        nearby = [_unspoken(scope) & known for scope in (*reversed(around), tree)]
        ids = _ids(call.args[0]) or next(filter(None, nearby), set())
        arguments = frozenset(keyword.arg for keyword in call.keywords if keyword.arg)
        yield Asked(f"{path.relative_to(ROOT)}:{call.lineno}", frozenset(ids), arguments)


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _speaks(node.func):
            yield node


def _speaks(function: ast.expr) -> bool:
    """`words(...)`, `self._words(...)`, `Words(locale)(...)` or `_words(interaction)(...)`."""
    match function:
        case ast.Name(id="words") | ast.Attribute(attr="words" | "_words"):
            return True
        case ast.Call(func=ast.Name(id="Words" | "_words")):
            return True
        case _:
            return False


def _unspoken(tree: ast.AST) -> set[str]:
    """Strings that are not given to `words` where they stand: what its variables may hold."""
    spoken = {name for call in _calls(tree) for name in _ids(call.args[0])}
    strings = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return strings - spoken


def _ids(node: ast.expr) -> set[str]:
    """The ids that an expression can be; none where only the surroundings can tell."""
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.JoinedStr():
            parts = [str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values]
            return {"".join(parts)}
        case ast.IfExp():
            return _ids(node.body) | _ids(node.orelse)
        case _:
            return set()


def _name_of(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
