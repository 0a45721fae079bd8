"""The stand-in really fetches a payload's media and judges it, as RunComfy does."""

import io
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web
from PIL import Image
from pydantic import JsonValue

from bot.rehearsal.runcomfy import StandIn
from bot.runcomfy import Phase, RequestResult, RunComfyClient

from .conftest import FRAME_MODEL, MODEL, Clock

ROTATED_BY_90 = 6


def png(width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, "png")
    return file.getvalue()


def lying_jpeg(width: int, height: int) -> bytes:
    """A picture stored lying on its side and shown upright."""
    exif = Image.Exif()
    exif[0x0112] = ROTATED_BY_90
    file = io.BytesIO()
    Image.new("L", (width, height)).save(file, "jpeg", exif=exif)
    return file.getvalue()


FILES = {
    "good.png": png(640, 480),
    "edge.png": png(300, 400),
    "wide.png": png(1000, 400),
    "upright.jpg": lying_jpeg(1200, 400),
    "words.png": b"this is no picture",
    "empty.png": b"",
}


@pytest.fixture
async def address() -> AsyncIterator[Callable[[str], str]]:
    """A file host on loopback; gives the address of a file by its name."""

    async def serve(request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        name = request.match_info["name"]
        return web.Response(body=FILES[name]) if name in FILES else web.Response(status=404)

    app = web.Application()
    app.router.add_get("/{name}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    yield lambda name: f"http://127.0.0.1:{port}/{name}"
    await runner.cleanup()


async def rendered(client: RunComfyClient, clock: Clock, model_id: str, **media: JsonValue) -> RequestResult:
    request_id = await client.submit(model_id, {"prompt": "x", "duration": 1, **media})
    clock.now += 1000
    return await client.result(request_id)


@pytest.mark.parametrize("name", ["good.png", "upright.jpg"])
async def test_a_picture_within_the_rules_is_rendered(
    client: RunComfyClient, clock: Clock, address: Callable[[str], str], name: str
) -> None:
    result = await rendered(client, clock, FRAME_MODEL, first_frame_image_url=address(name))
    assert (result.phase, result.error) == (Phase.FINISHED, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("edge.png", "small"),
        ("wide.png", "wide"),
        ("words.png", "not an image"),
        ("empty.png", "empty file"),
        ("missing.png", "HTTP 404"),
    ],
)
async def test_a_picture_that_breaks_a_rule_fails_the_request_with_the_rules_words(
    *,
    client: RunComfyClient,
    stand_in: StandIn,
    clock: Clock,
    address: Callable[[str], str],
    name: str,
    reason: str,
) -> None:
    result = await rendered(client, clock, FRAME_MODEL, first_frame_image_url=address(name))
    assert result.phase is Phase.FAILED
    assert result.error is not None
    assert result.error.startswith("first_frame_image_url: ")
    assert reason in result.error
    assert stand_in.balance_usd == 100


async def test_a_picture_over_the_size_cap_fails_the_request(
    client: RunComfyClient, clock: Clock, address: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(FILES, "heavy.png", png(640, 480) + bytes(30_000_000))
    result = await rendered(client, clock, FRAME_MODEL, first_frame_image_url=address("heavy.png"))
    assert result.error == "first_frame_image_url: heavy"


async def test_every_picture_of_a_list_is_fetched(
    client: RunComfyClient, clock: Clock, address: Callable[[str], str]
) -> None:
    images: list[JsonValue] = [address("good.png"), address("edge.png")]
    assert (await rendered(client, clock, MODEL, images=images)).phase is Phase.FINISHED
    broken = await rendered(client, clock, MODEL, images=[*images, address("missing.png")])
    assert broken.error == "images.2: could not be fetched, HTTP 404"


async def test_a_host_that_is_not_there_fails_the_request(client: RunComfyClient, clock: Clock) -> None:
    result = await rendered(client, clock, FRAME_MODEL, first_frame_image_url="http://127.0.0.1:9/x.png")
    assert (
        result.error
        == f"first_frame_image_url: could not be fetched, {aiohttp.ClientConnectorError.__name__}"
    )


async def test_an_address_in_the_prompt_is_no_picture(client: RunComfyClient, clock: Clock) -> None:
    request_id = await client.submit(MODEL, {"prompt": "http://127.0.0.1:9/x.png", "duration": 1})
    clock.now += 1000
    assert (await client.result(request_id)).phase is Phase.FINISHED


async def test_inputs_are_fetched_when_the_render_starts_and_not_before(
    client: RunComfyClient, clock: Clock, address: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await client.submit(
        FRAME_MODEL, {"prompt": "x", "first_frame_image_url": address("late.png")}
    )
    assert (await client.status(request_id)).phase is Phase.QUEUED
    monkeypatch.setitem(FILES, "late.png", png(640, 480))
    clock.now += 1000
    assert (await client.result(request_id)).phase is Phase.FINISHED
