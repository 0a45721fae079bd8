"""A member who left, or takes no direct messages; a video too large for where it should go."""

from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.loopback_discord import Refusal, StoredMessage
from tests.troubles.club import OPENING, PRICE, Club


async def resend(club: Club, job: Job) -> StoredMessage:
    """The answer to `/jobs resend`, given in another channel of the server."""
    elsewhere = club.guild.create_channel("elsewhere")
    asked = await club.discord.slash(club.member, elsewhere, "jobs resend", job=job.id)
    return await asked.response(10)


async def test_the_video_of_a_member_who_left_is_posted_and_calls_nobody(at_work: Club) -> None:
    job = await at_work.a_render()
    at_work.member.leave()
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.DELIVERED
    [video] = at_work.videos()
    assert at_work.member.mention in video.text
    assert video.pinged == []
    assert at_work.direct() == []
    assert await at_work.balance() == OPENING - PRICE
    assert at_work.errors() == []


async def test_a_member_who_left_cannot_be_sent_a_video_and_pays_nothing(at_work: Club) -> None:
    job = await at_work.a_render()
    at_work.member.leave()
    at_work.channel.delete()
    at_work.renders_finish()

    assert (await at_work.closes(job)).state is JobState.UNDELIVERABLE
    assert at_work.direct() == []
    assert (at_work.folder / "videos" / f"{job.id}.mp4").exists()
    assert await at_work.free()
    assert at_work.errors() == []


async def test_with_direct_messages_closed_the_video_can_be_fetched_later(at_work: Club) -> None:
    job = await at_work.a_render()
    at_work.member.user.dms_open = False
    at_work.channel.delete()
    at_work.renders_finish()
    job = await at_work.closes(job)
    assert at_work.direct() == []

    answer = await resend(at_work, job)

    assert answer.ephemeral
    assert answer.attachments[0].filename.endswith(".mp4")
    assert await at_work.free()
    assert at_work.errors() == []


async def test_an_upload_that_discord_finds_too_large_goes_to_the_member_directly(at_work: Club) -> None:
    """The boosts promise more than the server really takes: only the upload itself shows it."""
    job = await at_work.a_render()
    at_work.guild.upload_limit = 500
    at_work.renders_finish()

    job = await at_work.closes(job)
    assert (job.state, job.failure) == (JobState.UNDELIVERABLE, Failure.UPLOAD_TOO_LARGE)
    assert 413 in [call.status for call in at_work.discord.requests_to("POST", "/channels/*/messages")]
    [message] = at_work.direct()
    assert message.attachments[0].filename.endswith(".mp4")
    [card] = at_work.channel.messages
    assert "could not be posted here" in card.text
    assert await at_work.free()
    assert at_work.errors() == []


async def test_a_video_too_large_for_a_direct_message_as_well_is_told_of_and_kept(at_work: Club) -> None:
    job = await at_work.a_render()
    at_work.guild.upload_limit = 500
    place = f"/channels/{at_work.discord.dm(at_work.member).id}/messages"
    at_work.discord.refuse("POST", place, Refusal.TOO_LARGE)
    at_work.renders_finish()

    job = await at_work.closes(job)
    [message] = at_work.direct()
    assert message.attachments == []
    assert "ended without a posted video. It was free." in message.text

    await resend(at_work, job)
    assert [len(message.attachments) for message in at_work.direct()] == [0, 1]
    assert await at_work.free()
    assert at_work.errors() == []
