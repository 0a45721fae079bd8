"""Starting, stopping, and starting again."""

from pathlib import Path

from bot.rehearsal.runcomfy import StandIn
from tests.live.conftest import Start
from tests.live.process import BotProcess
from tests.live.test_whole_way import picture, videos_in
from tests.loopback_discord import Channel, LoopbackDiscord, Member


async def ask(discord: LoopbackDiscord, member: Member, channel: Channel) -> None:
    asked = await discord.slash(member, channel, "seedance-1-5-pro", prompt="A kite.", image=picture())
    await asked.response()


async def test_sigterm_ends_it_and_the_next_start_finishes_its_jobs(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, channel: Channel, member: Member
) -> None:
    bot = await start()
    await ask(loopback_discord, member, channel)
    await loopback_discord.wait_for(lambda: len(runcomfy.submits) == 1, timeout=20)
    assert await bot.terminate() == 0
    assert "Traceback" not in bot.printed
    await loopback_discord.wait_until_disconnected()
    await start()
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    await loopback_discord.wait_for(lambda: "in the reply below" in channel.messages[0].text, timeout=10)
    assert len(runcomfy.submits) == 1


async def test_a_killed_process_is_not_noticed_from_outside(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, channel: Channel, member: Member
) -> None:
    bot = await start()
    await ask(loopback_discord, member, channel)
    await loopback_discord.wait_for(lambda: len(runcomfy.submits) == 1, timeout=20)
    await loopback_discord.wait_for(lambda: runcomfy.calls["status"] >= 1, timeout=20)
    await bot.kill()
    await loopback_discord.wait_until_disconnected()
    await start()
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    assert len(runcomfy.submits) == 1
    assert len([message for message in channel.messages if not message.reference]) == 1


async def test_commands_are_registered_once(
    start: Start, loopback_discord: LoopbackDiscord, member: Member
) -> None:
    for _ in range(2):
        bot = await start()
        assert await bot.terminate() == 0
        await loopback_discord.wait_until_disconnected()
    assert len(loopback_discord.requests_to("PUT", "/applications/*/commands")) == 1
    names = {command["name"] for command in loopback_discord.registered_commands()}
    assert {"seedance-2-pro", "seedance-1-5-pro", "seedance-1-0-pro", "seedance-1-0-lite"} <= names


async def test_a_second_process_on_the_same_store_is_refused(start: Start) -> None:
    await start()
    second = await start(connected=False)
    assert await second.ended() == 2
    assert "Another Showreel works on this store already" in second.printed


async def test_a_store_that_is_damaged_is_said_in_words_and_left_alone(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "data/showreel.db"
    path.parent.mkdir()
    path.write_bytes(b"some other file" * 1000)
    bot = await start(connected=False)

    assert await bot.ended() == 2
    assert "The store cannot be used:" in bot.printed
    assert "Traceback" not in bot.printed
    assert path.read_bytes() == b"some other file" * 1000


async def test_a_refused_token_is_said_in_words(start: Start) -> None:
    bot = await start(connected=False, DISCORD_TOKEN="not-the-token")
    assert await bot.ended() == 2
    assert "DISCORD_TOKEN is not accepted by Discord" in bot.printed
    assert "not-the-token" not in bot.printed
    assert "Traceback" not in bot.printed


async def test_wrong_settings_are_told_at_once_without_a_secret(tmp_path: Path) -> None:
    secret = "a-secret-nobody-may-see"
    settings = {
        "DISCORD_TOKEN": secret,
        "RUNCOMFY_API_BASE": f"http://{secret}.example/v1",
        "JOB_TIMEOUT_S": secret,
        "MAX_ACTIVE_REQUESTS": "0",
    }
    bot = await BotProcess.start(settings, tmp_path)
    assert await bot.ended() == 2
    for name in ("DISCORD_GUILD_IDS", "RUNCOMFY_API_TOKEN", "RUNCOMFY_API_BASE", "JOB_TIMEOUT_S"):
        assert name in bot.printed
    assert "MAX_ACTIVE_REQUESTS" in bot.printed
    assert secret not in bot.printed
    assert "Traceback" not in bot.printed
