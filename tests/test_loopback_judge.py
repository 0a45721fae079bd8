"""The loopback Discord as a judge: bodies that Discord would refuse are refused and written down."""

from typing import Any

import aiohttp
import pytest

from tests.loopback_discord import EVERYONE_PERMISSIONS, Channel, LoopbackDiscord
from tests.loopback_discord.fixtures import judged_discord, loopback_discord

__all__ = ["judged_discord", "loopback_discord"]

LAYOUT = 1 << 15
TEXT = {"type": 10, "content": "hello"}


@pytest.fixture
def channel(loopback_discord: LoopbackDiscord) -> Channel:
    return loopback_discord.create_guild("Film club").create_channel("general")


async def send(server: LoopbackDiscord, method: str, path: str, body: Any) -> tuple[int, Any]:
    headers = {"Authorization": f"Bot {server.token}"}
    url = server.api_base + path
    async with aiohttp.ClientSession() as session:
        response = await session.request(method, url, json=body, headers=headers)
        return response.status, await response.json()


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", **item} for item in buttons]}


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"content": 5}, ("content",)),
        ({"content": "x", "nonce": "n" * 26}, ("nonce",)),
        ({"components": [row({"custom_id": "c" * 101})]}, ("components", 0, "components", 0, "custom_id")),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, ("allowed_mentions", "parse", 0)),
    ],
)
async def test_a_body_against_the_description_is_refused_at_its_place(
    judged_discord: LoopbackDiscord, channel: Channel, body: dict[str, Any], location: tuple[str | int, ...]
) -> None:
    status, answer = await send(judged_discord, "POST", f"/channels/{channel.id}/messages", body)
    assert (status, answer["code"]) == (400, 50035)
    assert [item.location for item in judged_discord.violations] == [location]
    assert channel.messages == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"content": "x" * 2001}, "2000 or fewer"),
        ({"content": ""}, "empty"),
        ({"content": "x", "flags": LAYOUT, "components": [TEXT]}, "beside the components-v2 flag"),
        ({"components": [TEXT]}, "needs the components-v2 flag"),
        ({"flags": LAYOUT, "components": [TEXT] * 2 + [{**TEXT, "content": "x" * 4000}]}, "4000 characters"),
        ({"flags": LAYOUT, "components": [{"type": 17, "components": [TEXT] * 40}]}, "more than 40"),
        ({"components": [row({"custom_id": "a"}, {"custom_id": "a"})]}, "used 2 times"),
        ({"components": [row({})]}, "needs a custom_id"),
        ({"components": [row({"style": 5, "url": "ftp://files"})]}, "http"),
        (
            {
                "flags": LAYOUT,
                "components": [{"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}],
            },
            "not found",
        ),
        ({"content": "x", "attachments": [{"id": "7"}]}, "neither kept nor sent"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["7"]}}, "mutually exclusive"),
    ],
)
async def test_a_message_that_only_discord_itself_refuses_is_refused(
    loopback_discord: LoopbackDiscord, channel: Channel, body: dict[str, Any], problem: str
) -> None:
    status, answer = await send(loopback_discord, "POST", f"/channels/{channel.id}/messages", body)
    assert (status, answer["code"]) == (400, 50006 if problem == "empty" else 50035)
    assert problem in loopback_discord.violations[0].problem
    assert channel.messages == []


def option(name: str, **more: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "A thing.", **more}


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ({"name": "Render"}, "lower case"),
        ({"name": "ren der"}, "lower case"),
        ({"description": None}, "is required"),
        ({"options": [option("a"), option("b", required=True)]}, "come before optional"),
        ({"options": [option("a"), option("a")]}, "appears 2 times"),
        ({"options": [option("a", name_localizations={"it": "Nome Lungo"})]}, "lower case"),
        ({"options": [option("a", description_localizations={"xx": "?"})]}, "locales"),
        (
            {
                "options": [
                    option(f"o{n}", choices=[{"name": f"{c}" * 50, "value": "v" * 50} for c in "abcde"])
                    for n in range(25)
                ]
            },
            "limit is 8000",
        ),
    ],
)
async def test_a_command_that_only_discord_itself_refuses_is_refused(
    loopback_discord: LoopbackDiscord, command: dict[str, Any], problem: str
) -> None:
    path = f"/applications/{loopback_discord.application_id}/commands"
    body = [{"name": "render", "description": "Render.", **command}]
    status, answer = await send(loopback_discord, "PUT", path, body)
    assert (status, answer["code"]) == (400, 50035)
    assert problem in loopback_discord.violations[0].problem
    assert loopback_discord.registered_commands() == []


async def test_an_edit_is_judged_by_what_the_message_becomes(
    loopback_discord: LoopbackDiscord, channel: Channel
) -> None:
    path = f"/channels/{channel.id}/messages"
    _, layout = await send(loopback_discord, "POST", path, {"flags": LAYOUT, "components": [TEXT]})
    status, _ = await send(loopback_discord, "PATCH", f"{path}/{layout['id']}", {"content": "classic"})
    assert status == 400
    status, _ = await send(loopback_discord, "PATCH", f"{path}/{layout['id']}", {"components": []})
    assert status == 400
    assert channel.messages[0].text == "hello"
    assert channel.messages[0].edits == []


async def test_a_refusal_that_is_nobodys_mistake_is_no_violation(
    loopback_discord: LoopbackDiscord, channel: Channel
) -> None:
    guild = channel.guild
    assert guild is not None
    path = f"/channels/{channel.id}/messages"
    status, answer = await send(
        loopback_discord, "POST", path, {"content": "x", "message_reference": {"message_id": "7"}}
    )
    assert (status, answer["code"]) == (400, 50035)
    channel.deny(guild.me, EVERYONE_PERMISSIONS)
    status, answer = await send(loopback_discord, "POST", path, {"content": "x"})
    assert (status, answer["code"]) == (403, 50001)
    assert loopback_discord.violations == []
