"""The loopback Discord against an unmodified discord.py: what the other tests rely on."""

import asyncio
import io

import aiohttp
import discord
import pytest
from PIL import Image

from tests.loopback_discord import (
    MIB,
    ActorError,
    CallbackType,
    Channel,
    Guild,
    LoopbackDiscord,
    Member,
    Permission,
    Upload,
)
from tests.loopback_discord.fixtures import library_on_loopback, loopback_discord
from tests.loopback_discord.sample_bot import Card, SampleBot, file_of, running
from tests.loopback_discord.sample_fixtures import ada, bot, channel, guild

__all__ = ["ada", "bot", "channel", "guild", "library_on_loopback", "loopback_discord"]

VIDEO = bytes(range(256)) * 400


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


async def fetch(url: str, **headers: str) -> tuple[int, bytes]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.read()


# --- commands and interactions ------------------------------------------------------------------------


async def test_a_slash_command_with_an_attachment_is_deferred_filled_in_and_followed_up(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    image = png(64, 48)
    upload = Upload("a still.png", image, "image/png", width=64, height=48)
    asked = await library_on_loopback.slash(ada, channel, "render", prompt="a harbour", image=upload)
    assert await asked.acknowledged() is CallbackType.DEFERRED_MESSAGE
    response = await asked.response()
    expected = f"a harbour: a_still.png image/png 64x48 {len(image)} bytes, 5 s, large"
    assert response.content == expected
    assert response.edits == []
    assert response.ephemeral
    await library_on_loopback.wait_for(lambda: asked.followups)
    assert [item.content for item in channel.messages] == ["rendering"]
    assert [item.content for item in channel.seen_by(ada)] == [expected, "rendering"]
    assert asked.acknowledged_after_s is not None
    assert library_on_loopback.violations == []


async def test_commands_are_registered_as_the_library_syncs_them(
    bot: SampleBot, library_on_loopback: LoopbackDiscord
) -> None:
    registered = {item["name"]: item for item in library_on_loopback.registered_commands()}
    assert registered.keys() == {"render", "ping", "form", "Report it"}
    before = registered["render"]["id"]
    synced = await bot.tree.sync()
    assert {str(item.id) for item in synced} == {item["id"] for item in registered.values()}
    fetched = await bot.tree.fetch_command(int(before))
    assert [item.name for item in fetched.options] == ["prompt", "image", "seconds", "size"]


@pytest.mark.parametrize(
    ("options", "subject"),
    [
        ({"prompt": "x"}, "image"),
        ({"prompt": "x" * 101, "image": Upload("a.png", b"")}, "prompt"),
        ({"prompt": "x", "image": Upload("a.png", b""), "seconds": 13}, "seconds"),
        ({"prompt": "x", "image": Upload("a.png", b""), "seconds": True}, "seconds"),
        ({"prompt": "x", "image": Upload("a.png", b""), "size": "tiny"}, "size"),
        ({"prompt": "x", "image": "a.png"}, "image"),
        ({"prompt": "x", "picture": Upload("a.png", b"")}, "picture"),
    ],
)
async def test_a_member_cannot_send_what_the_registered_command_does_not_take(
    library_on_loopback: LoopbackDiscord,
    channel: Channel,
    ada: Member,
    options: dict[str, str | int | Upload],
    subject: str,
) -> None:
    await register(library_on_loopback)
    with pytest.raises(ActorError) as refused:
        await library_on_loopback.slash(ada, channel, "render", **options)
    assert refused.value.subject == subject


async def register(server: LoopbackDiscord) -> None:
    """Log the bot in, which registers its commands, without connecting it."""
    async with SampleBot() as bot:
        await bot.login(server.token)


async def test_a_command_is_shown_to_those_with_its_default_permissions(
    library_on_loopback: LoopbackDiscord, guild: Guild, channel: Channel, ada: Member
) -> None:
    await register(library_on_loopback)
    with pytest.raises(ActorError):
        await library_on_loopback.slash(ada, channel, "form")
    moderator = guild.add_member("grace", permissions=Permission.MANAGE_MESSAGES)
    assert (await library_on_loopback.slash(moderator, channel, "form")).user.name == "grace"
    library_on_loopback.shown_commands.opened.add("form")
    assert (await library_on_loopback.slash(ada, channel, "form")).user.name == "ada"


async def test_autocompletion_brings_the_bots_choices(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    typing = await library_on_loopback.autocomplete(ada, channel, "render", "prompt", prompt="a harbour")
    assert [item["value"] for item in await typing.choices()] == ["a harbour at night"]


async def test_a_modal_is_filled_in_with_text_and_an_upload(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, guild: Guild, channel: Channel
) -> None:
    grace = guild.add_member("grace", permissions=Permission.MANAGE_MESSAGES)
    opened = await library_on_loopback.slash(grace, channel, "form")
    assert (await opened.modal())["title"] == "Edit and run"
    with pytest.raises(ActorError):
        await library_on_loopback.submit_modal(grace, opened, {"Prompt": "x" * 51})
    sent = await library_on_loopback.submit_modal(grace, opened, {"Picture": Upload("b.png", b"12345")})
    assert (await sent.response()).content == "a harbour with [5]"
    assert library_on_loopback.violations == []


async def test_a_message_is_reported_from_its_menu_and_the_answer_changes_itself(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    buy = library_on_loopback.say(ada, channel, "buy this")
    reported = await library_on_loopback.use_menu(ada, channel, "Report it", buy)
    question = await reported.response()
    assert (question.content, question.ephemeral, reported.followups) == ("why?", True, [])
    with pytest.raises(ActorError):
        await library_on_loopback.select(ada, question, "Rudeness", label="Reason")
    chosen = await library_on_loopback.select(ada, question, "Spam", label="Reason")
    assert await chosen.acknowledged() is CallbackType.UPDATE_MESSAGE
    assert (question.content, question.buttons) == ("buy this is spam", [])
    assert [item.content for item in question.edits] == ["why?"]


async def test_what_others_write_is_told_without_its_content(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    heard = asyncio.create_task(bot.wait_for("message"))
    await asyncio.sleep(0)
    library_on_loopback.say(ada, channel, "a secret")
    message = await heard
    assert (message.author.name, message.content) == ("ada", "")


async def test_an_interaction_is_acknowledged_once_and_in_time(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    server = library_on_loopback
    asked = await server.slash(ada, channel, "ping")
    await asked.response()
    callback = f"{server.api_base}/interactions/{asked.id}/{asked.token}/callback"
    webhook = f"{server.api_base}/webhooks/{server.application_id}/{asked.token}"
    async with aiohttp.ClientSession() as session:
        async with session.post(callback, json={"type": 5}) as response:
            assert (await response.json())["code"] == 40060
        asked.expire()
        async with session.post(callback, json={"type": 5}) as response:
            assert (await response.json())["code"] == 10062
        async with session.post(webhook, json={"content": "late"}) as response:
            assert (response.status, (await response.json())["code"]) == (401, 50027)
    server.interactions.acknowledge_within_s = 0
    late = await server.slash(ada, channel, "ping")
    await server.wait_for(lambda: server.requests[-1].status == 404)
    assert late.callback is None


# --- messages -----------------------------------------------------------------------------------------


async def test_a_file_arrives_byte_for_byte_and_is_served_again(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    sent = await place.send("done", file=file_of(VIDEO, "out.mp4"))
    (message,) = channel.messages
    assert message.attachments[0].data == VIDEO
    assert (sent.attachments[0].content_type, sent.attachments[0].size) == ("video/mp4", len(VIDEO))
    assert await sent.attachments[0].read() == VIDEO
    assert await fetch(sent.attachments[0].url, Range="bytes=10-19") == (206, VIDEO[10:20])
    library_on_loopback.world.cdn.expire_links()
    assert (await fetch(sent.attachments[0].url))[0] == 404
    again = await place.fetch_message(sent.id)
    assert (await fetch(again.attachments[0].url))[1] == VIDEO


async def test_an_edit_keeps_the_attachments_it_lists_and_adds_new_ones(
    bot: SampleBot, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    sent = await place.send("two", files=[file_of(b"1", "one.txt"), file_of(b"2", "two.txt")])
    await sent.edit(content="changed", attachments=[sent.attachments[1], file_of(b"3", "three.txt")])
    (message,) = channel.messages
    assert [(item.filename, item.data) for item in message.attachments] == [
        ("two.txt", b"2"),
        ("three.txt", b"3"),
    ]
    assert [item.content for item in message.edits] == ["two"]


async def test_a_layout_shows_its_attachment_and_its_button_survives_a_restart(
    library_on_loopback: LoopbackDiscord, channel: Channel, ada: Member
) -> None:
    async with running(library_on_loopback.token) as first:
        place = await first.channel(channel.id)
        await place.send(view=Card("Your video", "out.mp4"), file=file_of(VIDEO, "out.mp4"))
    (message,) = channel.messages
    assert message.has_layout
    assert message.text == "Your video"
    assert message.media_urls == [message.attachments[0].url]
    assert await fetch(message.media_urls[0]) == (200, VIDEO)
    async with running(library_on_loopback.token):
        clicked = await library_on_loopback.click(ada, message, label="Again")
        assert (await clicked.response()).content == "job 7 again"
    assert library_on_loopback.violations == []


async def test_the_same_nonce_makes_one_message(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    first = await place.send("once", nonce="job-1")
    second = await place.send("once", nonce="job-1")
    assert first.id == second.id
    assert [item.nonce for item in channel.messages] == ["job-1"]
    library_on_loopback.forget_nonces()
    assert (await place.send("once", nonce="job-1")).id != first.id


async def test_a_lost_answer_leaves_the_message_that_the_retry_finds(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    library_on_loopback.cut("POST", "/channels/*/messages", after_effect=True)
    with pytest.raises(aiohttp.ClientError):
        await place.send("once", nonce="job-2")
    assert len(channel.messages) == 1
    assert (await place.send("once", nonce="job-2")).id == channel.messages[0].id


async def test_a_file_over_the_servers_limit_is_refused(bot: SampleBot, channel: Channel) -> None:
    place = await bot.channel(channel.id)
    with pytest.raises(discord.HTTPException) as refused:
        await place.send(file=file_of(bytes(MIB + 1), "large.mp4"))
    assert (refused.value.status, refused.value.code) == (413, 40005)
    assert channel.messages == []


async def test_only_allowed_mentions_ping(
    bot: SampleBot, guild: Guild, channel: Channel, ada: Member
) -> None:
    grace = guild.add_member("grace")
    guild.bot_permissions(guild.everyone.permissions | Permission.MENTION_EVERYONE)
    place = await bot.channel(channel.id)
    text = f"{ada.mention} {grace.mention} @everyone `{ada.mention}`"
    await place.send(
        text, allowed_mentions=discord.AllowedMentions(everyone=False, users=[discord.Object(ada.id)])
    )
    await place.send(text)
    careful, careless = channel.messages
    assert ([item.name for item in careful.pinged], careful.mention_everyone) == (["ada"], False)
    assert ([item.name for item in careless.pinged], careless.mention_everyone) == (["ada", "grace"], True)


async def test_a_reply_refers_to_its_message_and_history_pages_backwards(
    bot: SampleBot, channel: Channel
) -> None:
    place = await bot.channel(channel.id)
    first = await place.send("one")
    await first.reply("two")
    await place.send("three")
    one, two, _ = channel.messages
    assert two.reference is one
    before_last = [
        item.content async for item in place.history(limit=2, before=discord.Object(channel.messages[2].id))
    ]
    assert before_last == ["two", "one"]
    await first.delete()
    assert [item.content for item in channel.messages] == ["two", "three"]


async def test_only_the_member_it_is_for_sees_and_uses_an_ephemeral_message(
    bot: SampleBot, library_on_loopback: LoopbackDiscord, guild: Guild, channel: Channel, ada: Member
) -> None:
    place = await bot.channel(channel.id)
    await place.send(view=Card("Your video", "out.mp4"), file=file_of(VIDEO, "out.mp4"))
    clicked = await library_on_loopback.click(ada, channel.messages[0], custom_id="again:7")
    private = await clicked.response()
    grace = guild.add_member("grace")
    assert private in channel.seen_by(ada)
    assert private not in channel.seen_by(grace)
    assert private not in channel.messages
    with pytest.raises(discord.NotFound):
        await place.fetch_message(private.id)


async def test_missing_permissions_and_closed_direct_messages_are_told_apart(
    bot: SampleBot, guild: Guild, channel: Channel, ada: Member
) -> None:
    place = await bot.channel(channel.id)
    codes = []
    channel.deny(guild.me, Permission.SEND_MESSAGES)
    ada.user.dms_open = False
    user = await bot.fetch_user(ada.id)
    for send in (place.send, user.send):
        with pytest.raises(discord.Forbidden) as refused:
            await send("hello")
        codes.append(refused.value.code)
    channel.deny(guild.me, Permission.VIEW_CHANNEL)
    with pytest.raises(discord.Forbidden) as refused:
        await place.send("hello")
    codes.append(refused.value.code)
    channel.delete()
    with pytest.raises(discord.NotFound) as gone:
        await place.send("hello")
    assert [*codes, gone.value.code] == [50013, 50007, 50001, 10003]
