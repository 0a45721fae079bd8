"""`showreel costs` and `showreel jobs`."""

import pytest
from sqlalchemy import Connection

from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from tests.cli.conftest import CommandLine
from tests.support.jobs import GUILD, accepted, moved_to, new_job

NOVEMBER = 1_794_000_000_000  # 2026-11-06
DECEMBER = NOVEMBER + 30 * 86_400_000


def ended(
    connection: Connection, state: JobState, *, at: int, dollars: float | None = None, **changes: object
) -> Job:
    job = moved_to(connection, accepted(connection, new_job(**changes), at=at), JobState.IN_QUEUE, at=at)
    if dollars is not None:
        job = store.note(connection, job, at=at, cost_microusd=round(dollars * 1_000_000))
    if state is JobState.DELIVERED:
        job = store.move(connection, job, JobState.RENDERED, at=at)
    return store.move(connection, job, state, at=at)


def a_season(connection: Connection) -> None:
    ended(connection, JobState.DELIVERED, at=NOVEMBER, dollars=0.4, price=10)
    ended(connection, JobState.DELIVERED, at=NOVEMBER, price=10)  # RunComfy named no cost
    ended(connection, JobState.FAILED, at=NOVEMBER, dollars=0.1, price=10)
    ended(connection, JobState.DELIVERED, at=DECEMBER, dollars=0.2, price=4, model="seedance-1-0-lite")
    ended(connection, JobState.DELIVERED, at=DECEMBER, dollars=0.2, price=4, guild_id=GUILD + 1)


def test_costs_are_told_by_server_month_and_model(showreel: CommandLine) -> None:
    showreel.on_the_store(a_season)

    told = showreel("costs", "--json", "--server", GUILD).json

    assert [(item["month"], item["model"]) for item in told] == [
        ("2026-11", "seedance-2-pro"),
        ("2026-12", "seedance-1-0-lite"),
    ]
    assert told[0] == {
        "guild_id": str(GUILD),
        "month": "2026-11",
        "model": "seedance-2-pro",
        "jobs": 3,
        "delivered": 2,
        "credits": 20,
        "dollars": 0.5,
        "priced": 2,
        "priced_credits": 10,
        "dollars_per_credit": 0.05,
    }


def test_a_credits_cost_counts_only_jobs_whose_cost_is_known(showreel: CommandLine) -> None:
    """The 10 credits of the job without a cost would make every credit look cheaper than it is."""
    showreel.on_the_store(a_season)

    lines = showreel("costs", "--month", "2026-11").out.splitlines()

    assert lines[0].split() == [
        "server",
        "month",
        "model",
        "ended",
        "delivered",
        "credits",
        "dollars",
        "priced",
        "$/credit",
    ]
    assert lines[1].split() == [
        str(GUILD),
        "2026-11",
        "seedance-2-pro",
        "3",
        *["2", "(66", "%)"],
        "20",
        "0.5000",
        *["2", "of", "3"],
        "0.05000",
    ]
    assert len(lines) == 2


def test_every_server_is_told_unless_one_is_named(showreel: CommandLine) -> None:
    showreel.on_the_store(a_season)

    servers = {item["guild_id"] for item in showreel("costs", "--json").json}

    assert servers == {str(GUILD), str(GUILD + 1)}


def test_the_edges_of_a_month_belong_to_it(showreel: CommandLine) -> None:
    def at_the_edges(connection: Connection) -> None:
        for at in (1_793_491_199_999, 1_793_491_200_000, 1_796_083_199_999, 1_796_083_200_000):
            ended(connection, JobState.DELIVERED, at=at)

    showreel.on_the_store(at_the_edges)

    counts = {
        month: sum(item["jobs"] for item in showreel("costs", "--month", month, "--json").json)
        for month in ("2026-10", "2026-11", "2026-12")
    }
    assert counts == {"2026-10": 1, "2026-11": 2, "2026-12": 1}


@pytest.mark.parametrize("month", ["november", "2026-13", "2026", "2026-11-05"])
def test_a_month_that_is_none_is_refused_in_words(showreel: CommandLine, month: str) -> None:
    ended = showreel("costs", "--month", month)

    assert ended.status == 2
    assert "2026-11" in ended.err


def test_nothing_to_tell_is_said(showreel: CommandLine) -> None:
    assert showreel("costs").out == "No request has ended in that time.\n"
    assert showreel("costs", "--json").json == []
    assert showreel("jobs").out == "There are no such jobs.\n"


def test_jobs_are_those_that_may_need_somebody(showreel: CommandLine) -> None:
    def story(connection: Connection) -> list[str]:
        ended(connection, JobState.DELIVERED, at=1)
        waiting = accepted(connection, new_job(guild_id=GUILD + 1), at=2)
        unsure = moved_to(connection, accepted(connection, at=3), JobState.UNCERTAIN, at=3)
        return [unsure.id, waiting.id]

    expected = showreel.on_the_store(story)

    assert [item["id"] for item in showreel("jobs", "--json").json] == expected
    shown = showreel("jobs").out.splitlines()
    assert [line.split()[:2] for line in shown[1:]] == [
        [expected[0], "uncertain"],
        [expected[1], "queued"],
    ]
    assert [item["id"] for item in showreel("jobs", "--json", "--limit", 1).json] == expected[:1]


def test_jobs_are_found_by_state_and_server_and_tell_no_prompt(showreel: CommandLine) -> None:
    def story(connection: Connection) -> None:
        for state in (JobState.DELIVERED, JobState.FAILED, JobState.FAILED):
            ended(connection, state, at=1)
        ended(connection, JobState.FAILED, at=1, guild_id=GUILD + 1)

    showreel.on_the_store(story)

    found = showreel("jobs", "--state", "failed", "--state", "delivered", "--server", GUILD, "--json")

    assert sorted(item["state"] for item in found.json) == ["delivered", "failed", "failed"]
    assert {item["guild_id"] for item in found.json} == {str(GUILD)}
    assert "A quiet harbour" not in found.out


def test_a_state_that_is_none_is_refused_in_words(showreel: CommandLine) -> None:
    ended = showreel("jobs", "--state", "lost")

    assert ended.status == 2
    assert "uncertain" in ended.err
