"""The rounds of housekeeping over real files: what is kept, for how long, and what nobody needs."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.catalog import Catalogue
from bot.database import Database
from bot.jobs import housekeeping
from bot.jobs.housekeeping import FORGOTTEN_MS, Housekeeper
from bot.jobs.inspection import Inspector
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.requests import RequestDesk
from bot.jobs.states import JobState
from bot.jobs.workshop import video_file
from bot.media import AllowedHosts, Downloader, MediaWorker
from tests.conftest import url_of
from tests.support.clock import Clock
from tests.support.jobs import in_state

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEEPING = Keeping(days=3)


@dataclass
class House:
    """A store, a directory of files, and the clock by which both are judged."""

    database: Database
    data_dir: Path
    clock: Clock
    keeper: Housekeeper

    async def a_job(self, state: JobState) -> Job:
        return await self.database.run(in_state, state, at=self.clock())

    def a_file(self, name: str) -> Path:
        """A file beside the videos, written now."""
        path = self.data_dir / "videos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"frames")
        os.utime(path, (self.clock() / 1000, self.clock() / 1000))
        return path

    def a_video(self, job: Job) -> Path:
        return self.a_file(video_file(self.data_dir, job.id).name)

    def another_machine(self) -> Housekeeper:
        return Housekeeper(self.keeper._desk, self.database, self.data_dir, keeping=KEEPING, now=self.clock)


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path, store_path: Path, media: MediaWorker) -> AsyncIterator[House]:
    database, clock = Database(url_of(store_path)), Clock()
    downloader = Downloader(AllowedHosts.parse(["127.0.0.1"]))
    desk = RequestDesk(
        database=database,
        catalogue=Catalogue.load(),
        inspector=Inspector(downloader, media),
        data_dir=tmp_path / "data",
        starting_credits=100,
        now=clock,
    )
    keeper = Housekeeper(desk, database, tmp_path / "data", keeping=KEEPING, now=clock)
    yield House(database, tmp_path / "data", clock, keeper)
    await downloader.aclose()
    await database.close()


async def test_a_video_that_could_not_be_posted_has_its_days_and_no_more(house: House) -> None:
    job = await house.a_job(JobState.UNDELIVERABLE)
    video = house.a_video(job)
    assert KEEPING.until(job) == house.clock() + KEEPING.ms

    house.clock.advance(KEEPING.ms / 1000 - 1)
    await house.keeper.tidy()
    assert video.exists()

    house.clock.advance(1)
    await house.keeper.tidy()
    assert not video.exists()


@pytest.mark.parametrize("state", [JobState.DELIVERED, JobState.CANCELLED, JobState.FAILED])
async def test_a_video_of_a_job_that_ended_otherwise_goes_at_once(house: House, state: JobState) -> None:
    video = house.a_video(await house.a_job(state))

    await house.keeper.tidy()

    assert not video.exists()


async def test_a_video_that_is_still_to_be_posted_stays(house: House) -> None:
    job = await house.a_job(JobState.RENDERED)
    video, fetching = house.a_video(job), house.a_file(f"{job.id}.mp4.unseen.part")

    await house.keeper.tidy()
    assert (video.exists(), fetching.exists()) == (True, True)

    house.clock.advance(2 * KEEPING.ms / 1000)
    await house.keeper.tidy()
    assert video.exists()


@pytest.mark.parametrize("suffix", [".mp4.unseen", ".mp4.unseen.part"])
async def test_what_a_dead_process_has_half_written_goes_when_it_is_forgotten(
    house: House, suffix: str
) -> None:
    open_job, ended = await house.a_job(JobState.RENDERED), await house.a_job(JobState.UNDELIVERABLE)
    of_open, of_nobody = house.a_file(open_job.id + suffix), house.a_file("0000000000" + suffix)
    of_ended = house.a_file(ended.id + suffix)

    await house.keeper.tidy()
    assert (of_open.exists(), of_nobody.exists(), of_ended.exists()) == (True, True, False)

    house.clock.advance(FORGOTTEN_MS / 1000 + 1)
    await house.keeper.tidy()
    assert (of_open.exists(), of_nobody.exists()) == (False, False)


async def test_a_video_of_no_job_has_its_full_time(house: House) -> None:
    """The store may be an older copy, or another one by mistake."""
    video = house.a_file("0000000000.mp4")

    house.clock.advance(KEEPING.ms / 1000)
    await house.keeper.tidy()
    assert video.exists()

    house.clock.advance(1)
    await house.keeper.tidy()
    assert not video.exists()


async def test_one_round_looks_at_every_file_however_many_are_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_AT_ONCE", 2)
    kept = [house.a_video(await house.a_job(JobState.UNDELIVERABLE)) for _ in range(5)]
    # Its name comes after those of all kept ones.
    last = house.a_file("zzzzzzzzzz.mp4.unseen")
    os.utime(last, (0, 0))

    await house.keeper.tidy()

    assert not last.exists()
    assert all(path.exists() for path in kept)


async def test_two_machines_that_sweep_one_directory_at_once_do_no_harm(house: House) -> None:
    kept = house.a_video(await house.a_job(JobState.UNDELIVERABLE))
    for _ in range(50):
        house.a_video(await house.a_job(JobState.DELIVERED))

    await asyncio.gather(house.keeper.tidy(), house.another_machine().tidy())

    assert list(kept.parent.iterdir()) == [kept]


async def test_without_a_directory_there_is_nothing_to_clear(house: House) -> None:
    assert not house.data_dir.exists()

    await house.keeper.tidy()
