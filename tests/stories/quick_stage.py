"""A stage on which everything takes moments."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.rehearsal.stage import Pace, Stage, open_stage

QUICK = Pace(queue_s=0.1, render_s=0.3, look_s=0.1, card_pace_s=0.05)
#: RunComfy keeps whatever is asked for in its queue, or at its renderer, for as long as a story lasts.
NEVER_STARTS = Pace(queue_s=600.0, render_s=0.3, look_s=0.1, card_pace_s=0.05)
NEVER_ENDS = Pace(queue_s=0.0, render_s=600.0, look_s=0.1, card_pace_s=0.05)


@asynccontextmanager
async def quick_stage(data_dir: Path, *, pace: Pace = QUICK, **more: Any) -> AsyncIterator[Stage]:
    """The stage, opened and closed in one task of its own.

    A fixture is entered and left in two contexts, and SimCord must be left in the one it was entered in.
    """
    opened: asyncio.Future[Stage] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def hold() -> None:
        async with open_stage(
            data_dir, pace=pace, **{"places": 10, "slots": 10, "video_scale": 0.2, **more}
        ) as stage:
            opened.set_result(stage)
            await over.wait()

    holding = asyncio.create_task(hold())
    holding.add_done_callback(lambda _done: opened.done() or opened.cancel())
    try:
        yield await opened
    finally:
        over.set()
        await holding  # raises what opening or closing the stage raised
