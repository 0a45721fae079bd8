"""Requests that wait for a moderator's yes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import Tuning
from bot.clock import now_ms
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.moderation.approvals import PATIENCE_MS
from bot.rehearsal.screen import buttons_of, lines_of
from bot.rehearsal.stage import Pace
from tests.stories.community import Community, Message
from tests.stories.moderators import (
    NOT_PERMITTED,
    Moderator,
    asked,
    forged,
    moderated,
    moderator_elsewhere,
    reaches,
    said,
)
from tests.stories.quick_stage import QUICK
from tests.support.waiting import until


class Clock:
    """The bot's clock; it can be put forward."""

    ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


@dataclass(frozen=True, slots=True)
class TimePasses(Pace):
    """A quick pace, on a clock that the story turns."""

    queue_s: float | tuple[float, float] = 0.1
    render_s: float | tuple[float, float] = 0.3
    look_s: float = 0.1
    card_pace_s: float = 0.05
    clock: Clock = field(default_factory=Clock)

    def tuning(self) -> Tuning:
        return replace(Pace.tuning(self), now=self.clock)


@asynccontextmanager
async def waiting(
    folder: Path, *, pace: Pace | None = None
) -> AsyncIterator[tuple[Community, Moderator, Job, Message]]:
    """A request that waits, and the question about it."""
    async with moderated(folder, pace=pace or QUICK, approve_everything=True) as (club, mo):
        job = await asked(club, "Gulls *over* the bay")
        question = await mo.reads("asks in")
        yield club, mo, job, question


async def reply_to_card(club: Community, job: Job, words: str) -> Message:
    """Wait for a reply to the card; it notifies the requester and nobody else, and is there once."""
    card = await club.card_of(job)
    found: list[Message] = []

    async def replied() -> bool:
        found[:] = [post for post in club.posts() if words in "\n".join(lines_of(post))]
        return bool(found)

    await until(replied)
    [reply] = found
    assert reply["message_reference"]["message_id"] == card["id"]
    assert club.pinged(reply) == ({club.member.id}, set(), False)
    return reply


async def test_the_question_shows_who_asks_for_what_with_its_picture(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, _, job, question):
        assert lines_of(question)[0] == f"<@{club.member.id}> asks in <#{club.channel.id}>"
        assert "5 credits held" in lines_of(question)[1]
        assert lines_of(question)[2:] == [
            "Every request here needs a moderator\u2019s yes.",
            "Gulls *over* the bay",
        ]
        [gallery] = [item for item in question["components"][0]["components"] if item["type"] == 12]
        assert len(gallery["items"]) == 1
        assert buttons_of(question) == ["Approve", "Reject"]
        assert club.pinged(question) == (set(), set(), False)

        card = await club.card_says(job, "Waits for a moderator\u2019s yes.")
        assert "Every request in this server is looked at first." in lines_of(card)
        assert await club.balance() == 95
        assert club.stage.runcomfy.submits == []


