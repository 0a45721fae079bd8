"""The image and the compose files: they agree with the code, and hold no secret."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bot.__main__ import app
from bot.roles import Role
from bot.settings import Settings
from bot.settings_values import http_url, store_url
from tests.support.compose import read_compose

ROOT = Path(__file__).parents[1]
COMPOSE = {name: read_compose(ROOT / name) for name in ("compose.yaml", "compose.split.yaml")}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
#: What each foreign image reads, from its own documents.
FOREIGN = {
    "postgres": {"POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"},
    "proxy": {"BIND_IP", "PORT", "REQUEST_TIMEOUT", "ENABLE_METRICS"},
}


def services() -> dict[str, dict[str, Any]]:
    """Every service by file and name, with what it extends."""
    found = {}
    for file, content in COMPOSE.items():
        for name, own in content["services"].items():
            base: dict[str, Any] = {}
            if "extends" in own:
                base = COMPOSE[own["extends"]["file"]]["services"][own["extends"]["service"]]
            found[f"{file}:{name}"] = {
                **base,
                **own,
                "environment": base.get("environment", {}) | own.get("environment", {}),
            }
    return found


SERVICES = services()
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "showreel"}


def instruction(name: str) -> str:
    """The last instruction of this name: what the finished image has."""
    return str(re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)[-1])


def commands() -> set[str]:
    return set(get_command(app).commands)  # type: ignore[attr-defined]  # it is a group of commands


# --- the image ----------------------------------------------------------------------------------------


def test_the_image_installs_what_is_locked_and_nothing_else() -> None:
    installs = re.findall(r"pip install (.*)$", DOCKERFILE, re.MULTILINE)

    assert installs == ["--require-hashes -r requirements/run.lock", "--no-deps --no-build-isolation ."]
    assert (ROOT / "requirements/run.lock").is_file()


def test_the_image_runs_as_somebody_without_rights() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]

    assert instruction("USER") == "showreel"
    assert "useradd --create-home --uid 10001 showreel" in final
    assert final.index("\nUSER ") < final.index("\nENTRYPOINT ")
    assert "pip install" not in final


def test_the_images_commands_exist() -> None:
    check = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])

    assert json.loads(instruction("ENTRYPOINT")) == ["showreel"]
    assert check == ["showreel", "health"]
    assert {check[1], *json.loads(instruction("CMD"))} <= commands()


# --- compose ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_every_variable_given_to_the_bot_is_a_setting(name: str) -> None:
    settings = {field.upper() for field in Settings.model_fields}

    assert OURS[name]["environment"].keys() <= settings
    assert OURS[name]["env_file"] == ".env"


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in OURS])
def test_other_images_are_given_what_they_read(name: str) -> None:
    assert SERVICES[name]["environment"].keys() <= FOREIGN[name.partition(":")[2]]


@pytest.mark.parametrize("file", COMPOSE)
def test_what_a_file_takes_from_the_environment_is_in_the_example_and_has_no_default(file: str) -> None:
    taken = re.findall(r"\$\{(\w+)([^}]*)\}", (ROOT / file).read_text())

    for name, rest in taken:
        assert re.search(rf"^#?{name}=$", (ROOT / ".env.example").read_text(), re.MULTILINE), name
        assert rest.startswith(":?"), name


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_a_service_are_accepted(name: str) -> None:
    given = OURS[name]["environment"]
    address = re.sub(r"\$\{POSTGRES_PASSWORD[^}]*\}", "abc123", given["DATABASE_URL"])

    assert store_url(address) == "postgresql+asyncpg://showreel:abc123@postgres/showreel"
    if "DISCORD_API_BASE" in given:
        port = http_url(given["DISCORD_API_BASE"]).port
        assert str(port) == COMPOSE["compose.split.yaml"]["services"]["proxy"]["environment"]["PORT"]


@pytest.mark.parametrize("name", OURS)
def test_every_process_shares_the_directory_of_files(name: str) -> None:
    assert OURS[name]["volumes"] == [f"data:{json.loads(instruction('VOLUME'))[0]}"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_names_is_there(name: str) -> None:
    file, service = COMPOSE[name.partition(":")[0]], SERVICES[name]
    named = set(service.get("depends_on", {}))
    if "network_mode" in service:
        named.add(service["network_mode"].removeprefix("service:"))
        assert set(service["depends_on"]) >= named

    assert named <= file["services"].keys()
    assert {volume.partition(":")[0] for volume in service.get("volumes", ())} <= file["volumes"].keys()
    for other, how in service.get("depends_on", {}).items():
        needs_check = how["condition"] == "service_healthy"
        assert not needs_check or "healthcheck" in SERVICES[f"{name.partition(':')[0]}:{other}"]


def test_together_the_roles_do_everything() -> None:
    split = [service for name, service in OURS.items() if name.startswith("compose.split.yaml:")]
    roles = [Role(service["command"][-1]) for service in split]

    assert [service["command"][:-1] for service in split] == [["run", "--role"]] * len(split)
    assert any(role.has_gateway for role in roles)
    assert any(role.has_tracker for role in roles)


@pytest.mark.parametrize("name", SERVICES)
def test_services_come_back_and_have_the_time_to_stop(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    if name in OURS:
        assert SERVICES[name]["stop_grace_period"] == "15s"
