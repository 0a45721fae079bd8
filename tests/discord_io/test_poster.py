"""Posting, and finding what was posted: after a crash nothing is posted twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.database import Database
from bot.errors import ChannelUnavailable, DiscordUnavailable, UploadTooLarge
from bot.jobs.failures import Failure
from bot.jobs.job import InputFile, Job
from bot.jobs.states import JobState
from tests.discord_io.hall import Hall, open_hall
from tests.support.clock import Clock

TEN_MIB = 10 * 1024 * 1024


def file_of(folder: Path, name: str, size: int = 100) -> Path:
    """A file of so many bytes, which takes up no room."""
    path = folder / name
    with path.open("wb") as file:
        file.truncate(size)
    return path


def with_inputs(job: Job, *names: str) -> Job:
    """The job, not carded yet, with these pictures (`image1.png`)."""
    inputs = [
        InputFile(name.removesuffix(".png"), name, "image", "https://cdn.example/x", 100) for name in names
    ]
    return replace(job, inputs=tuple(inputs), card_message_id=None)


def messages(hall: Hall) -> list[int]:
    return [message.id for message in hall.channel.history()]


async def test_a_card_posted_before_a_crash_is_found_and_not_posted_again(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with open_hall(database, clock) as hall:
        job = with_inputs(await hall.a_job(), "image1.png", "image2.png")
        files = {"image1": file_of(tmp_path, "one")}
        claimed_first = replace(job, id="0123456789", fence=1)
        posted = await hall.poster.post_card(claimed_first, files)
        other = await hall.poster.post_card(replace(job, id="zzzzzzzzzz"), {})
        count = len(messages(hall))

        found = await hall.poster.post_card(replace(claimed_first, fence=2), files)

        assert found == posted
        assert found.attached == {"image1"}
        assert found.message_id != other.message_id
        assert len(messages(hall)) == count


async def test_a_card_that_was_never_posted_is_posted_by_the_second_claim(
    database: Database, clock: Clock
) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()
        lost = replace(job, id="0123456789", fence=5, card_message_id=None)

        posted = await hall.poster.post_card(lost, {})

        assert messages(hall) == [job.card_message_id, posted.message_id]


async def test_a_card_carries_ten_files_and_none_over_the_servers_limit(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with open_hall(database, clock) as hall:
        names = [f"image{n}" for n in range(1, 13)]
        job = with_inputs(await hall.a_job(), *(f"{name}.png" for name in names))
        files = {name: file_of(tmp_path, name) for name in names}
        files["image2"] = file_of(tmp_path, "large", TEN_MIB + 1)

        posted = await hall.poster.post_card(replace(job, id="0123456789"), files)

        assert posted.attached == set(names[:1] + names[2:11])
        assert len(hall.channel.history()[-1].attachments) == 10


async def test_links_to_the_inputs_are_those_of_the_card(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with open_hall(database, clock) as hall:
        job = with_inputs(await hall.a_job(), "image1.png", "image2.png")
        posted = await hall.poster.post_card(job, {"image1": file_of(tmp_path, "one")})
        first, second = job.inputs
        job = replace(job, card_message_id=posted.message_id, inputs=(replace(first, attached=True), second))

        links = await hall.poster.input_links(job)

        [attachment] = hall.channel.history()[-1].attachments
        assert links == {"image1": attachment.url}

        hall.env.backend.delete_message(job.channel_id, posted.message_id)
        assert await hall.poster.input_links(job) == {}

        hall.env.backend.delete_channel(job.channel_id)
        with pytest.raises(ChannelUnavailable):
            await hall.poster.input_links(job)


async def test_a_posted_video_is_found_by_its_job(database: Database, clock: Clock, tmp_path: Path) -> None:
    async with open_hall(database, clock) as hall:
        job, other = await hall.a_job(), await hall.a_job()
        assert await hall.poster.find_video(job) is None
        video = file_of(tmp_path, "video")
        await hall.poster.post_video(other, video)
        message_id = await hall.poster.post_video(job, video)

        assert await hall.poster.find_video(job) == message_id
        assert await hall.poster.find_video(replace(job, posting_since=clock())) == message_id
        assert hall.channel.history()[-1].reference is not None


async def test_a_posted_video_is_found_whatever_our_own_clock_said(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    """Looked for by a clock that ran ahead, it would not be found and be posted once more."""
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()
        message_id = await hall.poster.post_video(job, file_of(tmp_path, "video"))
        an_hour_ahead = replace(job, posting_since=clock() + 3_600_000)

        assert await hall.poster.find_video(an_hour_ahead) == message_id


async def test_the_search_ends_where_the_job_began(database: Database, clock: Clock) -> None:
    """A channel may have a million messages from before."""
    async with open_hall(database, clock) as hall:
        for number in range(150):
            await hall.member.send(hall.channel, f"chatter {number}")
        job = replace(await hall.a_job(), interaction_id=messages(hall)[-1])
        pages = [entry for entry in hall.env.http_requests if entry.path.endswith("/messages")]

        assert await hall.poster.find_video(job) is None

        after = [entry for entry in hall.env.http_requests if entry.path.endswith("/messages")]
        assert len(after) - len(pages) == 1


async def test_a_file_that_only_bears_the_name_is_not_the_video(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()
        await hall.member.send(hall.channel, "mine", attachments=[(f"{job.model}-{job.id}.mp4", b"x")])

        assert await hall.poster.find_video(job) is None


async def test_a_video_over_the_servers_limit_is_not_even_tried(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()

        with pytest.raises(UploadTooLarge):
            await hall.poster.post_video(job, file_of(tmp_path, "video", TEN_MIB + 1))

        assert messages(hall) == [job.card_message_id]


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (413, 0, UploadTooLarge),
        (400, 40005, UploadTooLarge),
        (429, 0, DiscordUnavailable),
        (401, 0, DiscordUnavailable),
        (403, 50013, ChannelUnavailable),
        (404, 10003, ChannelUnavailable),
    ],
)
async def test_what_discord_refuses_is_told_apart_by_what_can_be_done(
    database: Database, clock: Clock, tmp_path: Path, status: int, code: int, error: type[Exception]
) -> None:
    async with open_hall(database, clock) as hall:
        job = await hall.a_job()
        hall.env.inject_error("POST", "/channels/*/messages", status=status, code=code)

        with pytest.raises(error):
            await hall.poster.post_video(job, file_of(tmp_path, "video"))


async def test_who_cannot_be_sent_a_kept_video_is_told_how_to_get_it_and_until_when(
    database: Database, clock: Clock
) -> None:
    async with open_hall(database, clock) as hall:
        kept = replace(await hall.a_job(), state=JobState.UNDELIVERABLE, ended_at=clock())

        await hall.poster.send_directly(kept, None)

        [message] = hall.member.user.dm_channel.history()
        until = clock() // 1000 + 7 * 24 * 3600
        assert message.content.splitlines()[1:] == [
            f"`/jobs resend` gets it for whoever asked, up to its deletion: <t:{until}:R>."
        ]


async def test_a_direct_message_without_a_video_says_why(database: Database, clock: Clock) -> None:
    async with open_hall(database, clock) as hall:
        job = replace(await hall.a_job(), state=JobState.FAILED, failure=Failure.CANNOT_POST)

        await hall.poster.send_directly(job, None)

        [message] = hall.member.user.dm_channel.history()
        assert message.content.splitlines() == [
            f"Your request in <#{hall.channel.id}> ended without a posted video. It was free.",
            "I was not allowed to post in the channel.",
        ]
        assert message.attachments == []
