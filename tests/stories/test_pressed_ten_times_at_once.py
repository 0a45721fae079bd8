"""The same button, pressed ten times at the same moment: it does once what it does."""

import asyncio
from collections import Counter
from pathlib import Path

from simcord.actors import MemberActor

from bot.jobs.states import JobState
from bot.moderation import audit
from bot.moderation.audit import Action
from bot.rehearsal.runcomfy import Fault
from tests.stories.community import Community, Message
from tests.stories.media import picture
from tests.stories.moderators import Moderator, asked, forged, moderated, reaches
from tests.stories.posted import (
    a_video,
    ask_quietly,
    custom_id_of,
    payload_of,
    press,
    press_made_up,
    read,
    seen,
    set_up,
)
from tests.stories.quick_stage import NEVER_STARTS
from tests.support.waiting import until

TIMES = 10


async def press_ten_times(club: Community, custom_id: str, message: Message, who: MemberActor) -> None:
    await asyncio.gather(*(press_made_up(club, custom_id, message, who=who) for _ in range(TIMES)))


async def send_ten_times(mo: Moderator, custom_id: str, **typed: str) -> None:
    await asyncio.gather(*(forged(mo.who, custom_id, typed=typed.items()) for _ in range(TIMES)))


async def entries(club: Community) -> Counter[Action]:
    trail = await club.stage.showreel.database.run(audit.trail, club.guild.id, before=None, limit=100)
    return Counter(entry.action for entry in trail)


async def test_generate_makes_one_video(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)

    await press_ten_times(club, custom_id_of(seen(answer), "Generate"), payload_of(club, answer), club.member)
    await club.everything_ends()

    assert len(await club.stage.jobs()) == len(club.stage.runcomfy.submits) == len(club.posts()) == 1
    assert (await club.balance(), await club.spent()) == (95, 5)
    assert await club.books_balance()


async def test_again_makes_one_more_video(club: Community) -> None:
    job, post = await a_video(club)
    known = len(club.stage.files.asked)
    club.stage.files.keep_waiting()
    presses = [
        asyncio.create_task(press_made_up(club, f"job:again:{job.id}", post, who=club.member))
        for _ in range(TIMES)
    ]

    async def one_is_looked_at_and_the_others_are_answered() -> bool:
        edited = club.requests_to("PATCH", "/messages/@original")
        refused = [body for body in edited if "pressed that already" in str(body.get("content"))]
        return len(club.stage.files.asked) == known + 1 and len(refused) == TIMES - 1

    await until(one_is_looked_at_and_the_others_are_answered)
    club.stage.files.answer_again()
    answers = [read(await press)[0] for press in presses]
    await club.everything_ends()

    assert sum(answer.startswith("Your request is in.") for answer in answers) == 1
    assert len(await club.stage.jobs()) == len(club.stage.runcomfy.submits) == len(club.posts()) == 2
    assert (await club.balance(), await club.spent()) == (90, 10)
    assert await club.books_balance()


async def test_again_can_be_pressed_once_the_first_press_was_answered(club: Community) -> None:
    job, post = await a_video(club)

    for _ in range(2):
        await press_made_up(club, f"job:again:{job.id}", post, who=club.member)
    await club.everything_ends()

    assert len(club.posts()) == 3


async def test_delete_deletes_once(club: Community) -> None:
    job, post = await a_video(club)
    mo = Moderator(club)
    question = await press(club, post, "Delete", who=mo.who)

    await press_ten_times(club, f"job:delete-now:{job.id}", payload_of(club, question), mo.who)

    assert [message for message in club.posts() if message["attachments"]] == []
    assert (await entries(club))[Action.TAKEN_DOWN] == 1
    assert (await club.balance(), await club.spent()) == (95, 5)
    assert await club.books_balance()


async def test_cancel_gives_the_credits_back_once(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=NEVER_STARTS) as (club, _):
        await club.ask(prompt="Gulls over the bay", image1=picture())
        job = await club.job()
        await club.card_says(job, "Waits at RunComfy")

        await press_ten_times(club, f"job:cancel:{job.id}", await club.card_of(job), club.member)
        await reaches(club, job, JobState.CANCELLED)

        assert (await club.balance(), await club.spent()) == (100, 0)


async def test_a_report_is_told_once(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job, _ = await a_video(club)

        await send_ten_times(mo, f"job:reported:{job.id}", reason="Not nice.")

        assert (await entries(club))[Action.REPORTED] == 1


async def test_taken_down_and_refunded_once(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        job, _ = await a_video(club)
        await forged(club.add_member("tomas"), f"job:reported:{job.id}", typed=[("reason", "Not nice.")])
        notice = await mo.reads("Not nice.")

        await press_ten_times(club, f"report:refund:{job.id}", notice, mo.who)

        found = await entries(club)
        assert (found[Action.TAKEN_DOWN], found[Action.REFUNDED]) == (1, 1)
        assert (await club.balance(), await club.spent()) == (100, 0)


async def test_approved_and_rejected_at_once_it_is_one_of_the_two(tmp_path: Path) -> None:
    async with moderated(tmp_path, approve_everything=True) as (club, mo):
        job = await asked(club)
        question = await mo.reads("asks in")

        await asyncio.gather(
            press_ten_times(club, f"job:approve:{job.id}", question, mo.who),
            send_ten_times(mo, f"job:rejected:{job.id}", reason="No."),
        )
        await club.everything_ends()

        found = await entries(club)
        assert found[Action.APPROVED] + found[Action.REJECTED] == 1
        made = found[Action.APPROVED]
        assert len(club.stage.runcomfy.submits) == made
        assert await club.balance() == 100 - 5 * made


async def test_a_submit_is_settled_once(tmp_path: Path) -> None:
    async with moderated(tmp_path, budget=20) as (club, mo):
        club.stage.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)
        job = await reaches(club, await asked(club), JobState.UNCERTAIN)
        notice = await mo.reads("The connection to RunComfy broke")

        await asyncio.gather(
            press_ten_times(club, f"job:settle:ran:{job.id}", notice, mo.who),
            press_ten_times(club, f"job:settle:never-ran:{job.id}", notice, mo.who),
        )

        assert (await entries(club))[Action.RECONCILED] == 1
        standing = await mo.budget()
        assert (standing.held, standing.spent + (standing.left or 0)) == (0, 20)
        assert standing.spent in (0, 5)
