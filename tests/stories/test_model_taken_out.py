"""The operator takes a model out of the catalogue while people still have to do with it."""

from pathlib import Path

from bot.catalog import Catalogue
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import buttons_of, lines_of
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.moderators import asked, moderated
from tests.stories.posted import a_video, aside, ask_quietly, press, press_answer, read, set_up
from tests.stories.quick_stage import QUICK

GONE = "seedance-1-0-lite"
NOT_OFFERED = "I do not offer the model of that video any more. Ask for one with the commands I have now."
ENDED = [
    "No video this time.",
    "My operator does not offer this model any more. Ask for a video with one of the others.",
]


async def take_out(club: Community) -> None:
    """The operator removes the model's file and starts the bot anew."""
    left = {name: model for name, model in club.stage.catalogue.items() if name != GONE}
    await club.stage.restart(catalogue=Catalogue(left))


async def ended_for_free(club: Community, job: Job) -> None:
    await club.everything_ends()
    card = await club.card_of(job)
    assert lines_of(card)[0] == f"{GONE} for <@{club.member.id}>"
    assert lines_of(card)[-3:] == [*ENDED, f"Not charged · job {job.id}"]
    assert buttons_of(card) == []
    assert (await club.job(job.id)).state is JobState.FAILED
    assert (await club.balance(), await club.spent()) == (100, 0)
    assert club.stage.runcomfy.submits == []
    assert await club.books_balance()


async def test_what_still_waits_here_ends_and_costs_nothing(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.SUBMIT_429, times=None)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    job = await club.job()
    await club.card_says(job, "It goes on by itself.")

    await take_out(club)

    await ended_for_free(club, job)


async def test_what_runcomfy_makes_already_is_fetched_posted_and_paid(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    job = await club.job()
    await club.card_says(job, "Waits at RunComfy")

    await take_out(club)
    club.stage.runcomfy.faults.clear()
    await club.everything_ends()

    [post] = club.posts()
    assert lines_of(post) == [f"<@{club.member.id}> {GONE}", "Gulls over the bay"]
    assert club.file_of(post)
    assert "Done. The video is in the reply below." in lines_of(await club.card_of(job))
    assert (await club.balance(), await club.spent()) == (100 - job.price, job.price)
    assert len(club.stage.runcomfy.submits) == 1
    assert await club.books_balance()


async def test_again_and_edit_say_that_the_model_is_not_offered_any_more(club: Community) -> None:
    job, post = await a_video(club)
    form = await press(club, post, "Edit & run")
    await take_out(club)

    assert read(await press(club, post, "Again")) == [NOT_OFFERED]
    assert read(await press(club, post, "Edit & run")) == [NOT_OFFERED]
    assert read(await club.member.submit_modal(form, {"prompt": "Herons"})) == [NOT_OFFERED]
    assert await club.balance() == 100 - job.price
    assert len(await club.stage.jobs()) == 1


async def test_a_quote_for_it_is_refused(club: Community) -> None:
    await set_up(club, quote_above=1)
    quote = await ask_quietly(club)
    await take_out(club)

    assert aside(await press_answer(club, quote, "Generate")) == [NOT_OFFERED]
    assert await club.nothing_happened(balance=100)


async def test_a_request_that_moderators_approve_too_late_ends_with_the_reason(tmp_path: Path) -> None:
    async with moderated(tmp_path, pace=QUICK, approve_everything=True) as (club, mo):
        job = await asked(club, "Gulls over the bay")
        question = await mo.reads("asks in")
        await take_out(club)
        await mo.presses(question, "Approve")

        await ended_for_free(club, job)
