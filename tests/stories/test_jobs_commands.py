"""One's own requests: finding them, looking closely, calling one off, getting a video that was kept."""

from dataclasses import replace
from pathlib import Path

import discord

from bot.clock import now_ms
from bot.errors import StoreUnavailable
from bot.jobs.housekeeping import Housekeeper
from bot.jobs.keeping import Keeping
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import buttons_of, lines_of
from bot.rehearsal.stage import Pace
from tests.stories.community import Community, closed_store
from tests.stories.media import picture, streams_of
from tests.stories.posted import a_video, newest_job, press, press_answer, read, seen
from tests.stories.quick_stage import NEVER_STARTS, quick_stage

SLOW_RENDER = Pace(queue_s=0.0, render_s=0.7, look_s=0.1, card_pace_s=0.05)
UNKNOWN = ["You have no request with that number here. Pick one from the list."]


async def run(club: Community, command: str, **options: object) -> list[str]:
    """Run a command that only the one who typed it sees the answer of."""
    result = await club.member.slash(club.channel, f"jobs {command}", **options)
    assert result.ephemeral
    return read(result)


async def offered(club: Community, command: str, typed: str = "", **who: object) -> list[str]:
    member = who.get("who", club.member)
    choices = await member.autocomplete(club.channel, f"jobs {command}", "job", typed)  # type: ignore[attr-defined]  # a member
    return [choice["value"] for choice in choices]


# --- list ---------------------------------------------------------------------------------------------


async def test_somebody_new_has_no_requests(club: Community) -> None:
    assert await run(club, "list") == ["You have asked for nothing in this server yet."]


async def test_the_list_has_ones_own_requests_in_this_server_newest_first(club: Community) -> None:
    tomas, elsewhere = club.add_member("tomas"), Community(club.stage, name="Chess club")
    first, _ = await a_video(club, duration=3)
    await a_video(club, who=tomas)
    await elsewhere.ask(prompt="Rooks", image1=picture(), who=elsewhere.guild.add_member(club.member.user))
    await club.everything_ends()
    club.stage.runcomfy.faults.add(Fault.FAILS_WITH_OBJECT)
    await club.ask(prompt="A portrait", image1=picture())
    await club.everything_ends()
    second = next(job for job in reversed(await club.stage.jobs()) if job.guild_id == club.guild.id)

    lines = await run(club, "list")

    at = f"https://discord.com/channels/{club.guild.id}/{club.channel.id}"
    assert [line.split(" ")[0].strip("`") for line in lines] == [second.id, first.id]
    assert "· failed · 5 credits ·" in lines[0]
    assert lines[0].endswith(f"[See its card]({at}/{second.card_message_id})")
    assert "· delivered · 3 credits ·" in lines[1]
    assert lines[1].endswith(f"[See the video]({at}/{first.result_message_id})")


async def test_long_lists_have_pages(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS) as stage:
        club = Community(stage)
        for number in range(12):
            await club.ask(prompt=f"Gull {number}", image1=picture())
            job = (await stage.jobs())[-1]
            await club.member.slash(club.channel, "jobs cancel", job=job.id)

        page = await club.member.slash(club.channel, "jobs list")
        assert (len(read(page)), buttons_of(seen(page))) == (10, ["Older"])
        await stage.restart()
        await press_answer(club, page, "Older")

        assert (len(read(page)), buttons_of(seen(page))) == (2, ["Newer"])


# --- show ---------------------------------------------------------------------------------------------


async def test_a_delivered_request_is_told_from_beginning_to_end(club: Community) -> None:
    job, _ = await a_video(club, "Gulls *over* the bay", seed=7)

    lines = await run(club, "show", job=job.id)

    assert lines[0].endswith(f"`{job.id}`")
    assert lines[1] == "Gulls *over* the bay"
    assert "480p" in lines[2]
    assert "seed 7" in lines[2]
    told = [line.partition("> ")[2] for line in lines[3:-2]]
    assert told == [
        "waits for a place",
        "on its way",
        "waits at RunComfy",
        "rendering",
        "rendered",
        "delivered",
    ]
    assert lines[-2] == "You paid 5 credits."
    assert lines[-1].startswith("[See the video](https://discord.com/channels/")


