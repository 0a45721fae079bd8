"""Buttons of videos that somebody made up: of another server, of another channel, of none at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from tests.stories.community import Community, Message
from tests.stories.media import picture
from tests.stories.posted import a_video, aside, newest_job, post_of, press_made_up, read
from tests.stories.quick_stage import quick_stage

MODERATOR = discord.Permissions(manage_messages=True)
GONE = "That video is not here any more."
VERBS = ("again", "edit", "delete", "delete-now", "report")


@pytest.fixture
async def two_servers(tmp_path: Path) -> AsyncIterator[tuple[Community, Community]]:
    async with quick_stage(tmp_path) as stage:
        yield Community(stage), Community(stage, name="Chess club")
        assert stage.unexpected_errors() == []


async def refusals(club: Community, job_id: str, post: Message, **where: object) -> list[list[str]]:
    told = []
    for verb in VERBS:
        result = await press_made_up(club, f"job:{verb}:{job_id}", post, **where)  # type: ignore[arg-type]  # who and where
        assert result.modal is None
        told.append(aside(result) or read(result))
    return told


async def test_a_video_of_another_server_is_out_of_reach(two_servers: tuple[Community, Community]) -> None:
    club, elsewhere = two_servers
    job, _ = await a_video(club)
    _, own_post = await a_video(elsewhere)
    stranger = elsewhere.add_member("mo", can=MODERATOR)

    told = await refusals(elsewhere, job.id, own_post, who=stranger, channel=elsewhere.channel)

    assert told == [[GONE]] * len(VERBS)
    assert len(await club.stage.jobs()) == 2
    assert (await club.job(job.id)).taken_down_at is None


async def test_a_video_of_another_channel_is_out_of_reach(club: Community) -> None:
    job, _ = await a_video(club)
    lounge = club.guild.create_text_channel("lounge")
    await club.ask(prompt="Gulls", image1=picture(), channel=lounge)
    await club.everything_ends()
    other = await newest_job(club)

    told = await refusals(club, job.id, post_of(club, other), channel=lounge)

    assert told == [[GONE]] * len(VERBS)


async def test_an_id_that_never_was_finds_nothing(club: Community) -> None:
    _, post = await a_video(club)

    assert await refusals(club, "0123456789", post) == [[GONE]] * len(VERBS)
