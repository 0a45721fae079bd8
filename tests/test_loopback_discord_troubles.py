"""The loopback Discord misbehaving: rate limits, gates, lost connections, shards."""

import asyncio
import json
import zlib

import aiohttp
import discord
import pytest

from tests.loopback_discord import Channel, CloseCode, Intent, LoopbackDiscord, Member, Refusal
from tests.loopback_discord.fixtures import library_on_loopback, loopback_discord
from tests.loopback_discord.sample_bot import SampleBot
from tests.loopback_discord.sample_fixtures import ada, bot, channel, guild

__all__ = ["ada", "bot", "channel", "guild", "library_on_loopback", "loopback_discord"]


async def test_a_rate_limited_request_is_repeated_by_the_library(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    library_on_loopback.rate_limit("POST", "/channels/*/messages", 0.01)
    library_on_loopback.rate_limit("POST", "/channels/*/messages", 0.01, scope="global")
    await place.send("patient")
    statuses = [item.status for item in library_on_loopback.requests_to("POST", "/channels/*/messages")]
    assert statuses == [429, 429, 200]
    assert [item.content for item in channel.messages] == ["patient"]


async def test_the_library_keeps_within_a_bucket_that_is_enforced(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    library_on_loopback.enforce_limit("POST", "/channels/*/messages", limit=2, per_s=0.1)
    place = await bot.channel(channel.id)
    for number in range(5):
        await place.send(str(number))
    assert [item.content for item in channel.messages] == ["0", "1", "2", "3", "4"]


async def test_requests_are_held_at_a_gate(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    with library_on_loopback.hold("POST", "/channels/*/messages") as gate:
        sending = asyncio.create_task(place.send("held"))
        await gate.reached()
        assert channel.messages == []
    await sending
    assert [item.content for item in channel.messages] == ["held"]


async def test_an_interaction_made_while_the_gateway_is_down_arrives_after_the_resume(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    library_on_loopback.gateway.drop()
    asked = await library_on_loopback.slash(ada, channel, "ping")
    assert (await asked.response()).content == "pong"
    assert library_on_loopback.gateway.resumed == 1
    assert len(library_on_loopback.gateway.sessions) == 1


async def test_asked_to_reconnect_the_client_resumes(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    library_on_loopback.gateway.ask_to_reconnect()
    await library_on_loopback.wait_for(lambda: library_on_loopback.gateway.resumed)
    assert (await (await library_on_loopback.slash(ada, channel, "ping")).response()).content == "pong"


async def test_a_refused_resume_makes_a_new_session(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    gateway = library_on_loopback.gateway
    gateway.refuse_resume = True
    gateway.drop()
    await library_on_loopback.wait_for(lambda: len(gateway.sessions) == 2 and gateway.connected)
    assert (await (await library_on_loopback.slash(ada, channel, "ping")).response()).content == "pong"


@pytest.mark.parametrize("code", [CloseCode.UNKNOWN_ERROR, CloseCode.RATE_LIMITED])
async def test_after_most_close_codes_the_session_is_resumed(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, code: CloseCode
) -> None:
    await library_on_loopback.gateway.close(code)
    await library_on_loopback.wait_for(lambda: library_on_loopback.gateway.resumed)
    assert len(library_on_loopback.gateway.sessions) == 1


async def test_an_old_token_is_refused_everywhere(loopback_discord: LoopbackDiscord) -> None:
    old = loopback_discord.token
    await loopback_discord.reset_token("new")
    assert await identified(loopback_discord, token=old) == ([], CloseCode.AUTHENTICATION_FAILED)
    assert (await identified(loopback_discord, token="new"))[1] is None
    statuses = []
    async with aiohttp.ClientSession() as session:
        for token in (old, "new"):
            me = f"{loopback_discord.api_base}/users/@me"
            async with session.get(me, headers={"Authorization": f"Bot {token}"}) as answer:
                statuses.append(answer.status)
    assert statuses == [401, 200]


async def test_whoever_shares_no_server_with_the_bot_takes_no_direct_message(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, ada: Member
) -> None:
    direct = await bot.create_dm(discord.Object(ada.id))
    await direct.send("hello")
    ada.leave()
    with pytest.raises(discord.Forbidden) as refusal:
        await direct.send("hello?")
    assert refusal.value.code == 50278


async def test_a_deleted_server_takes_its_channels_along(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    place = await bot.channel(channel.id)
    ada.guild.delete()
    with pytest.raises(discord.NotFound) as refusal:
        await place.send("anybody?")
    assert refusal.value.code == 10003


async def test_one_of_discords_own_refusals_is_given_where_a_test_wants_it(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    library_on_loopback.refuse("POST", "/channels/*/messages", Refusal.TOO_LARGE)
    with pytest.raises(discord.HTTPException) as refusal:
        await place.send("long")
    assert (refusal.value.status, refusal.value.code) == (413, 40005)


async def identified(server: LoopbackDiscord, **identity: object) -> tuple[list[str], int | None]:
    """What a bare client is told after IDENTIFY until it was told everything, or the close code."""
    wanted = {"token": server.token, "intents": int(Intent.GUILDS), "properties": {}} | identity
    async with aiohttp.ClientSession() as session, session.ws_connect(server.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": wanted})
        await socket.send_json({"op": 1, "d": None})
        told = []
        while (message := await socket.receive()).type is aiohttp.WSMsgType.TEXT:
            payload = message.json()
            if payload["op"] == 11:
                break
            told.append(payload["t"] if payload["t"] == "READY" else payload["d"]["name"])
        return told, socket.close_code


async def test_each_shard_is_told_of_its_own_guilds(loopback_discord: LoopbackDiscord) -> None:
    for number in range(4):
        loopback_discord.create_guild(str(number))
    told = [(await identified(loopback_discord, shard=[number, 2]))[0] for number in range(2)]
    assert sorted(told[0] + told[1]) == ["0", "1", "2", "3", "READY", "READY"]
    assert [len(item) for item in told] == [3, 3]


async def test_payloads_are_compressed_one_by_one_where_identify_asks_for_it(
    loopback_discord: LoopbackDiscord,
) -> None:
    identity = {"token": loopback_discord.token, "intents": 0, "properties": {}, "compress": True}
    async with aiohttp.ClientSession() as session, session.ws_connect(loopback_discord.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": identity})
        ready = json.loads(zlib.decompress(await socket.receive_bytes()))
    assert ready["d"]["resume_gateway_url"] == loopback_discord.gateway_url


@pytest.mark.parametrize(
    ("identity", "code"), [({"token": "another"}, 4004), ({"intents": int(Intent.MESSAGE_CONTENT)}, 4014)]
)
async def test_wrong_tokens_and_privileged_intents_are_turned_away(
    loopback_discord: LoopbackDiscord, identity: dict[str, object], code: int
) -> None:
    assert await identified(loopback_discord, **identity) == ([], code)


async def test_a_stopped_server_comes_back_at_its_address_with_its_memory(
    loopback_discord: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    loopback_discord.say(ada, channel, "still here")
    before = loopback_discord.base_url
    await loopback_discord.stop()
    with pytest.raises(OSError):
        await identified(loopback_discord)
    await loopback_discord.start()
    assert loopback_discord.base_url == before
    assert await identified(loopback_discord) == (["READY", "Film club"], None)
    assert [item.content for item in channel.messages] == ["still here"]