async def test_a_failed_request_says_why_and_that_it_cost_nothing(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.SENSITIVE_CONTENT)
    await club.ask(prompt="A portrait", image1=picture())
    await club.everything_ends()

    lines = await run(club, "show", job=(await club.job()).id)

    assert lines[-3] == "You paid nothing."
    assert lines[-2].partition(" content filter ")[2].startswith("stopped it.")


async def test_a_refund_is_told(club: Community) -> None:
    job, _ = await a_video(club)
    await club.stage.showreel.bot.services.moderators.take_down(
        club.guild.id, job.id, by=1, refund=True, reason="A mistake"
    )

    lines = await run(club, "show", job=job.id)

    assert lines[-3:-1] == ["You paid 5, and all of it was refunded.", "The video was taken down."]
    assert "[See its card]" in lines[-1]


async def test_what_belongs_to_others_is_not_shown_cancelled_or_sent(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS) as stage:
        club = Community(stage)
        tomas, mo = club.add_member("tomas"), club.add_member("mo", can=discord.Permissions.all())
        await club.ask(prompt="Gulls", image1=picture(), who=tomas)
        job = await club.job()
        elsewhere = Community(stage, name="Chess club")
        same_person = elsewhere.guild.add_member(tomas.user)

        for command in ("show", "cancel", "resend"):
            assert await run(club, command, job=job.id) == UNKNOWN
            assert await run(club, command, job="0123456789") == UNKNOWN
            assert read(await mo.slash(club.channel, f"jobs {command}", job=job.id)) == UNKNOWN
            there = await same_person.slash(elsewhere.channel, f"jobs {command}", job=job.id)
            assert read(there) == UNKNOWN
            assert await offered(club, command) == []
        assert (await club.job()).cancel_requested_at is None


# --- autocomplete -------------------------------------------------------------------------------------


async def test_requests_are_offered_by_number_and_by_prompt(club: Community) -> None:
    gulls, _ = await a_video(club, "Gulls over the bay")
    lamp, _ = await a_video(club, "A lamp nobody needs " + "at all " * 40)

    choices = await club.member.autocomplete(club.channel, "jobs show", "job", "")

    assert [choice["value"] for choice in choices] == [lamp.id, gulls.id]
    assert choices[1]["name"] == f"{gulls.id} · delivered · Gulls over the bay"
    assert len(choices[0]["name"]) <= 100
    assert await offered(club, "show", "GULLS") == [gulls.id]
    assert await offered(club, "show", lamp.id[:6]) == [lamp.id]
    assert await offered(club, "cancel") == []


async def test_with_the_books_closed_nothing_is_offered_and_nothing_breaks(club: Community) -> None:
    job, _ = await a_video(club)

    async with closed_store(club.stage.showreel.database):
        assert await offered(club, "show") == []
        assert (await run(club, "show", job=job.id))[0].startswith("My books are closed")

    assert club.forgiven(StoreUnavailable) == 1


# --- cancel -------------------------------------------------------------------------------------------


async def test_an_open_request_is_offered_and_cancelled(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS) as stage:
        club = Community(stage)
        await club.ask(prompt="Gulls", image1=picture())
        job = await club.job()
        assert await offered(club, "cancel") == [job.id]
        assert await run(club, "resend", job=job.id) == ["It is not ready yet. Its card says how far it is."]

        assert await run(club, "cancel", job=job.id) == ["Cancelled. It cost nothing."]
        await club.everything_ends()

        assert (await club.job()).state is JobState.CANCELLED
        assert await run(club, "cancel", job=job.id) == ["It had already ended."]
        assert await run(club, "resend", job=job.id) == ["There is no video of it here."]
        assert (await club.balance(), await club.books_balance()) == (100, True)


