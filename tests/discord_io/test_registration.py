"""Commands are registered where they changed, and nowhere else: Discord counts registrations per day."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog import Catalogue
from bot.rehearsal.stage import Stage
from bot.settings import Settings
from tests.catalog.invented import invented_file, write_json
from tests.stories.community import Community
from tests.stories.quick_stage import quick_stage

EVERYWHERE = "commands"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with quick_stage(tmp_path) as stage:
        yield stage


def commands_of(stage: Stage) -> set[str]:
    return {command.name for command in stage.showreel.bot.tree.get_commands()}


def registrations(stage: Stage) -> list[tuple[str, set[str]]]:
    """Where the bot has registered what, since this was last asked."""
    found = [
        (entry.path.split("/", 3)[3], {command["name"] for command in entry.json or ()})
        for entry in stage.env.http_requests
        if entry.method == "PUT" and entry.path.endswith("/commands")
    ]
    stage.env.http_requests.clear()
    return found


def serving(stage: Stage, *guild_ids: int) -> Settings:
    return stage.settings.model_copy(update={"discord_guild_ids": frozenset(guild_ids) or None})


async def test_the_first_start_registers_everything_once(stage: Stage) -> None:
    assert registrations(stage) == [(EVERYWHERE, commands_of(stage))]
    assert set(stage.catalogue) < commands_of(stage)


async def test_the_next_start_registers_nothing(stage: Stage) -> None:
    registrations(stage)

    await stage.restart()

    assert registrations(stage) == []


async def test_a_new_model_is_registered_at_the_next_start(stage: Stage, tmp_path: Path) -> None:
    registrations(stage)
    before = commands_of(stage)
    write_json(tmp_path / "models" / "lantern.json", invented_file())

    await stage.restart(catalogue=Catalogue.load(extra=tmp_path / "models"))

    assert registrations(stage) == [(EVERYWHERE, before | {"lantern-3"})]
    await stage.restart()
    assert registrations(stage) == []


async def test_commands_that_somebody_else_removed_are_registered_again(stage: Stage) -> None:
    registrations(stage)
    stage.env.backend.register_commands(None, [])

    await stage.restart()

    assert registrations(stage) == [(EVERYWHERE, commands_of(stage))]


async def test_from_everywhere_to_one_server_and_back(stage: Stage) -> None:
    registrations(stage)
    served, other = Community(stage, name="Film club"), Community(stage, name="Chess club")
    here = f"guilds/{served.guild.id}/commands"

    await stage.restart(settings=serving(stage, served.guild.id))

    assert registrations(stage) == [(here, commands_of(stage)), (EVERYWHERE, set())]
    assert "credits balance" in served.member.available_commands(served.channel)
    assert other.member.available_commands(other.channel) == ()
    assert (await served.ask("credits balance")).text.startswith("You have 100 credits")

    await stage.restart(settings=serving(stage))

    assert registrations(stage) == [(EVERYWHERE, commands_of(stage)), (here, set())]
    assert "credits balance" in other.member.available_commands(other.channel)
    assert stage.env.backend.commands[served.guild.id] == {}


async def test_from_one_server_to_another(stage: Stage) -> None:
    one, other = Community(stage, name="Film club"), Community(stage, name="Chess club")
    await stage.restart(settings=serving(stage, one.guild.id))
    registrations(stage)

    await stage.restart(settings=serving(stage, other.guild.id))

    assert registrations(stage) == [
        (f"guilds/{other.guild.id}/commands", commands_of(stage)),
        (f"guilds/{one.guild.id}/commands", set()),
    ]


async def test_a_server_without_the_bot_is_left_out_and_tried_again(stage: Stage) -> None:
    club = Community(stage)
    registrations(stage)
    absent = club.guild.id + 1
    stage.env.inject_error(
        "*", f"/applications/*/guilds/{absent}/commands", status=403, code=50001, times=None
    )

    await stage.restart(settings=serving(stage, club.guild.id, absent))
    assert [scope for scope, _ in registrations(stage)] == [
        f"guilds/{club.guild.id}/commands",
        f"guilds/{absent}/commands",
        EVERYWHERE,
    ]
    assert "credits balance" in club.member.available_commands(club.channel)

    await stage.restart()
    assert [scope for scope, _ in registrations(stage)] == [f"guilds/{absent}/commands"]


async def test_a_server_that_the_bot_has_left_is_forgotten(stage: Stage) -> None:
    club = Community(stage)
    await stage.restart(settings=serving(stage, club.guild.id))
    registrations(stage)
    left = f"/applications/*/guilds/{club.guild.id}/commands"
    stage.env.inject_error("PUT", left, status=403, code=50001, times=None)

    await stage.restart(settings=serving(stage))
    assert [scope for scope, _ in registrations(stage)] == [EVERYWHERE, f"guilds/{club.guild.id}/commands"]

    await stage.restart()
    assert registrations(stage) == []


async def test_registered_commands_that_cannot_be_looked_at_count_as_there(stage: Stage) -> None:
    registrations(stage)
    stage.env.inject_error("GET", "/applications/*/commands", status=503)

    await stage.restart()

    assert registrations(stage) == []


async def test_a_login_that_failed_half_way_can_be_repeated(stage: Stage) -> None:
    registrations(stage)

    # discord.py calls it with every login, also with one that Discord's troubles cut short.
    await stage.showreel.bot.setup_hook()

    assert registrations(stage) == []
    assert (await Community(stage).ask("credits balance")).text == "You have 100 credits in this server."
