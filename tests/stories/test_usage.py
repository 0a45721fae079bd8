"""`/server usage`: credits against dollars, and who made most."""

from sqlalchemy import Connection

from bot.credits.usage import month_of
from bot.jobs import store
from bot.jobs.job import NewJob
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.staff import Staff, set_up
from tests.support.jobs import accepted, moved_to, new_job


async def test_an_unused_server_has_nothing_to_show_but_its_budget(club: Community) -> None:
    await set_up(club, budget=200)

    seen = (await Staff(club).runs("server usage")).splitlines()

    month = month_of(club.stage.showreel.bot.services.now())
    assert seen == [
        f"Usage in {month}",
        "Budget: 200 credits; 0 spent, 0 held by requests under way, 200 left (0 % used).",
        "No request ended in this month.",
    ]


async def test_videos_failures_dollars_and_members_are_counted(club: Community) -> None:
    await set_up(club, budget=200)
    olaf = club.add_member("olaf")
    for who in (club.member, olaf, olaf):
        await club.ask(who=who, prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()
    club.stage.runcomfy.faults.add(Fault.SENSITIVE_CONTENT)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()

    seen = (await Staff(club).runs("server usage")).splitlines()

    jobs = await club.stage.jobs()
    dollars = sum(job.cost_microusd or 0 for job in jobs) / 1_000_000
    paid_known = sum(
        job.price for job in jobs if job.state is JobState.DELIVERED and job.cost_microusd is not None
    )
    assert dollars > 0
    assert seen[1] == ("Budget: 200 credits; 15 spent, 0 held by requests under way, 185 left (7 % used).")
    assert seen[3].split() == ["model", "videos", "ok", "credits", "dollars", "$/credit"]
    assert seen[4].split() == [
        "seedance-1-0-lite",
        "3",
        "75%",
        "15",
        f"{dollars:.2f}",
        f"{dollars / paid_known:.4f}",
    ]
    assert f"1. <@{olaf.id}>: 2 videos, 10 credits" in seen
    assert f"2. <@{club.member.id}>: 1 video, 5 credits" in seen


def a_video(connection: Connection, new: NewJob, *, at: int) -> None:
    """A video that was delivered before anybody looks: in one transaction, unseen by the tracker."""
    job = moved_to(connection, accepted(connection, new, at=at), JobState.DELIVERED, at=at)
    store.close_card(connection, job.id, at=at)


async def test_earlier_months_can_be_asked_for_and_are_offered(club: Community) -> None:
    services = club.stage.showreel.bot.services
    now = services.now()
    then = now - 40 * 86_400_000
    guild = club.guild.id
    for at, model in ((then, "seedance-2-pro"), (now, "seedance-1-0-lite")):
        await services.database.run(a_video, new_job(guild_id=guild, model=model, price=9), at=at)
    ruth = Staff(club)

    offered = await ruth.who.autocomplete(club.channel, "server usage", "month", "")
    seen = await ruth.runs("server usage", month=month_of(then))

    assert [choice["value"] for choice in offered] == [month_of(now), month_of(then)]
    assert f"Usage in {month_of(then)}" in seen
    assert "seedance-2-pro" in seen
    assert "seedance-1-0-lite" not in seen
    assert "RunComfy named no cost for 1 of them" in seen
    assert f"{month_of(now)}: 1 video, 9 credits, $0.00" in seen


async def test_what_is_no_month_is_said_to_be_none(club: Community) -> None:
    assert await Staff(club).runs("server usage", month="last") == "Months are written like 2026-11."


async def test_one_server_does_not_see_anothers_usage(club: Community) -> None:
    elsewhere = Community(club.stage, name="Chess club")
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()

    assert "No request ended in this month." in await Staff(elsewhere).runs("server usage")
