"""Cards: posted once, brought up to date to the end, and known even where the end came first."""

import pytest
from sqlalchemy import Connection

from bot.database import Database
from bot.jobs import claims, store
from bot.jobs.job import InputFile, Job
from bot.jobs.states import ENDED, JobState
from tests.support.clock import Clock
from tests.support.jobs import MEMBER, REACHABLE, accepted, in_state, new_job

PICTURE = InputFile("image1", "image1.png", "image", "https://cdn.example/a.png", 10)
SOUND = InputFile("audio1", "audio1.mp3", "audio", "https://cdn.example/b.mp3", 20)


async def test_a_card_is_remembered_with_the_inputs_it_carries(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, new_job(inputs=(PICTURE, SOUND)), at=1)
        store.set_card(connection, job, message_id=5, attached=frozenset({"image1"}), at=2)
        fresh = store.get(connection, job.id)

        assert fresh.card_message_id == 5
        assert {item.option: item.attached for item in fresh.inputs} == {"image1": True, "audio1": False}

    await database.run(story)


async def test_the_first_card_stays_the_card(database: Database) -> None:
    def story(connection: Connection) -> None:
        job = accepted(connection, at=1)
        for message in (5, 6):
            store.set_card(connection, job, message_id=message, attached=frozenset(), at=2)

        assert store.get(connection, job.id).card_message_id == 5

    await database.run(story)


def open_cards(connection: Connection, *, limit: int = 10) -> list[Job]:
    """As the process that leads sees them."""
    return store.with_open_cards(connection, worker="nobody", limit=limit, others_before=1000)


async def test_each_worker_shows_the_ends_it_came_to_and_the_leading_process_what_is_left(
    database: Database, clock: Clock
) -> None:
    def story(connection: Connection) -> None:
        in_state(connection, JobState.RENDERED, at=clock())
        (held,) = claims.claim_due(connection, worker="one", at=clock(), lease_ms=1000, limit=1)
        ended = store.move(connection, held, JobState.FAILED, at=clock())
        called_off = accepted(connection, at=clock())
        store.request_cancel(connection, called_off.id, by=MEMBER, at=clock())

        def seen(worker: str, others_before: int | None) -> set[str]:
            found = store.with_open_cards(connection, worker=worker, limit=10, others_before=others_before)
            return {job.id for job in found}

        assert seen("one", None) == {ended.id}
        assert seen("two", None) == set()
        assert seen("two", clock() - 1) == {called_off.id}
        assert seen("two", clock()) == {called_off.id, ended.id}

    await database.run(story)


@pytest.mark.parametrize("state", REACHABLE)
async def test_the_card_of_an_ended_job_is_open_until_it_shows_the_end(
    database: Database, state: JobState
) -> None:
    def story(connection: Connection) -> None:
        job = in_state(connection, state, at=1)
        assert [found.id for found in open_cards(connection)] == ([job.id] if state in ENDED else [])
        assert store.count_unfinished(connection) == 1

        store.close_card(connection, job.id, at=2)

        assert open_cards(connection) == []
        assert store.count_unfinished(connection) == (0 if state in ENDED else 1)
        assert store.get(connection, job.id).card_closed_at == (2 if state in ENDED else None)

    await database.run(story)


async def test_open_cards_are_listed_in_the_order_of_their_ends_up_to_a_limit(database: Database) -> None:
    def story(connection: Connection) -> None:
        jobs = [in_state(connection, JobState.FAILED, at=at) for at in (30, 10, 20)]

        assert open_cards(connection, limit=2) == [jobs[1], jobs[2]]

    await database.run(story)


@pytest.mark.parametrize("told", [False, True])
async def test_a_card_posted_for_a_job_that_ended_meanwhile_has_to_show_the_end(
    database: Database, *, told: bool
) -> None:
    """Its member may press Cancel the moment the message appears, before the store knows of it."""

    def story(connection: Connection) -> None:
        job = accepted(connection, at=1)
        store.request_cancel(connection, job.id, by=MEMBER, at=2)
        if told:
            store.close_card(connection, job.id, at=3)

        store.set_card(connection, job, message_id=5, attached=frozenset(), at=4)

        (found,) = open_cards(connection)
        assert (found.id, found.state, found.card_message_id) == (job.id, JobState.CANCELLED, 5)

    await database.run(story)
