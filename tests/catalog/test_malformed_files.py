"""A file that cannot be used is named, with everything wrong with it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.catalog import Catalogue
from bot.errors import CatalogInvalid

from .invented import Tree, invented_file, option, write_json


def problem_of(tmp_path: Path, content: object) -> str:
    path = write_json(tmp_path / "broken.json", content)
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(directory=tmp_path)
    assert caught.value.source == str(path)
    return caught.value.problem


def properties(file: Tree) -> Any:
    return file["input_schema"]["properties"]


def entry(file: Tree, name: str) -> Any:
    return next(each for each in file["options"] if each["name"] == name)


BROKEN: dict[str, tuple[Callable[[Tree], object], str]] = {
    "no command": (lambda f: f.pop("command"), r"^command: Field required$"),
    "capitals in the command": (lambda f: f.update(command="Lantern"), r"^command: String should match"),
    "a long command": (lambda f: f.update(command="x" * 33), r"^command: String should match"),
    "a stray key": (lambda f: f.update(colour=1), r"^colour: Extra inputs"),
    "an id that leaves its path": (lambda f: f.update(model_id="acme/../x"), r"^model_id: "),
    "no english": (lambda f: f["title"].pop("en"), r"^title: needs a text for en$"),
    "a blank description": (
        lambda f: f.update(description={"en": "x", "it": " "}),
        r"^description: is blank in it$",
    ),
    "a long description": (
        lambda f: f["description"].update(it="x" * 101),
        r"^description\.it: 101 characters",
    ),
    "a long option description": (
        lambda f: entry(f, "still")["description"].update(it="{n}" + "x" * 100),
        r"^options\.still1\.description\.it: 101 characters",
    ),
    "an unmapped property": (
        lambda f: f["options"].pop(0),
        r"^input_schema\.properties\.loop: no option fills it",
    ),
    "an option for nothing": (
        lambda f: f["options"].append(option("glow", "glow")),
        r"^options\.glow: input_schema has no property 'glow'$",
    ),
    "two options for one property": (
        lambda f: f["options"].append(option("again", "fps")),
        r"properties\.fps: 2 options fill it",
    ),
    "two options of one name": (
        lambda f: entry(f, "fps").update(name="loop"),
        r"options\.loop: given 2 times",
    ),
    "a numbered name taken": (lambda f: entry(f, "fps").update(name="still2"), r"still2 comes out 2 times"),
    "a name Python keeps": (
        lambda f: entry(f, "fps").update(name="class"),
        r"^options\.class: the name is reserved",
    ),
    "a name the command keeps": (
        lambda f: entry(f, "fps").update(name="interaction"),
        r"^options\.interaction: the name is reserved",
    ),
    "a default outside the enum": (
        lambda f: properties(f)["fps"].update(default=25),
        r"fps: default is not an allowed value",
    ),
    "a default of another type": (
        lambda f: properties(f)["strength"].update(default=True),
        r"strength: default is not an allowed value",
    ),
    "a default out of range": (
        lambda f: properties(f).update(fps={"type": "integer", "minimum": 1, "default": 0}),
        r"fps: default is not an allowed value",
    ),
    "an unknown keyword": (
        lambda f: properties(f)["wish"].update(pattern="x"),
        r"wish\.pattern: Extra inputs",
    ),
    "a keyword of another type": (
        lambda f: properties(f)["wish"].update(minimum=1),
        r"a property of type string cannot have minimum",
    ),
    "an unknown media rule": (
        lambda f: properties(f)["tune"].update(
            validations=[{"validation_rule": "hue<", "validation_value": 1}]
        ),
        r"tune\.validations\.0\.validation_rule: ",
    ),
    "media without a size": (
        lambda f: entry(f, "tune")["media"].update(validations=[]),
        r"^options\.tune: no file_size_mb< among its validations$",
    ),
    "a list that is not media": (
        lambda f: entry(f, "clip").pop("media"),
        r"^options\.clip: a list needs media",
    ),
    "media for a boolean": (
        lambda f: entry(f, "loop").update(media=entry(f, "tune")["media"]),
        r"^options\.loop: media fills a URL",
    ),
    "a required property that is not there": (
        lambda f: f["input_schema"]["required"].append("glow"),
        r"not among the properties: glow",
    ),
    "more options than Discord takes": (
        lambda f: properties(f)["stills"].update(maxItems=20),
        r"^options: 28, and Discord allows 25$",
    ),
    "more files than Discord takes": (
        lambda f: properties(f)["stills"].update(maxItems=10**9),
        r"maxItems: Input",
    ),
    "more choices than Discord takes": (
        lambda f: properties(f).update(fps={"type": "integer", "enum": list(range(0, 52, 2))}),
        r"^options\.fps: 26 choices, and Discord allows 25$",
    ),
    "no price": (
        lambda f: f["prices"].update(credits_per_second={}),
        r"^prices\.credits_per_second: nothing for \*",
    ),
    "a negative price": (lambda f: f["prices"].update(credits_per_second={"*": -1}), r"greater than 0"),
    "a price for what is not offered": (
        lambda f: f["prices"]["credits_per_second"].update({"480p": 1}),
        r"^prices\.credits_per_second\.480p: no such resolution",
    ),
    "no usual time": (
        lambda f: f["usual_seconds"].update(per_second={}),
        r"^usual_seconds\.per_second: nothing for",
    ),
    "no duration": (lambda f: f.pop("clip_seconds"), r"^clip_seconds: needed exactly where"),
    "an endless duration": (
        lambda f: (
            f.pop("clip_seconds"),
            f.pop("aliases"),
            entry(f, "fps").update(name="duration"),
            properties(f).update(fps={"type": "integer", "minimum": 1, "default": 5}),
        ),
        r"^options\.duration: needs a minimum of at least 1 and a maximum$",
    ),
    "a resolution nobody may know": (
        lambda f: entry(f, "prompt").update(name="resolution"),
        r"options\.resolution: must be an enum of texts",
    ),
    "an alias that lacks what is not there": (
        lambda f: f["aliases"][0].update(lacks=["glow"]),
        r"^aliases\.acme/lantern-3\.1/morph: lacks 'glow', which does not exist",
    ),
    "an alias that lacks what is required": (
        lambda f: f["aliases"][0].update(lacks=["wish"]),
        r"lacks 'wish', which is required",
    ),
    "an alias that adds a choice twice": (
        lambda f: f["aliases"][0].update(adds_choices={"fps": [24]}),
        r"adds a choice to 'fps' that is there",
    ),
    "an alias that adds choices to a text": (
        lambda f: f["aliases"][0].update(adds_choices={"wish": ["x"]}),
        r"adds choices to 'wish', which has none",
    ),
    "an alias with the model's own id": (
        lambda f: f["aliases"][0].update(model_id=f["model_id"]),
        r"^model_id: acme/lantern-3/morph is there twice$",
    ),
}


@pytest.mark.parametrize(("spoil", "expected"), BROKEN.values(), ids=list(BROKEN))
def test_a_spoilt_model_file_says_what_is_wrong(
    tmp_path: Path, spoil: Callable[[Tree], object], expected: str
) -> None:
    content = invented_file()
    spoil(content)
    assert re.search(expected, problem_of(tmp_path, content))


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path, invented: Tree) -> None:
    invented["options"].append(option("glow", "glow"))
    invented["prices"]["credits_per_second"] = {"480p": 1}
    assert problem_of(tmp_path, invented).split("; ") == [
        "options.glow: input_schema has no property 'glow'",
        "prices.credits_per_second: nothing for *",
        "prices.credits_per_second.480p: no such resolution is offered",
    ]


def test_a_command_over_8000_characters_is_refused(tmp_path: Path, invented: Tree) -> None:
    choices = [f"{number:02}" + "x" * 98 for number in range(25)]
    for name in ("mist", "rain"):
        properties(invented)[name] = {"type": "string", "enum": choices}
        invented["options"].append(option(name, name))
    assert "and Discord allows 8000" in problem_of(tmp_path, invented)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"command": NaN}', b"[" * 100_000, b"9" * 5000],
    ids=["empty", "cut", "not utf-8", "a list", "null", "nan", "deep", "a huge number"],
)
def test_a_file_that_is_not_even_a_model_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(directory=tmp_path)
    assert caught.value.source == str(tmp_path / "broken.json")


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"command": "a", "command": "b"}', encoding="utf-8")
    with pytest.raises(CatalogInvalid, match="given twice: command"):
        Catalogue.load(directory=tmp_path)


def test_two_files_cannot_share_a_command_or_an_id(tmp_path: Path, invented: Tree) -> None:
    write_json(tmp_path / "a.json", invented)
    write_json(tmp_path / "b.json", invented)
    with pytest.raises(CatalogInvalid) as caught:
        Catalogue.load(directory=tmp_path)
    assert caught.value.source == str(tmp_path / "b.json")
    assert "command: another model is called lantern-3 too" in caught.value.problem
    assert "acme/lantern-3.1/morph is there twice" in caught.value.problem


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogInvalid, match="is not a directory"):
        Catalogue.load(extra=tmp_path / "nowhere")
