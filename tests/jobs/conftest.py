"""What the tracker and the request desk work with. They share one media process: starting one takes time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from bot.media import MediaWorker
from tests.support.studio import Studio, open_studio

#: Renders of the slow studio wait and take this long (seconds of the `rendering` clock).
QUEUE_S = 10.0
RENDER_S = 60.0


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def media() -> AsyncIterator[MediaWorker]:
    worker = MediaWorker()
    yield worker
    await worker.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def studio(tmp_path: Path, store_url: str, media: MediaWorker) -> AsyncIterator[Studio]:
    """A studio where renders are ready at once."""
    async with open_studio(tmp_path, store_url, media) as opened:
        yield opened
        await opened.stop()
        await opened.check()


@pytest_asyncio.fixture(loop_scope="session")
async def slow_studio(tmp_path: Path, store_url: str, media: MediaWorker) -> AsyncIterator[Studio]:
    """A studio where renders wait and take their time, on a clock that the test turns."""
    async with open_studio(tmp_path, store_url, media, queue_s=QUEUE_S, render_s=RENDER_S) as opened:
        yield opened
        await opened.stop()
        await opened.check()
