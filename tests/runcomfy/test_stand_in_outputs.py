"""The stand-in's file host: real videos, no tokens, and every way in which a download goes wrong."""

import asyncio
import io

import aiohttp
import av
import pytest

from bot.rehearsal.runcomfy import Fault, StandIn
from bot.rehearsal.runcomfy.outputs import FOREIGN_ADDRESS, PRIVATE_ADDRESS
from bot.runcomfy import RunComfyClient

from .conftest import MODEL, TOKEN, Clock


async def finished(client: RunComfyClient, clock: Clock) -> str:
    """Return the address of a finished video."""
    request_id = await client.submit(MODEL, {"prompt": "x", "duration": 1, "generate_audio": False})
    clock.now += 1000
    return (await client.result(request_id)).video_urls[0]


async def test_a_finished_video_is_a_real_one_of_the_length_and_size_asked_for(
    client: RunComfyClient, clock: Clock, session: aiohttp.ClientSession
) -> None:
    async with session.get(await finished(client, clock)) as response:
        assert response.content_type == "video/mp4"
        content = await response.read()
    with av.open(io.BytesIO(content), "r") as video:
        stream = video.streams.video[0]
        assert (stream.width, stream.height) == (86, 48)
        assert video.duration == pytest.approx(av.time_base, rel=0.1)
        assert not video.streams.audio


async def test_the_same_video_comes_every_time(
    client: RunComfyClient, clock: Clock, session: aiohttp.ClientSession
) -> None:
    url = await finished(client, clock)
    contents = []
    for _ in range(2):
        async with session.get(url) as response:
            contents.append(await response.read())
    assert contents[0] == contents[1]


async def test_a_token_sent_to_the_file_host_is_refused_and_written_down(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, session: aiohttp.ClientSession
) -> None:
    url = await finished(client, clock)
    assert stand_in.leaks == []
    async with session.get(url, headers={"Authorization": f"Bearer {TOKEN}"}) as response:
        assert response.status == 400
    assert [url.endswith(path) for path in stand_in.leaks] == [True]


async def test_there_is_no_file_before_the_end(
    client: RunComfyClient, stand_in: StandIn, session: aiohttp.ClientSession
) -> None:
    request_id = await client.submit(MODEL, {"prompt": "x"})
    address = stand_in.origin / "outputs/account-5150" / request_id / "video-1.mp4"
    async with session.get(address) as response:
        assert response.status == 404


async def test_a_dead_link_and_a_page_instead_of_a_video(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, session: aiohttp.ClientSession
) -> None:
    found = []
    for fault in (Fault.OUTPUT_DEAD, Fault.OUTPUT_UNAVAILABLE, Fault.OUTPUT_NOT_A_VIDEO):
        stand_in.faults.add(fault)
        async with session.get(await finished(client, clock)) as response:
            found.append((response.status, b"<html>" in await response.read()))
    assert found == [(404, False), (503, True), (200, True)]


@pytest.mark.parametrize(
    ("fault", "address"),
    [
        (Fault.OUTPUT_REDIRECTED, FOREIGN_ADDRESS),
        (Fault.OUTPUT_REDIRECTED_PRIVATE, PRIVATE_ADDRESS),
    ],
)
async def test_a_redirect_leads_to_a_foreign_host_or_into_the_own_network(
    *,
    client: RunComfyClient,
    stand_in: StandIn,
    clock: Clock,
    session: aiohttp.ClientSession,
    fault: Fault,
    address: str,
) -> None:
    stand_in.faults.add(fault)
    async with session.get(await finished(client, clock), allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, address)


async def test_a_file_can_fall_silent_half_way(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, session: aiohttp.ClientSession
) -> None:
    stand_in.faults.add(Fault.OUTPUT_SILENT)
    async with session.get(await finished(client, clock)) as response:
        half = (response.content_length or 0) // 2
        assert len(await response.content.readexactly(half)) == half
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await response.content.read(1)


@pytest.mark.parametrize(
    ("fault", "declared"), [(Fault.OUTPUT_ENDLESS, None), (Fault.OUTPUT_TOO_LARGE, 4 * 1024**3)]
)
async def test_a_file_without_end_goes_on_until_the_client_leaves(
    *,
    client: RunComfyClient,
    stand_in: StandIn,
    clock: Clock,
    session: aiohttp.ClientSession,
    fault: Fault,
    declared: int | None,
) -> None:
    stand_in.faults.add(fault)
    async with session.get(await finished(client, clock)) as response:
        assert response.content_length == declared
        assert len(await response.content.readexactly(4 * 1024 * 1024)) == 4 * 1024 * 1024


async def test_a_slow_file_comes_whole_in_small_pieces(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, session: aiohttp.ClientSession
) -> None:
    stand_in.faults.slow_pause_s = 0.0
    stand_in.faults.add(Fault.OUTPUT_SLOW)
    async with session.get(await finished(client, clock)) as response:
        pieces = [piece async for piece in response.content.iter_any()]
        assert sum(map(len, pieces)) == response.content_length


async def test_a_file_can_break_off_in_the_middle(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, session: aiohttp.ClientSession
) -> None:
    stand_in.faults.add(Fault.OUTPUT_CUT)
    async with session.get(await finished(client, clock)) as response:
        with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientOSError)):
            await response.read()


async def test_the_same_seed_and_calls_give_the_same_ids(clock: Clock) -> None:
    histories = []
    for _ in range(2):
        async with StandIn(schemas={MODEL: {}}, token=TOKEN, clock=clock, seed=7) as stand_in:
            client_session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"})
            async with client_session as session:
                for _ in range(2):
                    async with session.post(stand_in.api_base / "models" / MODEL, json={}) as response:
                        assert response.status == 200
            histories.append([submit.request_id for submit in stand_in.submits])
    assert histories[0] == histories[1]
    assert len(set(histories[0])) == 2


def test_every_fault_says_what_it_does(request: pytest.FixtureRequest) -> None:
    source = (request.config.rootpath / "bot/rehearsal/runcomfy/faults.py").read_text()
    members = source.split('"""One way to misbehave."""')[1].split("class Faults")[0]
    lines = [
        line.strip() for line in members.splitlines() if line.strip() and not line.strip().startswith("#")
    ]
    assert len(lines) == 2 * len(Fault)
    assert all(line.startswith('"""') and line.endswith('."""') for line in lines[1::2])