# --- resend -------------------------------------------------------------------------------------------


async def test_a_posted_video_is_pointed_to(club: Community) -> None:
    job, post = await a_video(club)

    at = f"https://discord.com/channels/{club.guild.id}/{club.channel.id}/{job.result_message_id}"
    assert await run(club, "resend", job=job.id) == [f"It was posted: {at}"]

    question = await press(club, post, "Delete")
    await press_answer(club, question, "Delete it for everybody")
    assert await run(club, "resend", job=job.id) == ["There is no video of it here."]


async def kept_video(club: Community) -> None:
    """A video that could neither be posted nor sent directly."""
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.card_says(await newest_job(club), "Rendering")
    club.forbid_the_bot("send_messages")
    close_direct_messages(club, times=1)
    await club.everything_ends()
    assert (await newest_job(club)).state is JobState.UNDELIVERABLE
    assert club.direct_messages() == []


def close_direct_messages(club: Community, *, times: int, status: int = 403, code: int = 50007) -> None:
    direct = club.member.user.dm_channel.id
    club.env.inject_error("POST", f"/channels/{direct}/messages", status=status, code=code, times=times)


async def test_a_kept_video_is_sent_directly_once_that_is_possible(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await kept_video(club)
        await stage.restart()

        told = await run(club, "resend", job=(await club.job()).id)

        assert told == ["I have sent it to you directly."]
        [message] = club.direct_messages()
        assert streams_of(club.file_of(message))[1] > 0
        assert (await club.balance(), await club.books_balance()) == (100, True)


async def test_with_direct_messages_closed_the_video_is_shown_in_place(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await kept_video(club)
        close_direct_messages(club, times=1)

        result = await club.member.slash(club.channel, "jobs resend", job=(await club.job()).id)

        assert result.ephemeral
        assert read(result)[0].startswith("I could not send it to you directly, so here it is.")
        assert result.response is not None
        assert streams_of(club.file_of(result.response.message))[1] > 0
        assert club.direct_messages() == []


async def test_the_time_left_is_told_wherever_a_kept_video_is_offered(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await kept_video(club)
        job = await club.job()

        offer = "`/jobs resend` gets it for whoever asked, up to its deletion: soon."
        assert offer in lines_of(await club.card_of(job))
        assert offer in await run(club, "show", job=job.id)


async def test_a_video_whose_time_is_over_is_swept_and_said_to_be_gone(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await kept_video(club)
        job, services = await club.job(), stage.showreel.bot.services

        def much_later() -> int:
            return now_ms() + Keeping().ms

        stage.showreel.bot.services = replace(services, now=much_later)
        await Housekeeper(
            services.desk, services.database, stage.data_dir, keeping=Keeping(), now=much_later
        ).tidy()

        assert list((stage.data_dir / "videos").iterdir()) == []
        [told] = await run(club, "resend", job=job.id)
        assert told.startswith(
            "It is not here any more. Videos that could not be posted are kept for a while"
        )
        assert not any("deletion" in line for line in await run(club, "show", job=job.id))


async def test_a_video_too_large_for_either_stays_where_it_is(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=SLOW_RENDER) as stage:
        club = Community(stage)
        await kept_video(club)
        close_direct_messages(club, times=1, status=413, code=40005)
        club.env.inject_error("PATCH", "/webhooks/*/*/messages/@original", status=413, code=40005, times=1)

        told = await run(club, "resend", job=(await club.job()).id)

        [line] = told
        assert line.startswith("I could neither send it to you directly nor show it here. My operator has it")
        assert line.endswith("up to its deletion: soon.")
        assert list((stage.data_dir / "videos").glob("*.mp4"))


async def test_a_card_is_no_video(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.FAILS_WITH_OBJECT)
    await club.ask(prompt="A portrait", image1=picture())
    await club.everything_ends()
    job = await club.job()

    assert await run(club, "resend", job=job.id) == ["There is no video of it here."]
    assert lines_of(await club.card_of(job))[3] == "No video this time."
