"""Tokens, passwords, and where RunComfy keeps its files: in nothing that a whole run writes or sends."""

import asyncio
import base64
import json
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.rehearsal.runcomfy import Fault, StandIn
from tests.live.conftest import Start
from tests.live.process import BotProcess, settings_for
from tests.live.test_whole_way import picture, videos_in
from tests.loopback_discord import Channel, Interaction, LoopbackDiscord, Member

PASSWORD = "pass-word-of-the-store"


def forms_of(secret: str) -> list[bytes]:
    """A secret as it is, in an address, in a header for user and password."""
    return [secret.encode(), quote(secret, safe="").encode(), base64.b64encode(secret.encode()).rstrip(b"=")]


def sent_to(discord: LoopbackDiscord) -> bytes:
    """Every body that Discord received, and every name, question and text around it; files apart."""
    return b"\n".join(
        f"{call.method} {call.path} {call.query} {json.dumps(call.json, ensure_ascii=False)}".encode()
        + b"".join(file.filename.encode() + file.data for file in call.files.values())
        for call in discord.requests
    )


def everything_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def has_failures(channel: Channel, number: int) -> bool:
    return sum("No video this time" in message.text for message in channel.messages) == number


async def ask(discord: LoopbackDiscord, member: Member, channel: Channel) -> Interaction:
    asked = await discord.slash(member, channel, "seedance-1-5-pro", prompt="A kite.", image=picture())
    await asked.response()
    return asked


async def test_a_whole_run_writes_and_sends_no_secret(
    start: Start,
    loopback_discord: LoopbackDiscord,
    runcomfy: StandIn,
    channel: Channel,
    member: Member,
    tmp_path: Path,
) -> None:
    files = f"{runcomfy.output_host}:{runcomfy.output_port}"
    runcomfy.faults.quoted = (
        f"for token {runcomfy.token}, see http://{files}/outputs/a.mp4?k={runcomfy.token}"
    )
    bot = await start(LOG_LEVEL="DEBUG")

    # One ends well although RunComfy stumbles, one fails there, one is refused, one gets no file.
    runcomfy.faults.add(Fault.READ_500_CODE)
    await ask(loopback_discord, member, channel)
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    for number, fault in enumerate((Fault.FAILS_WITH_TEXT, Fault.INPUT_REFUSED), start=1):
        runcomfy.faults.add(fault)
        await ask(loopback_discord, member, channel)
        await loopback_discord.wait_for(partial(has_failures, channel, number), timeout=30)
    runcomfy.faults.add(Fault.OUTPUT_REDIRECTED)
    await ask(loopback_discord, member, channel)
    await loopback_discord.wait_for(lambda: runcomfy.faults.hits[Fault.OUTPUT_REDIRECTED], timeout=30)
    for command in ("jobs list", "credits history", "credits balance"):
        await (await loopback_discord.slash(member, channel, command)).response()
    assert await bot.terminate() == 0

    written = await asyncio.to_thread(everything_in, tmp_path)
    assert {"log.txt", "showreel.db"} <= {path.name for path in written}
    # The log tells of what RunComfy said, so there was something to take out.
    assert "[token]" in bot.printed
    sent = sent_to(loopback_discord)
    for secret in (runcomfy.token, loopback_discord.token):
        for form in forms_of(secret):
            assert form not in sent
            assert [path for path, content in written.items() if form in content] == []
    for place in (files, str(runcomfy.api_base), "/outputs/"):
        assert place.encode() not in sent


@pytest.mark.parametrize("command", ["run", "ledger audit"])
async def test_the_password_of_a_store_is_not_told(
    command: str, loopback_discord: LoopbackDiscord, runcomfy: StandIn, tmp_path: Path
) -> None:
    address = f"mysql+aiomysql://showreel:{PASSWORD}@127.0.0.1:1/showreel"
    settings = settings_for(loopback_discord, runcomfy, DATABASE_URL=address, LOG_LEVEL="DEBUG")

    bot = await BotProcess.start(settings, tmp_path, *command.split())

    assert await bot.ended() != 0
    assert "DATABASE_URL" in bot.printed
    for form in forms_of(PASSWORD):
        assert form.decode() not in bot.printed
