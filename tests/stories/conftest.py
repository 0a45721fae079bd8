from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.rehearsal.stage import Stage
from tests.stories.community import Community
from tests.stories.quick_stage import quick_stage


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with quick_stage(tmp_path) as stage:
        yield stage
        assert stage.unexpected_errors() == []


@pytest.fixture
def club(stage: Stage) -> Community:
    return Community(stage)
