"""Words and patterns that prompts may not have, or that a moderator looks at first."""

from pathlib import Path

import pytest

from bot.jobs.states import JobState
from bot.moderation.filters import Kind, Verdict
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.moderators import (
    NOT_PERMITTED,
    Moderator,
    anyone_may_try,
    asked,
    moderated,
    moderator_elsewhere,
    reaches,
)
from tests.stories.staff import set_up, text_of

STOPPED = "The words of this server\u2019s filter stop that prompt. Nothing was spent."


async def filtered(mo: Moderator, text: str, *, kind: str = "word", action: str = "refuse") -> str:
    return await mo.runs("filter add", kind=kind, text=text, action=action)


async def answer_to(club: Community, prompt: str) -> str:
    return (await club.ask(prompt=prompt, image1=picture())).text


@pytest.mark.parametrize(
    "prompt", ["A zombie walks", "ZOMBIE!", "zómbie", "z\u200bombie", "z\u043embi\u0435", "z0mb1e"]
)
async def test_a_filtered_word_is_found_in_costume(tmp_path: Path, prompt: str) -> None:
    async with moderated(tmp_path) as (club, mo):
        assert await filtered(mo, "Zombie") == "From now on, prompts with Zombie are refused."

        assert await answer_to(club, prompt) == STOPPED
        assert await club.nothing_happened()
        await mo.reads(f"<@{mo.who.id}> added a filter: Zombie (refused).")


async def test_a_word_is_not_found_inside_another(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await filtered(mo, "ass")

        await reaches(club, await asked(club, "A glass of grass"), JobState.DELIVERED)


async def test_a_pattern_that_asks_lets_a_moderator_decide(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        added = await filtered(mo, r"bl?ood\w*", kind="pattern", action="approve")
        assert added.endswith("wait for a moderator\u2019s yes.")

        job = await asked(club, "A bloody sunset")

        assert job.state is JobState.AWAITING_APPROVAL
        question = await mo.reads("The server\u2019s filter found something in the prompt.")
        await club.card_says(job, "Its words need a second look.")
        await mo.presses(question, "Approve")
        await reaches(club, job, JobState.DELIVERED)


async def test_refusing_is_stricter_than_asking(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await filtered(mo, "sunset", action="approve")
        await filtered(mo, "blood")

        assert await answer_to(club, "blood at sunset") == STOPPED


async def test_where_nobody_can_be_asked_it_is_refused_and_the_moderator_is_warned(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await set_up(club, moderators_channel=None)

        added = await filtered(mo, "sunset", action="approve")

        assert "No moderators\u2019 channel is set" in added
        assert await answer_to(club, "A sunset") == STOPPED


@pytest.mark.parametrize("pattern", ["(a", r"(a+)\1", "(?=look)", "a|", "a{1000}{1000}"])
async def test_patterns_that_could_run_away_or_find_everything_are_refused(
    tmp_path: Path, pattern: str
) -> None:
    async with moderated(tmp_path) as (_, mo):
        answer = await filtered(mo, pattern, kind="pattern")

        assert answer.startswith("That cannot be used as a filter:")
        assert await mo.runs("filter list") == "There are no filters."


async def test_filters_are_listed_and_removed(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await filtered(mo, "*zombie*")
        await filtered(mo, "gore+", kind="pattern", action="approve")
        assert await filtered(mo, "*zombie*") == "That filter is there already."
        assert (await mo.runs("filter list")).splitlines() == [
            "Filters",
            "- Refused: the word *zombie*",
            "- Approval first: the pattern gore+",
        ]

        [offered] = await mo.is_offered("filter remove", "entry", "zomb")
        assert offered["name"] == "refuse · word · *zombie*"
        assert await mo.runs("filter remove", entry=offered["value"]) == "Removed: \\*zombie\\*".replace(
            "\\", ""
        )

        assert "no such filter" in await mo.runs("filter remove", entry=offered["value"])
        assert "no such filter" in await mo.runs("filter remove", entry="everything")
        await reaches(club, await asked(club, "A *zombie* walks"), JobState.DELIVERED)
        await mo.reads("removed a filter: *zombie*")


async def test_a_long_list_says_how_much_it_leaves_out(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        desk = club.stage.showreel.bot.services.moderators
        for n in range(30):
            await desk.add_filter(
                club.guild.id, Kind.WORD, f"{n} {'long ' * 30}", Verdict.REFUSE, by=mo.who.id
            )

        shown = await mo.runs("filter list")

        assert len(shown) < 2000
        assert "more. /moderate filter remove finds each of them." in shown


async def test_filters_are_a_servers_own(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await filtered(mo, "zombie")
        [mine] = await mo.is_offered("filter remove", "entry")
        stranger = moderator_elsewhere(club.stage)

        assert await stranger.runs("filter list") == "There are no filters."
        assert await stranger.is_offered("filter remove", "entry") == []
        assert "no such filter" in await stranger.runs("filter remove", entry=mine["value"])
        assert await answer_to(club, "A zombie walks") == STOPPED


async def test_a_member_can_neither_see_nor_change_them(tmp_path: Path) -> None:
    async with moderated(tmp_path) as (club, mo):
        await filtered(mo, "zombie")
        [entry] = await mo.is_offered("filter remove", "entry")
        await anyone_may_try(club)

        async def tries(command: str, **options: str) -> str:
            return text_of(await club.member.slash(club.channel, f"moderate filter {command}", **options))

        assert await tries("list") == NOT_PERMITTED
        assert await tries("add", kind="word", text="lamp", action="refuse") == NOT_PERMITTED
        assert await tries("remove", entry=entry["value"]) == NOT_PERMITTED
        assert await club.member.autocomplete(club.channel, "moderate filter remove", "entry", "") == []
        assert "zombie" in await mo.runs("filter list")
