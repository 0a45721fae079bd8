"""A slash command becomes a video in the channel: real process, real sockets, every model."""

import io
from typing import cast

import av
import pytest

from bot.catalog import Catalogue
from bot.catalog.schema_check import schema_problems
from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound
from bot.rehearsal.runcomfy import StandIn
from tests.live.conftest import Start
from tests.loopback_discord import Channel, LoopbackDiscord, Member, StoredMessage, Upload


def picture(width: int = 640, height: int = 480) -> Upload:
    data = draw_picture(width=width, height=height)
    return Upload("holiday.png", data, "image/png", width=width, height=height)


REQUESTS: dict[str, dict[str, str | int | bool | Upload]] = {
    "seedance-1-5-pro": {"prompt": "The tide comes in.", "image": picture()},
    "seedance-1-0-pro": {"prompt": "Mist lifts.", "image": picture(), "duration": 2},
    "seedance-1-0-lite": {"prompt": "Two hills dance.", "image1": picture(), "image2": picture(480, 640)},
    "seedance-2-pro": {
        "prompt": "The sea answers.",
        "image1": picture(),
        "video1": Upload(
            "clip.mov", draw_clip(seconds=2, width=640, height=360, format="mov"), "video/quicktime"
        ),
        "audio1": Upload("song.mp3", draw_sound(seconds=2, format="mp3"), "audio/mpeg"),
        "duration": 4,
        "sound": False,
    },
}


def videos_in(channel: Channel) -> list[StoredMessage]:
    return [
        message
        for message in channel.messages
        if any(item.filename.endswith(".mp4") and message.reference for item in message.attachments)
    ]


@pytest.mark.parametrize("command", sorted(REQUESTS))
async def test_a_command_becomes_a_video_in_the_channel(
    command: str,
    start: Start,
    loopback_discord: LoopbackDiscord,
    runcomfy: StandIn,
    channel: Channel,
    member: Member,
    catalogue: Catalogue,
) -> None:
    bot = await start()
    asked = await loopback_discord.slash(member, channel, command, **REQUESTS[command])
    assert "set aside" in (await asked.response()).text
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    card, video = channel.messages
    await loopback_discord.wait_for(lambda: "The video is in the reply below" in card.text, timeout=10)
    assert video.reference is card
    assert video.pinged == [member.user]
    with av.open(io.BytesIO(video.attachments[0].data)) as film:
        assert film.streams.video
        assert bool(film.streams.audio) == bool(runcomfy.submits[0].payload.get("generate_audio", False))
    model = catalogue[command]
    payload = runcomfy.submits[0].payload
    assert schema_problems(model.input_schema, dict(payload)) == []
    properties = cast("dict[str, dict[str, object]]", model.input_schema["properties"])
    stated = {name for name, schema in properties.items() if schema.get("default") is not None}
    assert stated - {"images", "first_frame_image_url", "prompt", "text"} <= payload.keys()
    assert len(runcomfy.submits) == 1
    assert await bot.terminate() == 0


async def test_a_job_outlives_its_interaction(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, channel: Channel, member: Member
) -> None:
    await start()
    asked = await loopback_discord.slash(member, channel, "seedance-1-0-pro", **REQUESTS["seedance-1-0-pro"])
    await asked.response()
    asked.expire()
    await loopback_discord.wait_for(lambda: len(videos_in(channel)) == 1, timeout=30)
    inputs = runcomfy.submits[0].payload["first_frame_image_url"]
    card = channel.messages[0]
    assert inputs == card.attachments[0].url


async def test_a_refused_request_costs_nothing_and_reaches_nobody(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, channel: Channel, member: Member
) -> None:
    await start()
    lie = Upload("photo.png", b"not a picture at all", "image/png", width=640, height=480)
    asked = await loopback_discord.slash(member, channel, "seedance-1-5-pro", prompt=" ", image=lie)
    answer = await asked.response()
    assert answer.ephemeral
    assert "**prompt** is empty" in answer.text
    assert "**image** could not be read" in answer.text
    assert channel.messages == []
    balance = await loopback_discord.slash(member, channel, "credits balance")
    assert "100 credits" in (await balance.response()).text
    assert runcomfy.submits == []
