"""Gateways and workers as separate processes on one PostgreSQL, over real sockets."""

import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from bot.rehearsal.runcomfy import StandIn
from tests.live.process import BotProcess, settings_for
from tests.live.test_whole_way import picture, videos_in
from tests.loopback_discord import Channel, LoopbackDiscord, Member

#: Seconds after which a silent worker's jobs are taken over.
LEASE_S = 2

Begin = Callable[..., Awaitable[BotProcess]]


@pytest_asyncio.fixture
async def begin(
    loopback_discord: LoopbackDiscord, runcomfy: StandIn, postgres_url: str, tmp_path: Path
) -> AsyncIterator[Begin]:
    """Start a process with a role; what is left of them at the end is killed."""
    started: list[BotProcess] = []

    async def begin_one(*role: str) -> BotProcess:
        settings = settings_for(loopback_discord, runcomfy, DATABASE_URL=postgres_url, LEASE_S=str(LEASE_S))
        process = await BotProcess.start(settings, tmp_path, "run", "--role", *role)
        started.append(process)
        return process

    yield begin_one
    for process in started:
        await process.kill()


async def ask(discord: LoopbackDiscord, member: Member, channel: Channel) -> None:
    asked = await discord.slash(member, channel, "seedance-1-5-pro", prompt="A kite.", image=picture())
    assert "set aside" in (await asked.response(20)).text


async def test_gateways_take_requests_of_their_shards_and_a_worker_delivers_all(
    begin: Begin, loopback_discord: LoopbackDiscord, runcomfy: StandIn
) -> None:
    discord = loopback_discord
    rooms = []
    for name in ("Film club", "Music club"):  # made in a row, they are on shards in turn
        guild = discord.create_guild(name)
        rooms.append((guild.create_channel("studio"), guild.add_member("member")))
    processes = [
        await begin("gateway", "--shards", "0/2"),
        await begin("gateway", "--shards", "1/2"),
        await begin("worker"),
    ]
    await discord.wait_until_ready(60, shards=2)

    for channel, member in rooms:
        await ask(discord, member, channel)
    await discord.wait_for(lambda: all(len(videos_in(channel)) == 1 for channel, _ in rooms), timeout=60)

    assert len(runcomfy.submits) == 2
    for process in processes:
        assert await process.terminate() == 0
    assert "Traceback" not in processes[0].printed
    assert len(discord.requests_to("PUT", "/applications/*/commands")) == 1


@pytest.mark.parametrize("way", ["asked to stop", "killed", "paused"])
async def test_the_jobs_of_a_worker_that_is_gone_are_taken_over(
    way: str,
    begin: Begin,
    loopback_discord: LoopbackDiscord,
    runcomfy: StandIn,
    channel: Channel,
    member: Member,
) -> None:
    discord = loopback_discord
    await begin("gateway")
    first = await begin("worker")
    await discord.wait_until_ready(60)
    with discord.hold("POST", "/channels/*/messages") as posting:
        await ask(discord, member, channel)
        await posting.reached(30)  # the card: now the job is in the first worker's hands
    await discord.wait_for(lambda: len(runcomfy.submits) == 1, timeout=30)
    if way == "asked to stop":
        assert await first.terminate() == 0
    elif way == "killed":
        await first.kill()
    else:
        first.send(signal.SIGSTOP)

    await begin("worker")
    await discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=60)
    if way == "paused":
        first.send(signal.SIGCONT)
        assert await first.terminate() == 0

    await discord.wait_for(lambda: "in the reply below" in channel.messages[0].text, timeout=30)
    assert len(runcomfy.submits) == 1
    assert len(videos_in(channel)) == 1
    assert len([message for message in channel.messages if not message.reference]) == 1


@pytest.mark.parametrize("role", ["gateway", "worker"])
async def test_a_part_of_the_work_needs_a_store_that_can_be_shared(
    role: str, loopback_discord: LoopbackDiscord, runcomfy: StandIn, tmp_path: Path
) -> None:
    settings = settings_for(loopback_discord, runcomfy)
    process = await BotProcess.start(settings, tmp_path, "run", "--role", role)

    assert await process.ended() == 2
    assert f"DATABASE_URL must name a PostgreSQL database for --role {role}" in process.printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--role", "worker", "--shards", "0/2"), "A worker has no connection"),
        (("--shards", "2/2"), "There is no such range among 2 shards"),
        (("--shards", "some"), "Shards are written like"),
    ],
)
async def test_shards_that_make_no_sense_are_refused_in_words(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    process = await BotProcess.start({"COLUMNS": "200"}, tmp_path, "run", *arguments)

    assert await process.ended() == 2
    assert words in " ".join(process.printed.split())


async def test_a_password_of_the_store_is_nowhere_to_be_read(
    loopback_discord: LoopbackDiscord, runcomfy: StandIn, tmp_path: Path
) -> None:
    secret = "correct-horse-battery"
    url = f"postgresql+asyncpg://showreel:{secret}@127.0.0.1:1/showreel"
    settings = settings_for(loopback_discord, runcomfy, DATABASE_URL=url, LOG_LEVEL="DEBUG")
    process = await BotProcess.start(settings, tmp_path)

    assert await process.ended() == 2
    assert "The store cannot be used" in process.printed
    assert not any(secret.encode() in content for content in written_in(tmp_path))


def written_in(folder: Path) -> list[bytes]:
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    assert found
    return found
