"""The project's own files: they agree with each other and name no machine."""

import os
import re
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from bot.settings import Settings, load_settings

ROOT = Path(__file__).parents[1]
SETTING = re.compile(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def example() -> dict[str, str]:
    return dict(SETTING.findall((ROOT / ".env.example").read_text()))


def pinned(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\$", lock.read_text(), re.MULTILINE))


def normalised(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[._-]+", "-", name[0]).lower()


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    names = [name for name, _ in SETTING.findall((ROOT / ".env.example").read_text())]

    assert sorted(names) == sorted([*(name.upper() for name in Settings.model_fields), "POSTGRES_PASSWORD"])


def test_every_setting_in_the_example_is_explained() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    for before, line in pairwise(lines):
        if SETTING.match(line):
            assert before.startswith("# "), line


def test_required_settings_are_empty_in_the_example_and_the_others_commented() -> None:
    text = (ROOT / ".env.example").read_text()
    for name, field in Settings.model_fields.items():
        pattern = f"^{name.upper()}=$" if field.is_required() else f"^#{name.upper()}="
        assert re.search(pattern, text, re.MULTILINE), name


def test_the_defaults_in_the_example_are_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    required = {"DISCORD_TOKEN": "a", "DISCORD_GUILD_IDS": "1", "RUNCOMFY_API_TOKEN": "b"}
    for name, values in (("bare.env", required), ("example.env", example() | required)):
        Path(name).write_text("".join(f"{key}={value}\n" for key, value in values.items()))

    assert load_settings(Settings, env_file=Path("example.env")) == load_settings(
        Settings, env_file=Path("bare.env")
    )


def test_both_locks_are_there() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.lock", "run.lock"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_host_and_no_path(lock: Path) -> None:
    for line in lock.read_text().splitlines():
        assert not re.search(r"://|@|(^|\s)--(?!hash=sha256:)|(^|\s)[/~.]|pypi", line), line


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_in_a_lock_has_a_hash(lock: Path) -> None:
    text = lock.read_text()
    requirements = re.findall(r"^[a-zA-Z].*$", text, re.MULTILINE)

    assert len(requirements) == len(pinned(lock)) > 30
    assert len(re.findall(r"^\S+==\S+ \\\n +--hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)) == len(
        requirements
    )


def test_the_locks_hold_what_the_project_asks_for() -> None:
    run, dev = pinned(ROOT / "requirements/run.lock"), pinned(ROOT / "requirements/dev.lock")
    meta = tomllib.loads((ROOT / "pyproject.toml").read_text())
    product = {
        normalised(item) for item in meta["project"]["dependencies"] + meta["build-system"]["requires"]
    }
    extras = {normalised(item) for item in meta["project"]["optional-dependencies"]["rehearsal"]}
    tools = {normalised(item) for item in meta["dependency-groups"]["dev"]}

    assert product <= run.keys()
    assert product | extras | tools <= dev.keys()
    assert not (extras | tools - product) & run.keys()
    assert run.items() <= dev.items()


def test_make_lists_every_target_it_has() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert phony
    assert set(re.findall(r"make (\w+)", listed.stdout)) == set(phony[1].split())


def test_the_image_copies_only_what_the_build_context_lets_through() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from=)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    sources = {source.split("/")[0] for line in copied for source in line.split()}

    assert sources == allowed
    assert ".env" not in allowed


@pytest.mark.parametrize("name", ["bot", "cogs", "migrations", "docs", "tests", "requirements"])
def test_every_room_is_where_it_should_be(name: str) -> None:
    assert (ROOT / name).is_dir()


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile", "Dockerfile", ".ci/run"]
)
def test_every_front_door_file_is_there(name: str) -> None:
    assert (ROOT / name).read_text().strip()


def test_the_ci_script_can_be_executed() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)
