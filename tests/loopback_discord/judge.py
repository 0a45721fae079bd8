"""Judging request bodies by Discord's own OpenAPI description, where it is at hand."""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.loopback_discord.errors import JsonObject, Problem

ENVIRONMENT_NAME = "SHOWREEL_DISCORD_OPENAPI"
_BESIDE_THE_REPOSITORY = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"
_MAX_TOLD = 300

# The description asks for strings; the API takes integers too, and discord.py sends them.
_SNOWFLAKE: JsonObject = {
    "anyOf": [{"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}, {"type": "integer", "minimum": 0}]
}


def description_path() -> Path:
    """Where the description is looked for."""
    return Path(os.environ.get(ENVIRONMENT_NAME) or _BESIDE_THE_REPOSITORY)


class Judge:
    """Validates bodies; validators are built when they are first needed."""

    def __init__(self, description: JsonObject) -> None:
        self._paths: JsonObject = description["paths"]
        self._components = description["components"]
        self._components["schemas"]["SnowflakeType"] = _SNOWFLAKE
        self._validators: dict[tuple[str, str], jsonschema_rs.Validator | None] = {}

    def problems(self, method: str, template: str, body: Any) -> list[Problem]:
        """What the description does not allow; nothing where it knows no body for the operation."""
        key = (method.lower(), template)
        if key not in self._validators:
            self._validators[key] = self._validator(*key)
        validator = self._validators[key]
        if validator is None:
            return []
        return [problem for error in validator.iter_errors(body) for problem in _told(error)]

    def _validator(self, method: str, template: str) -> jsonschema_rs.Validator | None:
        operation = self._paths.get(template, {}).get(method, {})
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" not in content:
            return None
        return jsonschema_rs.validator_for(
            content["application/json"]["schema"] | {"components": self._components}
        )


@lru_cache
def judge_from(path: Path) -> Judge | None:
    """The judge, or None without a description."""
    if not path.is_file():
        return None
    return Judge(json.loads(path.read_text(encoding="utf-8")))


def _told(error: jsonschema_rs.ValidationError) -> list[Problem]:
    """The problem itself, found inside the branch of a union that the `type` field chose."""
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or []
    meant = [branch for branch in branches if not any(_is_other_type(error, inner) for inner in branch)]
    if len(meant) == 1:
        return [problem for inner in meant[0] for problem in _told(inner)]
    return [Problem(tuple(error.instance_path), error.message[-_MAX_TOLD:])]


def _is_other_type(union: jsonschema_rs.ValidationError, inner: jsonschema_rs.ValidationError) -> bool:
    if inner.instance_path == union.instance_path:
        return inner.kind.name == "type"
    return inner.kind.name == "enum" and inner.instance_path == [*union.instance_path, "type"]
