from collections.abc import AsyncIterator

import pytest

from tests.media.file_host import FileHost


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    async with FileHost().run() as running:
        yield running
