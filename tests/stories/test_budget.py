"""A server's monthly budget: warnings on the way, then nothing more is accepted."""

from pathlib import Path

from bot.credits import budget
from bot.credits.budget import Month, Standing
from bot.jobs.states import JobState
from bot.moderation import audit
from bot.moderation.audit import THE_BOT, Action
from bot.rehearsal.runcomfy import Fault
from bot.servers.tiers import Tier
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_ENDS, NEVER_STARTS, quick_stage
from tests.stories.staff import Staff, set_up, settings_of

PRICE = 5


async def ask(club: Community) -> str:
    return (await club.ask(prompt="Gulls over the bay", image1=picture())).text


async def warnings(club: Community) -> list[int]:
    trail = await club.stage.showreel.database.run(lambda c: list(audit.trail(c, club.guild.id)))
    found = [entry for entry in reversed(trail) if entry.action is Action.BUDGET_WARNING]
    assert all(entry.actor_id == THE_BOT for entry in found)
    return [entry.detail["percent"] for entry in found]


async def standing(club: Community) -> Standing:
    services = club.stage.showreel.bot.services
    limit = (await settings_of(club)).budget
    month = Month.at(club.guild.id, services.now())
    return await services.database.run(budget.standing, month, limit)


async def test_warnings_come_once_each_and_then_nothing_more_is_accepted(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await set_up(club, budget=5 * PRICE, tiers=(Tier(jobs_at_once=10),))

        told = []
        for _ in range(5):
            assert "Your request is in" in await ask(club)
            told.append(await warnings(club))
        refused = await ask(club)

        assert told == [[], [], [50], [50, 80], [50, 80, 100]]
        assert refused.startswith("The server has 0 of its monthly credits left, and this video costs 5.")
        assert await warnings(club) == [50, 80, 100]
        assert (len(await stage.jobs()), await club.balance()) == (5, 75)
        assert await club.books_balance()


async def test_a_request_larger_than_what_is_left_is_refused_and_a_smaller_one_goes_ahead(
    tmp_path: Path,
) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await set_up(club, budget=2 * PRICE - 1)
        await ask(club)

        refused = await ask(club)
        smaller = await club.ask(prompt="Gulls over the bay", image1=picture(), duration=2)

        assert refused.startswith("The server has 4 of its monthly credits left, and this video costs 5.")
        assert "Your request is in" in smaller.text


async def test_what_failed_or_was_called_off_can_be_asked_for_again(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_STARTS) as stage:
        club = Community(stage)
        await set_up(club, budget=PRICE)
        await ask(club)
        assert "of its monthly credits left" in await ask(club)

        await club.press_cancel(await club.card_of(await club.job()))
        await club.everything_ends()

        assert "Your request is in" in await ask(club)
        assert (await standing(club)).held == PRICE


async def test_a_failure_gives_the_budget_back_and_a_video_spends_it(club: Community) -> None:
    await set_up(club, budget=100)
    club.stage.runcomfy.faults.add(Fault.SENSITIVE_CONTENT)

    await ask(club)
    await club.everything_ends()
    assert [job.state for job in await club.stage.jobs()] == [JobState.FAILED]
    failed = await standing(club)
    await ask(club)
    await club.everything_ends()

    assert (failed.held, failed.spent, failed.left) == (0, 0, 100)
    assert (await standing(club)).spent == PRICE
    assert await club.books_balance()


async def test_a_lost_submit_keeps_its_share_until_staff_have_found_out(club: Community) -> None:
    await set_up(club, budget=100)
    club.stage.runcomfy.faults.add(Fault.SUBMIT_RESET_AFTER)

    await ask(club)
    await club.everything_ends()

    assert (await club.job()).state is JobState.UNCERTAIN
    assert await club.balance() == 100
    assert (await standing(club)).held == PRICE
    assert await club.books_balance()


async def test_the_budget_can_be_raised_lowered_and_taken_away_at_any_time(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        ruth = await Staff(club).opens_settings()
        await ask(club)

        await ruth.types("Budget…", budget="4")
        assert "has 0 of its monthly credits left" in await ask(club)
        await ruth.types("Budget…", budget="10")
        assert "Your request is in" in await ask(club)
        assert "has 0 of its monthly credits left" in await ask(club)
        await ruth.types("Budget…", budget="")
        assert "Your request is in" in await ask(club)

        assert (await standing(club)).held == 3 * PRICE
        assert await club.books_balance()


async def test_a_budget_of_nothing_accepts_nothing(club: Community) -> None:
    await set_up(club, budget=0)

    assert "has 0 of its monthly credits left" in await ask(club)
    assert await club.nothing_happened(balance=100)


async def test_one_servers_budget_is_not_anothers(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club, elsewhere = Community(stage), Community(stage, name="Chess club")
        await set_up(club, budget=PRICE)
        await ask(club)

        assert "of its monthly credits left" in await ask(club)
        assert "Your request is in" in await ask(elsewhere)
