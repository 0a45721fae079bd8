"""The store is locked by another process, or its disk is full: what people see, and what becomes of jobs."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot import engines as engine_room
from bot.errors import DownloadFailed, StoreUnavailable
from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import lines_of
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import quick_stage
from tests.support.troubled_store import locked_by_another_process, small_disk
from tests.support.waiting import until

CLOSED = "My books are closed for a moment, so nothing was done and nothing was spent. Try again in a minute."
NO_ROOM = "I have no room for files right now, so nothing was done and nothing was spent. Try again later."
BUSY = "Waits: RunComfy does not answer right now. It goes on by itself."


@pytest.fixture
async def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Community]:
    """A bot that waits for a locked store for moments only."""
    monkeypatch.setattr(engine_room, "BUSY_TIMEOUT_S", 0.05)
    async with quick_stage(tmp_path) as stage:
        yield Community(stage)
        assert stage.unexpected_errors() == []


async def a_job_that_waits(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.SUBMIT_429, times=None)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.card_says(await club.job(), BUSY)


async def test_while_another_process_locks_the_store_members_are_told_and_nothing_is_submitted(
    impatient: Community,
) -> None:
    club = impatient
    await a_job_that_waits(club)
    with capture_logs() as logged:
        async with locked_by_another_process(club.stage.data_dir / "showreel.db"):
            club.stage.runcomfy.faults.clear()
            for answer in (
                await club.ask(prompt="Another one", image1=picture()),
                await club.ask("credits balance"),
                await club.press_cancel(club.public()[0]),
            ):
                assert answer.ephemeral
                assert answer.text == CLOSED
            club.stage.showreel.tracker.wake()
            await until(
                lambda: any("nothing is taken up" in entry["event"] for entry in logged),
                what="a look at the locked store",
            )
            assert club.stage.runcomfy.submits == []
    assert club.forgiven(StoreUnavailable) == 2

    await club.everything_ends()

    job = await club.job()  # the only one
    assert job.state is JobState.DELIVERED
    assert len(club.posts()) == 1
    assert (await club.balance(), await club.spent()) == (100 - job.price, job.price)
    assert len(club.stage.runcomfy.submits) == 1
    assert await club.books_balance()


async def test_jobs_at_runcomfy_come_to_their_end_once_the_store_is_free(impatient: Community) -> None:
    club = impatient
    club.stage.runcomfy.faults.add(Fault.READ_502_HTML, times=None)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    job = await club.job()
    await club.card_says(job, "Waits at RunComfy")
    with capture_logs() as logged:
        async with locked_by_another_process(club.stage.data_dir / "showreel.db"):
            club.stage.runcomfy.faults.clear()
            await until(
                lambda: any("step has to wait" in entry["event"] for entry in logged),
                what="a step that could not be written down",
            )
            assert club.posts() == []

    await club.everything_ends()

    assert not any(entry["event"] == "step failed unexpectedly" for entry in logged)
    assert len(club.posts()) == 1
    assert (await club.balance(), await club.spent()) == (100 - job.price, job.price)
    assert await club.books_balance()


async def test_a_disk_that_fills_up_in_the_middle_of_a_transaction_takes_nothing_and_loses_nothing(
    tmp_path: Path,
) -> None:
    place = tmp_path / "disk"
    with small_disk(place, mebibytes=8) as disk:
        async with quick_stage(place) as stage:
            club = Community(stage)
            await a_job_that_waits(club)
            waiting = await club.job()
            disk.fill()
            stage.runcomfy.faults.clear()
            with capture_logs() as logged:
                answer = await club.ask("seedance-2-pro", prompt="No pictures, so no files")
            assert answer.ephemeral
            assert answer.text == CLOSED
            assert any("full" in str(entry.get("reason")) for entry in logged)
            assert stage.runcomfy.submits == []

            disk.make_room()
            await club.everything_ends()
            assert (await club.job()).state is JobState.DELIVERED
            assert (await club.balance(), await club.spent()) == (100 - waiting.price, waiting.price)
            assert await club.books_balance()
            assert club.forgiven(StoreUnavailable) == 1
            assert stage.unexpected_errors() == []
        whole = sqlite3.connect(place / "showreel.db")
        assert whole.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        whole.close()


async def test_a_request_whose_pictures_find_no_room_is_refused_with_the_reason(club: Community) -> None:
    with small_disk(club.stage.data_dir / "inputs", mebibytes=1) as disk:
        disk.fill()
        answer = await club.ask(prompt="Gulls over the bay", image1=picture())
        assert answer.ephemeral
        assert answer.text == NO_ROOM
        assert await club.nothing_happened()

        disk.make_room()
        again = await club.ask(prompt="Gulls over the bay", image1=picture())
        assert again.text.startswith("Your request is in.")
        await club.everything_ends()
        assert "Done. The video is in the reply below." in lines_of(await club.card_of(await club.job()))
    assert club.forgiven(DownloadFailed) == 1
