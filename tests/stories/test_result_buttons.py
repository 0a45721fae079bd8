"""The buttons under a posted video: another one like it, another prompt, taking it away, reporting it."""

import discord
from simcord.actors import MemberActor

from bot.credits import gifts
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.moderation import audit, reports
from bot.moderation.audit import Action, Entry
from bot.rehearsal.screen import buttons_of
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.posted import (
    a_video,
    aside,
    custom_id_of,
    fields_of,
    newest_job,
    post_of,
    press,
    press_answer,
    press_made_up,
    read,
    seen,
    set_up,
)

MODERATOR = discord.Permissions(manage_messages=True)
GONE = "That video is not here any more."


async def entries(club: Community, action: Action) -> list[Entry]:
    trail = await club.stage.showreel.database.run(audit.trail, club.guild.id)
    return [entry for entry in trail if entry.action is action]


def videos(club: Community) -> list[str]:
    """The posted videos that are still there."""
    return [message["id"] for message in club.posts() if message["attachments"]]


def moderator(club: Community) -> MemberActor:
    return club.add_member("mo", can=MODERATOR)


async def delete_card(club: Community, job: Job) -> None:
    await moderator(club).delete(club.message(await club.card_of(job)))


# --- again --------------------------------------------------------------------------------------------


async def test_every_video_has_its_buttons(club: Community) -> None:
    _, post = await a_video(club)

    assert buttons_of(post) == ["Again", "Edit & run", "Delete", "Report"]


async def test_again_makes_the_same_with_another_seed(club: Community) -> None:
    first, post = await a_video(club, seed=7, duration=3)

    answer = await press(club, post, "Again")
    await club.everything_ends()

    assert answer.ephemeral
    assert read(answer)[0].startswith("Your request is in. 3 credits are set aside")
    second = await newest_job(club)
    assert second.id != first.id
    assert {**second.options, "seed": 7} == first.options
    assert second.options["seed"] != 7
    assert second.state is JobState.DELIVERED
    assert (await club.balance(), await club.spent()) == (94, 6)
    assert len(club.posts()) == 2
    assert await club.books_balance()


async def test_the_new_card_carries_the_files_itself(club: Community) -> None:
    _, post = await a_video(club)

    await press(club, post, "Again")
    await club.everything_ends()

    second = await newest_job(club)
    assert all(item.attached for item in second.inputs)
    assert club.file_of(await club.card_of(second)) == picture()[1]
    assert list((club.stage.data_dir / "inputs").glob("*")) == []


async def test_a_third_video_can_be_made_from_the_second(club: Community) -> None:
    first, post = await a_video(club)
    await press(club, post, "Again")
    await club.everything_ends()
    await delete_card(club, first)

    await press(club, post_of(club, await newest_job(club)), "Again")
    await club.everything_ends()

    assert [job.state for job in await club.stage.jobs()] == [JobState.DELIVERED] * 3


async def test_a_model_without_seeds_is_simply_asked_again(club: Community) -> None:
    await club.ask("seedance-1-0-pro", prompt="Gulls over the bay", image=picture())
    await club.everything_ends()
    first = await club.job()

    await press(club, post_of(club, first), "Again")
    await club.everything_ends()

    assert (await newest_job(club)).options == first.options


async def test_another_members_again_is_their_own_request(club: Community) -> None:
    _, post = await a_video(club)
    tomas = club.add_member("tomas")

    answer = await press(club, post, "Again", who=tomas)
    await club.everything_ends()

    assert read(answer)[0].endswith("95 left.")
    second = await newest_job(club)
    assert (second.user_id, second.state) == (tomas.id, JobState.DELIVERED)
    assert (await club.balance(), await club.balance(tomas)) == (95, 95)
    assert club.pinged(post_of(club, second))[0] == {tomas.id}