async def test_an_approved_request_goes_on_and_its_member_is_told(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        await mo.presses(question, "Approve")

        closed = await mo.reads(f"<@{mo.who.id}> approved the request of <@{club.member.id}>")
        assert closed["id"] == question["id"]
        assert buttons_of(closed) == []
        await reply_to_card(club, job, "your request was approved")
        await reaches(club, job, JobState.DELIVERED)
        assert await club.spent() == 5


async def test_a_rejected_request_costs_nothing_and_its_member_reads_why(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        form = await mo.presses(question, "Reject")
        assert form.modal is not None
        await mo.who.submit_modal(form, {"reason": "No *birds* @everyone"})

        closed = await mo.reads(f"<@{mo.who.id}> rejected the request")
        assert "No *birds* @everyone" in lines_of(closed)
        assert buttons_of(closed) == []
        reply = await reply_to_card(club, job, "a moderator rejected your request")
        assert "No *birds* @everyone" in lines_of(reply)
        card = await club.card_says(job, "A moderator said no.")
        assert "Reason: No *birds* @everyone" in lines_of(card)
        assert lines_of(card)[-1].startswith("Not charged")
        assert (await club.balance(), await club.spent()) == (100, 0)
        assert club.stage.runcomfy.submits == []


async def test_the_second_of_two_moderators_is_told_that_it_is_decided(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        await mo.presses(question, "Approve")
        other = await forged(mo.who, f"job:approve:{job.id}")
        rejecting = await forged(mo.who, f"job:rejected:{job.id}", typed=[("reason", "late")])

        assert "That request does not wait any more." in other
        assert "That request does not wait any more." in rejecting
        assert (await reaches(club, job, JobState.DELIVERED)).failure is None


async def test_the_buttons_work_after_a_restart(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        await club.stage.restart()

        await mo.presses(question, "Approve")

        await reaches(club, job, JobState.DELIVERED)
        await reply_to_card(club, job, "your request was approved")
        assert len([line for line in mo.history() if "asks in" in line]) == 1


async def test_a_rejection_typed_while_the_bot_restarted_counts(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        form = await mo.presses(question, "Reject")
        await club.stage.restart()

        await mo.who.submit_modal(form, {"reason": "No birds"})

        assert (await reaches(club, job, JobState.REJECTED)).failure_detail == "No birds"


async def test_only_moderators_of_this_server_decide(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        tomas = club.add_member("tomas")
        stranger = moderator_elsewhere(club.stage)

        for label in ("Approve", "Reject"):
            [message] = [item for item in mo.room.history() if item.id == int(question["id"])]
            pressed = await tomas.click(message, label=label)
            assert said(pressed).endswith(NOT_PERMITTED)
        for who, typed in ((tomas, NOT_PERMITTED), (stranger.who, "That request does not wait any more.")):
            assert typed in await forged(who, f"job:approve:{job.id}")
            assert typed in await forged(who, f"job:rejected:{job.id}", typed=[("reason", "x")])
        assert buttons_of(question) == ["Approve", "Reject"]
        assert (await club.job(job.id)).state is JobState.AWAITING_APPROVAL


async def test_a_request_that_nobody_answers_expires_and_is_released(tmp_path: Path) -> None:
    pace = TimePasses()
    async with waiting(tmp_path, pace=pace) as (club, mo, job, _):
        pace.clock.ahead_ms = PATIENCE_MS
        club.stage.showreel.tracker.wake()

        ended = await reaches(club, job, JobState.EXPIRED)

        assert ended.failure == Failure.NOT_APPROVED
        assert await club.balance() == 100
        assert buttons_of(await mo.reads("Nobody answered the request")) == []
        await reply_to_card(club, job, "no moderator answered your request in time")
        await club.card_says(job, "No moderator answered in time. Ask again.")


async def test_a_member_takes_a_waiting_request_back_and_the_question_closes(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        await club.press_cancel(await club.card_of(job))

        closed = await mo.reads(f"<@{club.member.id}> took the request back")
        assert closed["id"] == question["id"]
        assert buttons_of(closed) == []
        assert await club.balance() == 100


async def test_a_waiting_request_that_a_moderator_cancels_closes_its_question(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (_, mo, job, question):
        await mo.runs("cancel", job=job.id)

        closed = await mo.reads(f"<@{mo.who.id}> cancelled a request")
        assert closed["id"] == question["id"]
        assert len(mo.notices()) == 2  # the settings, the question


async def test_the_member_is_told_once_however_often_the_moderators_channel_is_tried(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        path = f"/channels/{mo.room.id}/messages/{question['id']}"
        club.env.inject_error("PATCH", path, status=429, times=3)

        await mo.presses(question, "Approve")
        await until(lambda: not any(fault["path"] == path for fault in club.env.backend.faults))
        await mo.runs("pause")

        await mo.reads("paused new requests")  # entries are told in order
        await reply_to_card(club, job, "your request was approved")


async def test_where_the_question_was_deleted_the_decision_is_a_notice_of_its_own(tmp_path: Path) -> None:
    async with waiting(tmp_path) as (club, mo, job, question):
        club.env.backend.delete_message(mo.room.id, int(question["id"]))
        del club.shown[int(question["id"])]

        await mo.runs("cancel", job=job.id)

        notice = await mo.reads(f"<@{mo.who.id}> cancelled a request")
        assert notice["id"] != question["id"]


async def test_an_approved_request_may_still_be_cancelled_and_its_question_stays_as_it_was(
    tmp_path: Path,
) -> None:
    slow = Pace(queue_s=0.1, render_s=600.0, look_s=0.1, card_pace_s=0.05)
    async with waiting(tmp_path, pace=slow) as (club, mo, job, question):
        await mo.presses(question, "Approve")
        await club.card_says(job, "Rendering")

        await mo.runs("cancel", job=job.id)

        await mo.reads("kept back a video")
        assert "approved the request" in "\n".join(lines_of(club.shown[int(question["id"])][-1]))


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ({"approve_first": 1}, [True, False]),
        ({"approve_first": 2}, [True, True]),
        ({"approve_above": 5}, [False, False]),
        ({"approve_above": 4}, [True, True]),
    ],
)
async def test_what_waits_is_for_the_server_to_say(
    tmp_path: Path, settings: dict[str, Any], waits: list[bool]
) -> None:
    async with moderated(tmp_path, **settings) as (club, _):
        jobs = [await asked(club) for _ in waits]

        assert [job.approval_reason is not None for job in jobs] == waits
