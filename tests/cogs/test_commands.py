"""One slash command per model, made from its file alone."""

from collections.abc import AsyncIterator
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.catalog import Catalogue, Option, OptionKind
from bot.discord_io.translator import CatalogueTranslator
from cogs.generate import build_command
from tests.loopback_discord.rules_commands import command_problems

CATALOGUE = Catalogue.load()
#: Discord's numbers for the kinds of options.
KINDS = {"text": 3, "choice": 3, "integer": 4, "boolean": 5, "media": 11}


@pytest.fixture
async def tree() -> AsyncIterator[app_commands.CommandTree[discord.Client]]:
    client = discord.Client(intents=discord.Intents.none())
    tree = app_commands.CommandTree(client)
    await tree.set_translator(CatalogueTranslator())
    yield tree
    await client.close()


async def payload_of(name: str, tree: app_commands.CommandTree[discord.Client]) -> dict[str, Any]:
    """What Discord is told about a model's command."""
    command = build_command(CATALOGUE[name])
    assert tree.translator is not None
    return await command.get_translated_payload(tree, tree.translator)


@pytest.mark.parametrize("name", list(CATALOGUE))
async def test_a_command_has_the_models_options_in_their_order(
    name: str, tree: app_commands.CommandTree[discord.Client]
) -> None:
    model = CATALOGUE[name]

    payload = await payload_of(name, tree)

    assert (payload["name"], payload["description"]) == (model.command, model.description("en"))
    assert payload["description_localizations"] == {"it": model.description("it")}
    assert [option["name"] for option in payload["options"]] == [option.name for option in model.options]
    for option, told in zip(model.options, payload["options"], strict=True):
        _expect_told(option, told)


def _expect_told(option: Option, told: dict[str, Any]) -> None:
    assert told["description"] == option.description("en")
    assert told["description_localizations"] == {"it": option.description("it")}
    assert told.get("required", False) == option.required
    whole_numbers = option.choices and isinstance(option.choices[0], int)
    assert told["type"] == (4 if whole_numbers else KINDS[option.kind])
    choices = [(choice["name"], choice["value"]) for choice in told.get("choices") or ()]
    assert choices == [(str(value), value) for value in option.choices]
    if option.kind is OptionKind.INTEGER:
        assert (told.get("min_value"), told.get("max_value")) == (option.minimum, option.maximum)


@pytest.mark.parametrize("name", list(CATALOGUE))
async def test_a_command_keeps_discords_limits(
    name: str, tree: app_commands.CommandTree[discord.Client]
) -> None:
    payload = await payload_of(name, tree)

    assert command_problems(payload) == []
    assert len(payload["options"]) <= 25


@pytest.mark.parametrize("name", list(CATALOGUE))
async def test_a_command_is_offered_in_servers_alone(
    name: str, tree: app_commands.CommandTree[discord.Client]
) -> None:
    payload = await payload_of(name, tree)

    assert payload["dm_permission"] is False
    assert payload["contexts"] == [0]


async def test_the_prompt_comes_first_and_is_required_everywhere(
    tree: app_commands.CommandTree[discord.Client],
) -> None:
    for name in CATALOGUE:
        first = (await payload_of(name, tree))["options"][0]
        assert (first["name"], first["required"]) == ("prompt", True)


async def test_the_ranges_are_those_of_the_models(tree: app_commands.CommandTree[discord.Client]) -> None:
    ranges = {}
    for name in CATALOGUE:
        options = {option["name"]: option for option in (await payload_of(name, tree))["options"]}
        ranges[name] = (options["duration"]["min_value"], options["duration"]["max_value"])

    assert ranges == {
        "seedance-1-0-lite": (2, 12),
        "seedance-1-0-pro": (2, 12),
        "seedance-1-5-pro": (4, 12),
        "seedance-2-pro": (4, 15),
    }