async def test_whoever_presses_needs_credits_of_their_own(club: Community) -> None:
    _, post = await a_video(club)
    tomas = club.add_member("tomas")
    await club.ask("credits balance", who=tomas)
    await club.stage.showreel.database.run(
        gifts.revoke, guild_id=club.guild.id, user_id=tomas.id, amount=97, reference="taken", at=1
    )

    answer = await press(club, post, "Again", who=tomas)

    assert read(answer)[0].startswith("That video costs 5 credits, and you have 3.")
    assert len(await club.stage.jobs()) == 1


async def test_limits_hold_for_the_buttons_too(club: Community) -> None:
    _, post = await a_video(club)
    await set_up(club, paused=True)

    answer = await press(club, post, "Again")

    assert "New requests are paused by the moderators." in read(answer)[1]
    assert len(await club.stage.jobs()) == 1


async def test_where_the_server_asks_first_again_is_quoted_first(club: Community) -> None:
    _, post = await a_video(club)
    await set_up(club, quote_above=0)

    answer = await press(club, post, "Again")
    assert buttons_of(seen(answer)) == ["Generate", "Change", "Never mind"]
    assert len(await club.stage.jobs()) == 1
    await press_answer(club, answer, "Generate")
    await club.everything_ends()

    assert len(club.posts()) == 2


async def test_the_bots_permissions_are_checked_first(club: Community) -> None:
    _, post = await a_video(club)
    club.forbid_the_bot("attach_files")

    answer = await press(club, post, "Again")

    assert read(answer)[0].startswith("I may not post here: Attach Files missing.")
    assert await club.balance() == 95


async def test_with_its_card_gone_the_pictures_are_gone_and_the_member_is_told(club: Community) -> None:
    job, post = await a_video(club)
    await delete_card(club, job)

    answer = await press(club, post, "Again")

    assert answer.ephemeral
    [told] = read(answer)
    assert told.startswith("The pictures and clips of that request were on its card, and the card is gone.")
    assert len(await club.stage.jobs()) == 1
    assert await club.balance() == 95


async def test_without_pictures_nobody_needs_the_card(club: Community) -> None:
    await club.ask("seedance-2-pro", prompt="Gulls over the bay", duration=4)
    await club.everything_ends()
    job = await club.job()
    await delete_card(club, job)

    await press(club, post_of(club, job), "Again")
    await club.everything_ends()

    assert (await newest_job(club)).state is JobState.DELIVERED
    assert len(await club.stage.jobs()) == 2


# --- edit and run -------------------------------------------------------------------------------------


async def test_edit_opens_the_prompt_and_runs_what_was_made_of_it(club: Community) -> None:
    first, post = await a_video(club, seed=7)
    tomas = club.add_member("tomas")

    form = await press(club, post, "Edit & run", who=tomas)
    assert fields_of(form) == {"prompt": "Gulls over the bay"}
    answer = await tomas.submit_modal(form, {"prompt": "Herons over the bay"})
    await club.everything_ends()

    assert answer.ephemeral
    assert read(answer)[0].startswith("Your request is in.")
    second = await newest_job(club)
    assert (second.user_id, second.state) == (tomas.id, JobState.DELIVERED)
    assert second.options == {**first.options, "prompt": "Herons over the bay"}


async def test_two_people_can_have_the_form_open_at_once(club: Community) -> None:
    _, post = await a_video(club)
    tomas = club.add_member("tomas")
    forms = [await press(club, post, "Edit & run", who=who) for who in (club.member, tomas)]

    await club.member.submit_modal(forms[0], {"prompt": "Herons"})
    await tomas.submit_modal(forms[1], {"prompt": "Storks"})
    await club.everything_ends()

    made = [(job.user_id, job.prompt) for job in (await club.stage.jobs())[1:]]
    assert made == [(club.member.id, "Herons"), (tomas.id, "Storks")]


async def test_buttons_and_form_work_after_a_restart(club: Community) -> None:
    _, post = await a_video(club)

    await club.stage.restart()
    form = await press(club, post, "Edit & run")
    await club.stage.restart()
    await club.member.submit_modal(form, {"prompt": "Herons over the bay"})
    await club.everything_ends()
    await press(club, post, "Again")
    await club.everything_ends()

    assert [job.prompt for job in await club.stage.jobs()] == [
        "Gulls over the bay",
        "Herons over the bay",
        "Gulls over the bay",
    ]
    assert await club.books_balance()


