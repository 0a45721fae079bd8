"""What cannot go ahead is told to the member alone, all of it at once, and leaves no trace."""

from pathlib import Path

import pytest
from simcord.builders import ChannelHandle

from bot.errors import StoreUnavailable
from tests.stories.community import Community, File, closed_store
from tests.stories.media import canvas, clip, picture, sound
from tests.stories.quick_stage import quick_stage

NOTHING_SPENT = "That request cannot go ahead yet. Nothing was spent."


@pytest.mark.parametrize(
    ("image", "complaints"),
    [
        pytest.param(
            picture(200, 120),
            [
                "**image** must be wider than 300 px; it is 200 px wide.",
                "taller than 300 px; it is 120 px tall.",
            ],
            id="too small",
        ),
        pytest.param(
            canvas(6000, 2500),
            ["**image** must be narrower than 6,000 px; it is 6,000 px wide."],
            id="too large",
        ),
        pytest.param(
            canvas(1200, 400),
            ["**image**: width divided by height must be under 2.5; it is 3."],
            id="too wide",
        ),
        pytest.param(
            canvas(320, 1000),
            ["**image**: width divided by height must be over 0.4; it is 0.32."],
            id="too narrow",
        ),
        pytest.param(
            ("portrait.png", b"dear diary, this is not a picture"),
            ["**image** could not be read. The file may be damaged, or not what its name says."],
            id="not a picture",
        ),
        pytest.param(
            ("portrait.png", clip(size=320)[1]),
            ["**image** must be jpeg, png, webp, bmp, tiff, gif; this file is mp4."],
            id="a video by another name",
        ),
        pytest.param(("portrait.png", b""), ["**image** could not be read."], id="empty"),
    ],
)
async def test_a_picture_the_model_does_not_take(club: Community, image: File, complaints: list[str]) -> None:
    answer = await club.ask("seedance-1-0-pro", prompt="A lighthouse wakes up", image=image)

    assert answer.ephemeral
    assert answer.text.startswith(f"{NOTHING_SPENT}\n- ")
    for complaint in complaints:
        assert complaint in answer.text
    assert len(answer.text.splitlines()) == 1 + len(complaints)
    assert await club.nothing_happened(balance=100)
    assert not any(club.stage.data_dir.glob("inputs/*"))


async def test_clips_and_sounds_of_the_wrong_length(club: Community) -> None:
    answer = await club.ask(
        "seedance-2-pro",
        prompt="The sea answers the song",
        video1=clip(1.0),
        audio1=sound(20, "mp3"),
        audio2=sound(1, "wav"),
        audio3=("song.mp3", picture()[1]),
    )

    head, *complaints = answer.text.splitlines()
    assert head == NOTHING_SPENT
    assert complaints[0] == "- **video1** must last at least 2 s; it lasts 1 s."
    assert complaints[1].startswith("- **audio1** must last at most 15 s; it lasts 20")
    assert complaints[2] == "- **audio2** must last at least 2 s; it lasts 1 s."
    assert complaints[3] == "- **audio3** must be wav, mp3; this file is png."
    assert len(complaints) == 4
    assert await club.nothing_happened(balance=100)


async def test_what_discord_s_own_words_refuse_is_not_even_fetched(club: Community) -> None:
    club.sizes_are_told()

    answer = await club.ask(
        prompt="  \u200b ", image1=picture(200, 120), image2=picture(), image3=canvas(1200, 400)
    )

    assert answer.ephemeral
    assert answer.text.splitlines() == [
        NOTHING_SPENT,
        "- **prompt** is empty. Describe what should happen in the video.",
        "- **image1** must be wider than 300 px; it is 200 px wide.",
        "- **image1** must be taller than 300 px; it is 120 px tall.",
        "- **image3**: width divided by height must be under 2.5; it is 3.",
    ]
    assert [path for path in club.stage.files.asked if "400x400" not in path] == []
    assert await club.nothing_happened()


async def test_a_file_that_discord_no_longer_has(club: Community) -> None:
    club.env.backend.cdn.get = lambda _address: None  # type: ignore[method-assign,assignment]  # as when a link has run out

    answer = await club.ask(prompt="A lighthouse wakes up", image1=picture())

    assert answer.text.splitlines()[1:] == [
        "- **image1** could not be fetched from Discord. Attach it again."
    ]
    assert await club.nothing_happened(balance=100)


async def test_the_bot_may_not_post_in_the_channel(club: Community) -> None:
    club.forbid_the_bot("send_messages", "attach_files", "read_message_history")

    answer = await club.ask(prompt="A lighthouse wakes up", image1=picture())

    assert answer.ephemeral
    assert "I may not post here: Send Messages, Attach Files, Read Message History missing." in answer.text
    assert club.stage.files.asked == []
    assert await club.nothing_happened()


async def test_a_thread_has_a_permission_of_its_own(club: Community) -> None:
    made = club.env.backend.create_thread(club.channel.id, "takes", club.member.id, broadcast=False)
    thread = ChannelHandle(club.env, club.guild, made)
    club.forbid_the_bot("send_messages", "send_messages_in_threads")

    answer = await club.ask(prompt="A lighthouse wakes up", image1=picture(), channel=thread)

    assert "I may not post here: Send Messages in Threads missing." in answer.text
    assert await club.nothing_happened()


async def test_too_few_credits(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, starting_credits=4) as stage:
        club = Community(stage)

        answer = await club.ask(prompt="A lighthouse wakes up", image1=picture())

        assert answer.ephemeral
        assert answer.text.startswith("That video costs 5 credits, and you have 4.")
        assert stage.files.asked == []
        assert await club.nothing_happened(balance=4)
        shorter = await club.ask(prompt="A lighthouse wakes up", image1=picture(), duration=4)
        assert "4 credits are set aside" in shorter.text
        assert "0 left" in shorter.text


async def test_a_server_that_the_operator_does_not_serve(club: Community) -> None:
    club.stage.showreel.bot.guild_ids = frozenset({club.guild.id + 1})

    for answer in (
        await club.ask(prompt="A lighthouse wakes up", image1=picture()),
        await club.ask("credits balance"),
    ):
        assert answer.ephemeral
        assert answer.text.startswith("I am not set up for this server.")
    assert await club.nothing_happened(balance=0)


@pytest.mark.parametrize("known", [False, True], ids=["a newcomer", "an old hand"])
async def test_while_the_books_are_closed_nothing_is_accepted(club: Community, known: bool) -> None:  # noqa: FBT001 - a case
    if known:
        await club.ask("credits balance")

    async with closed_store(club.stage.showreel.database):
        for answer in (
            await club.ask(prompt="A lighthouse wakes up", image1=picture()),
            await club.ask("credits balance"),
        ):
            assert answer.ephemeral
            assert "My books are closed for a moment" in answer.text

    assert club.forgiven(StoreUnavailable) == 2
    assert await club.nothing_happened(balance=100 if known else 0)
    again = await club.ask(prompt="A lighthouse wakes up", image1=picture())
    assert "Your request is in." in again.text


async def test_a_long_prompt_is_warned_about_and_goes_ahead(club: Community) -> None:
    answer = await club.ask(prompt="wave " * 101, image1=picture())

    assert answer.ephemeral
    lines = answer.text.splitlines()
    assert lines[0].startswith("Your request is in. 5 credits are set aside")
    assert lines[1].startswith("A video like this is usually ready after about ")
    assert "**prompt** is longer than recommended (500 characters; it has 505 characters)" in lines[2]
    await club.everything_ends()
    assert len(club.posts()) == 1
