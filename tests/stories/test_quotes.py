"""What a video would cost, before anything is spent."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, update

from bot.jobs.quotes import LIFE_MS
from bot.jobs.states import JobState
from bot.rehearsal.screen import buttons_of
from bot.schema import quotes
from tests.stories.community import Community, closed_store
from tests.stories.media import picture
from tests.stories.posted import (
    aside,
    ask_quietly,
    custom_id_of,
    fields_of,
    payload_of,
    press_answer,
    press_made_up,
    read,
    seen,
    set_up,
)
from tests.stories.quick_stage import quick_stage

CANNOT_GO_AHEAD = "That request cannot go ahead yet. Nothing was spent."
GONE = "That quote is gone. Ask again; nothing was spent."


def age_quotes(connection: Connection) -> None:
    connection.execute(update(quotes).values(at=quotes.c.at - LIFE_MS))


def inputs_kept(club: Community) -> list[str]:
    return sorted(path.name for path in (club.stage.data_dir / "inputs").glob("*/*"))


async def test_a_cheap_video_is_made_without_a_question(club: Community) -> None:
    await set_up(club, quote_above=5)

    answer = await ask_quietly(club)

    assert read(answer)[0].startswith("Your request is in. 5 credits are set aside")


async def test_a_dear_one_is_quoted_to_the_member_alone_and_nothing_happens(club: Community) -> None:
    await set_up(club, quote_above=4, budget=60)

    answer = await ask_quietly(club)

    assert answer.ephemeral
    assert read(answer)[:2] == [
        "This video costs 5 credits; you would have 95 left. Nothing is spent yet.",
        "The server has 60 credits left this month.",
    ]
    assert "usually ready" in read(answer)[2]
    assert buttons_of(seen(answer)) == ["Generate", "Change", "Never mind"]
    assert await club.nothing_happened(balance=100)


async def test_generate_makes_it(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)

    await press_answer(club, answer, "Generate")
    await club.everything_ends()

    assert read(answer)[0].startswith("Your request is in. 5 credits are set aside")
    assert buttons_of(seen(answer)) == []
    assert (await club.job()).state is JobState.DELIVERED
    assert (await club.balance(), await club.spent()) == (95, 5)
    assert len(club.posts()) == 1
    assert await club.books_balance()


async def test_the_picture_of_a_quoted_request_is_still_on_its_card(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    await club.stage.restart()

    await press_answer(club, answer, "Generate")
    await club.everything_ends()

    card = await club.card_of(await club.job())
    assert [file["filename"] for file in card["attachments"]] == ["image1.png"]
    assert club.file_of(card) == picture()[1]
    assert inputs_kept(club) == []


async def test_presses_at_the_same_moment_make_one_video(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    custom_id, message = custom_id_of(seen(answer), "Generate"), payload_of(club, answer)

    presses = [press_made_up(club, custom_id, message) for _ in range(3)]
    results = await asyncio.gather(*presses)
    late = await press_made_up(club, custom_id, message)
    await club.everything_ends()

    assert [aside(result) for result in (*results, late)] == [[], [], [], []]
    assert len(await club.stage.jobs()) == 1
    assert len(club.stage.runcomfy.submits) == 1
    assert (await club.balance(), await club.spent()) == (95, 5)


async def test_never_mind_forgets_it_and_its_files(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    message = payload_of(club, answer)
    assert inputs_kept(club) == ["image1.png"]

    await press_answer(club, answer, "Never mind")

    assert read(answer) == ["Forgotten. Nothing was spent."]
    assert inputs_kept(club) == []
    assert await club.nothing_happened(balance=100)
    after = await press_made_up(club, custom_id_of(message, "Generate"), message)
    assert aside(after) == [GONE]
    assert await club.nothing_happened(balance=100)


async def test_change_opens_a_form_with_the_prompt_and_keeps_everything_else(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club, duration=3, resolution="720p", seed=11)

    form = await press_answer(club, answer, "Change")
    assert fields_of(form) == {"prompt": "Gulls over the bay"}
    await club.member.submit_modal(form, {"prompt": "Herons over the bay"})
    assert read(answer)[0].startswith("This video costs")
    await press_answer(club, answer, "Generate")
    await club.everything_ends()

    job = await club.job()
    assert job.options == {
        "prompt": "Herons over the bay",
        "duration": 3,
        "resolution": "720p",
        "seed": 11,
        "ratio": "16:9",
    }
    assert [item.filename for item in job.inputs] == ["image1.png"]
    assert job.state is JobState.DELIVERED


async def test_a_prompt_longer_than_a_field_is_changed_in_two(club: Community) -> None:
    await set_up(club, quote_above=0)
    prompt = " ".join(["heron"] * 900)
    answer = await ask_quietly(club, prompt=prompt)

    form = await press_answer(club, answer, "Change")
    fields = fields_of(form)
    assert max(map(len, fields.values())) <= 4000
    await club.member.submit_modal(form, {**fields, "prompt-rest": fields["prompt-rest"] + " and one gull"})
    await press_answer(club, answer, "Generate")

    assert (await club.job()).prompt == prompt + " and one gull"


async def test_a_changed_prompt_is_checked_and_a_refusal_leaves_the_quote_as_it_was(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)

    form = await press_answer(club, answer, "Change")
    refused = await club.member.submit_modal(form, {"prompt": " \u200b "})

    assert aside(refused) == [
        f"{CANNOT_GO_AHEAD}\n- **prompt** is empty. Describe what should happen in the video."
    ]
    await press_answer(club, answer, "Generate")
    assert (await club.job()).prompt == "Gulls over the bay"


async def test_the_buttons_and_the_form_work_after_a_restart(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)

    await club.stage.restart()
    form = await press_answer(club, answer, "Change")
    await club.stage.restart()
    await club.member.submit_modal(form, {"prompt": "Herons over the bay"})
    await club.stage.restart()
    await press_answer(club, answer, "Generate")
    await club.everything_ends()

    job = await club.job()
    assert (job.prompt, job.state) == ("Herons over the bay", JobState.DELIVERED)
    assert await club.balance() == 95


async def test_a_quote_that_nobody_answered_is_gone(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    await club.stage.showreel.database.run(age_quotes)

    told = [aside(await press_answer(club, answer, label)) for label in ("Generate", "Never mind")]
    change = await press_answer(club, answer, "Change")

    assert told == [[GONE], [GONE]]
    assert change.modal is None
    assert (read(change), change.ephemeral) == ([GONE], True)
    assert await club.nothing_happened(balance=100)


async def test_nobody_else_can_use_a_quote(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    tomas, message = club.add_member("tomas"), payload_of(club, answer)

    told = []
    for label in ("Generate", "Never mind"):
        result = await press_made_up(club, custom_id_of(message, label), message, who=tomas)
        told.append(aside(result))
    change = await press_made_up(club, custom_id_of(message, "Change"), message, who=tomas)

    assert told == [[GONE], [GONE]]
    assert change.modal is None
    assert await club.nothing_happened(balance=100)
    await press_answer(club, answer, "Generate")
    assert (await club.job()).user_id == club.member.id


async def test_limits_are_checked_again_when_it_is_accepted(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)
    await set_up(club, quote_above=0, paused=True)

    refused = await press_answer(club, answer, "Generate")

    assert "New requests are paused by the moderators." in aside(refused)[0]
    assert await club.nothing_happened(balance=100)
    await set_up(club, quote_above=0)
    await press_answer(club, answer, "Generate")
    assert read(answer)[0].startswith("Your request is in.")


async def test_what_was_spent_meanwhile_counts(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, starting_credits=9) as stage:
        club = Community(stage)
        await set_up(club, quote_above=0)
        first, second = await ask_quietly(club), await ask_quietly(club)
        await press_answer(club, first, "Generate")

        refused = await press_answer(club, second, "Generate")

        assert aside(refused)[0].startswith("That video costs 5 credits, and you have 4.")
        form = await press_answer(club, second, "Change")
        unaffordable = await club.member.submit_modal(form, {"prompt": "Herons"})
        assert aside(unaffordable)[0].startswith("That video costs 5 credits, and you have 4.")
        assert len(await stage.jobs()) == 1


async def test_while_the_books_are_closed_nothing_is_accepted(club: Community) -> None:
    await set_up(club, quote_above=0)
    answer = await ask_quietly(club)

    async with closed_store(club.stage.showreel.database):
        refused = await press_answer(club, answer, "Generate")

    assert aside(refused)[0].startswith("My books are closed for a moment")
    await press_answer(club, answer, "Generate")
    assert len(await club.stage.jobs()) == 1