# --- delete -------------------------------------------------------------------------------------------


async def test_the_requester_deletes_their_video_for_good_and_gets_nothing_back(club: Community) -> None:
    job, post = await a_video(club)

    question = await press(club, post, "Delete")
    assert question.ephemeral
    assert read(question) == ["The video goes away for everybody, and no credits come back for it."]
    assert videos(club) == [post["id"]]
    await press_answer(club, question, "Delete it for everybody")

    assert read(question) == ["Deleted."]
    assert videos(club) == []
    job = await club.job(job.id)
    assert (job.state, job.taken_down_at is None) == (JobState.DELIVERED, False)
    assert (await club.balance(), await club.spent()) == (95, 5)
    assert await club.books_balance()


async def test_a_moderator_can_delete_it_and_the_trail_says_so(club: Community) -> None:
    job, post = await a_video(club)
    mo = moderator(club)

    question = await press(club, post, "Delete", who=mo)
    await club.stage.restart()
    await press_answer(club, question, "Delete it for everybody", who=mo)

    assert videos(club) == []
    [entry] = await entries(club, Action.TAKEN_DOWN)
    assert (entry.actor_id, entry.target_id, entry.job_id) == (mo.id, club.member.id, job.id)


async def test_nobody_else_can_delete_it_not_even_with_a_made_up_button(club: Community) -> None:
    job, post = await a_video(club)
    tomas = club.add_member("tomas")

    asked = await press(club, post, "Delete", who=tomas)
    forged = await press_made_up(club, f"job:delete-now:{job.id}", post, who=tomas)

    only = "Only the person who asked for it, or a moderator, can delete this."
    assert (asked.ephemeral, read(asked)) == (True, [only])
    assert aside(forged) == [only]
    assert videos(club) == [post["id"]]
    assert (await club.job(job.id)).taken_down_at is None


async def test_a_deleted_video_cannot_be_made_again_from_its_old_buttons(club: Community) -> None:
    _, post = await a_video(club)
    tomas = club.add_member("tomas")
    buttons = {label: custom_id_of(post, label) for label in buttons_of(post)}
    card = await club.card_of(await club.job())
    question = await press(club, post, "Delete")
    await press_answer(club, question, "Delete it for everybody")

    for label, custom_id in buttons.items():
        answer = await press_made_up(club, custom_id, card, who=tomas)
        assert read(answer) == [GONE], label

    assert len(await club.stage.jobs()) == 1


# --- report -------------------------------------------------------------------------------------------


async def test_a_report_reaches_the_moderators(club: Community) -> None:
    job, post = await a_video(club)
    tomas = club.add_member("tomas")

    form = await press(club, post, "Report", who=tomas)
    await club.stage.restart()
    answer = await tomas.submit_modal(form, {"reason": "That is my grandmother."})

    assert answer.ephemeral
    assert read(answer) == ["Thank you. The moderators will look at it."]
    [entry] = await entries(club, Action.REPORTED)
    assert (entry.actor_id, entry.job_id) == (tomas.id, job.id)
    assert entry.detail["reason"] == "That is my grandmother."
    assert len(club.posts()) == 1


async def test_one_member_reports_a_video_once(club: Community) -> None:
    job, post = await a_video(club)
    tomas = club.add_member("tomas")
    for _ in range(2):
        form = await press(club, post, "Report", who=tomas)
        answer = await tomas.submit_modal(form, {"reason": "Again."})

    assert read(answer) == ["You have reported this video before. The moderators know."]
    assert await club.stage.showreel.database.run(reports.count, job.id) == 1


async def test_nobody_reports_their_own_video(club: Community) -> None:
    job, post = await a_video(club)

    answer = await press(club, post, "Report")

    assert (answer.modal, answer.ephemeral) == (None, True)
    assert read(answer) == ["This one is yours. You can delete it."]
    assert await club.stage.showreel.database.run(reports.count, job.id) == 0
