"""A store that was restored from a copy: nothing is sent to RunComfy twice, nothing posted twice.

Copying and restoring are the operator's own commands, in processes of their own.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Connection

from bot.database import Database
from bot.jobs import store
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.media import MediaWorker
from bot.rehearsal.runcomfy import Fault
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.conftest import url_of
from tests.jobs.conftest import QUEUE_S, RENDER_S
from tests.support.jobs import GUILD, PRICE
from tests.support.studio import OPENING, Studio, open_studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Operator:
    """Somebody with a shell, and the studio whose store it is."""

    studio: Studio
    path: Path
    stores: AsyncExitStack

    @property
    def copy(self) -> Path:
        return self.path.with_name("copy.db")

    async def showreel(self, *words: object) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *map(str, words),
            env={**os.environ, "DATABASE_URL": url_of(self.path)},
        )
        assert await process.wait() == 0

    async def back_up(self) -> None:
        await self.showreel("backup", self.copy)

    async def restore(self) -> None:
        """Stop the bot, restore the copy, and stand ready to start again."""
        studio = self.studio
        await studio.stop()
        await studio.board.close()
        await studio.database.close()
        await self.showreel("restore", self.copy)
        studio.database = Database(url_of(self.path))
        self.stores.push_async_callback(studio.database.close)
        studio.workshop = replace(studio.workshop, database=studio.database)
        studio.board._database = studio.database

    async def everything_ends(self) -> None:
        async def all_ended() -> bool:
            return await self.studio.database.run(store.count_unfinished) == 0

        await until(all_ended, what="the end of every job")


@pytest_asyncio.fixture(loop_scope="session")
async def operator(tmp_path: Path, store_path: Path, media: MediaWorker) -> AsyncIterator[Operator]:
    async with (
        open_studio(tmp_path, url_of(store_path), media, queue_s=QUEUE_S, render_s=RENDER_S) as studio,
        AsyncExitStack() as stores,
    ):
        yield Operator(studio, store_path, stores)
        await studio.stop()
        await studio.board.close()
        await studio.check()


async def test_a_request_sent_after_the_copy_was_made_is_never_sent_again(operator: Operator) -> None:
    studio = operator.studio
    without_card, with_card = await studio.ask(), await studio.ask()
    await studio.database.run(
        store.set_card, with_card, message_id=7, attached=frozenset(), at=studio.clock()
    )
    await operator.back_up()
    await studio.open()
    sent = [without_card, with_card]
    for job in sent:
        await studio.reaches(job, JobState.IN_QUEUE)

    await operator.restore()
    await studio.open()
    another = await studio.ask()
    await studio.reaches(another, JobState.IN_QUEUE)
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await studio.reaches(another, JobState.DELIVERED)
    await operator.everything_ends()

    assert [studio.submits_of(job) for job in [*sent, another]] == [1, 1, 1]
    for job in sent:
        ended = await studio.get(job)
        assert (ended.state, ended.failure) == (JobState.FAILED, Failure.RESTORED)
    assert await studio.balance() == OPENING - PRICE
    # Who has no card to look at is told directly.
    assert len(studio.direct_to(without_card)) == 1


async def test_a_request_that_waited_for_a_moderator_in_the_copy_ends(operator: Operator) -> None:
    studio = operator.studio
    await studio.database.run(approve_everything)
    job = await studio.ask()
    assert job.state is JobState.AWAITING_APPROVAL
    await operator.back_up()

    await operator.restore()

    ended = await studio.get(job)
    assert (ended.state, ended.failure) == (JobState.FAILED, Failure.RESTORED)
    assert await studio.balance() == OPENING


def approve_everything(connection: Connection) -> None:
    servers.save(connection, GUILD, ServerSettings(approve_everything=True, moderators_channel=5), at=1)


async def test_a_video_posted_after_the_copy_was_made_is_found_and_not_posted_again(
    operator: Operator,
) -> None:
    studio = operator.studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await operator.back_up()
    studio.rendering.advance(QUEUE_S + RENDER_S)
    posted = await studio.reaches(job, JobState.DELIVERED)

    await operator.restore()
    # RunComfy keeps finished files for a while only: what was posted is not fetched again.
    studio.runcomfy.faults.add(Fault.OUTPUT_DEAD)
    await studio.open()
    again = await studio.reaches(job, JobState.DELIVERED)

    assert again.result_message_id == posted.result_message_id
    assert studio.videos_of(job) == 1
    assert await studio.balance() == OPENING - PRICE


async def test_a_video_that_was_not_posted_since_is_posted_once(operator: Operator) -> None:
    studio = operator.studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    await operator.back_up()

    await operator.restore()
    await studio.open()
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await studio.reaches(job, JobState.DELIVERED)

    assert (studio.submits_of(job), studio.videos_of(job)) == (1, 1)


async def test_a_submit_under_way_in_the_copy_is_uncertain(operator: Operator) -> None:
    studio = operator.studio
    job = await studio.ask()
    await studio.database.run(store.move, job, JobState.SUBMITTING, at=studio.clock())
    await operator.back_up()

    await operator.restore()
    await studio.open()
    await operator.everything_ends()

    assert (await studio.get(job)).state is JobState.UNCERTAIN
    assert studio.submits_of(job) == 0
    assert await studio.balance() == OPENING


async def test_what_a_moderator_withholds_after_the_restore_is_not_posted(operator: Operator) -> None:
    studio = operator.studio
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.IN_QUEUE)
    pause = studio.board.pause("post_video")
    studio.rendering.advance(QUEUE_S + RENDER_S)
    await pause.reached.wait()
    await operator.back_up()
    pause.go_on.set()
    await studio.reaches(job, JobState.DELIVERED)
    studio.board.videos.clear()  # somebody has deleted it since

    await operator.restore()
    await studio.database.run(store.request_cancel, job.id, by=7, at=studio.clock(), withhold=True)
    await studio.open()
    ended = await studio.reaches(job, JobState.CANCELLED)

    assert ended.failure == Failure.WITHHELD
    assert studio.videos_of(job) == 0
