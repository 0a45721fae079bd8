"""Each model once, with what it takes: from the command to the video in the channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from bot.jobs.states import JobState
from bot.rehearsal.screen import buttons_of, lines_of
from tests.stories.community import Community, Message
from tests.stories.media import clip, picture, sound, streams_of


@dataclass(frozen=True)
class Wish:
    """A request, and all that follows from it."""

    command: str
    title: str
    options: Mapping[str, Any]
    payload: Mapping[str, Any]
    media: Mapping[str, int]
    settings: str
    price: int
    seconds: int
    soundtracks: int


LITE = Wish(
    command="seedance-1-0-lite",
    title="Seedance 1.0 Lite",
    options={"image1": picture(400, 400), "image2": picture(600, 400)},
    payload={
        "text": "Gulls over the bay",
        "resolution": "480p",
        "ratio": "16:9",
        "duration": 5,
        "seed": 53154020,
    },
    media={"images": 2},
    settings="480p · 5 s · 16:9",
    price=5,
    seconds=5,
    soundtracks=0,
)
PRO_1_0 = Wish(
    command="seedance-1-0-pro",
    title="Seedance 1.0 Pro",
    options={"image": picture(400, 400), "duration": 3},
    payload={"prompt": "Gulls over the bay", "resolution": "480p", "ratio": "adaptive", "duration": 3},
    media={"first_frame_image_url": 1},
    settings="480p · 3 s · adaptive",
    price=4,
    seconds=3,
    soundtracks=0,
)
PRO_1_5 = Wish(
    command="seedance-1-5-pro",
    title="Seedance 1.5 Pro",
    options={"image": picture(400, 400)},
    payload={
        "prompt": "Gulls over the bay",
        "resolution": "480p",
        "ratio": "adaptive",
        "duration": 5,
        "generate_audio": True,
        "camera_fixed": True,
    },
    media={"first_frame_image_url": 1},
    settings="480p · 5 s · adaptive · sound",
    price=8,
    seconds=5,
    soundtracks=1,
)
PRO_2 = Wish(
    command="seedance-2-pro",
    title="Seedance 2.0 Pro",
    options={
        "image1": picture(400, 400),
        "image2": picture(600, 400),
        "video1": clip(),
        "audio1": sound(),
        "sound": False,
        "duration": 4,
    },
    payload={
        "prompt": "Gulls over the bay",
        "aspect_ratio": "adaptive",
        "duration": 4,
        "resolution": "720p",
        "generate_audio": False,
        "tools": False,
    },
    media={"images": 2, "videos": 1, "audios": 1},
    settings="720p · 4 s · adaptive · no sound",
    price=15,
    seconds=4,
    soundtracks=0,
)


@pytest.mark.parametrize("wish", [LITE, PRO_1_0, PRO_1_5, PRO_2], ids=lambda wish: wish.command)
async def test_a_request_becomes_a_video(club: Community, wish: Wish) -> None:
    answer = await club.ask(wish.command, prompt="Gulls over the bay", **wish.options)

    assert answer.ephemeral
    assert f"{wish.price} credits are set aside" in answer.text
    assert f"{100 - wish.price} left" in answer.text
    job = await club.job()
    await club.everything_ends()

    _expect_the_card_tells_the_story(club, await club.card_of(job), wish)
    _expect_the_video_is_for_the_requester_alone(club, wish)
    _expect_runcomfy_was_told_everything(club, wish)
    assert (await club.job()).state is JobState.DELIVERED
    assert (await club.balance(), await club.spent()) == (100 - wish.price, wish.price)
    assert await club.books_balance()


def _expect_the_card_tells_the_story(club: Community, card: Message, wish: Wish) -> None:
    looks = club.shown[int(card["id"])]
    first, last = lines_of(looks[0]), lines_of(looks[-1])
    heading = [f"{wish.title} for {club.member.mention}", "Gulls over the bay", wish.settings]
    assert first[:4] == [*heading, "Waits here for a free place."]
    assert f"{wish.price} credits set aside" in first[-1]
    assert buttons_of(looks[0]) == ["Cancel"]
    assert last[:4] == [*heading, "Done. The video is in the reply below."]
    assert f"{wish.price} credits spent" in last[-1]
    assert buttons_of(looks[-1]) == []
    files = sum(isinstance(value, tuple) for value in wish.options.values())
    assert [len(look["attachments"]) for look in looks] == [files] * len(looks)
    assert club.pinged(card) == (set(), set(), False)


def _expect_the_video_is_for_the_requester_alone(club: Community, wish: Wish) -> None:
    card, post = club.public()
    assert post["message_reference"]["message_id"] == card["id"]
    assert post["content"] == f"{club.member.mention} **{wish.title}**\n> Gulls over the bay"
    assert [user["id"] for user in post["mentions"]] == [str(club.member.id)]
    assert club.pinged(post) == ({club.member.id}, set(), False)
    card_body, post_body = club.requests_to("POST", f"/channels/{club.channel.id}/messages")
    assert card_body["allowed_mentions"] == {"parse": []}
    assert post_body["allowed_mentions"] == {"parse": [], "users": [club.member.id]}
    seconds, pictures, soundtracks = streams_of(club.file_of(post))
    assert seconds == pytest.approx(wish.seconds, abs=0.3)
    assert pictures >= wish.seconds
    assert soundtracks == wish.soundtracks


def _expect_runcomfy_was_told_everything(club: Community, wish: Wish) -> None:
    [submit] = club.stage.runcomfy.submits
    links = {name: submit.payload[name] for name in wish.media}
    assert {**submit.payload} == {**wish.payload, **links}
    for name, count in wish.media.items():
        found = [links[name]] if isinstance(links[name], str) else links[name]
        assert len(found) == count
        assert all(link.startswith(club.stage.files.base) for link in found)
    assert club.stage.runcomfy.leaks == []
