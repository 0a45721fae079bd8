"""`showreel rehearse` and `showreel playground`: the bot without any token."""

import asyncio
import signal
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.logs import configure_logging
from bot.rehearsal.playground import play
from bot.rehearsal.stage import TOKEN, open_stage
from bot.rehearsal.story import Story


def rehearse(out: Path) -> int:
    """Play the story, write the posted videos to `out`; 0 when everything was as it must be."""
    configure_logging("ERROR", secrets=[TOKEN])
    return asyncio.run(_rehearse(out, Console()))


def playground(port: int | None) -> None:
    """Serve the bot to a browser until Ctrl-C."""
    configure_logging("WARNING", secrets=[TOKEN])
    asyncio.run(_playground(Console(), port))


async def _rehearse(out: Path, console: Console) -> int:
    with TemporaryDirectory(prefix="showreel-rehearsal-") as folder:
        async with open_stage(Path(folder)) as stage:
            complaints = await Story(stage, console, out).play()
    if complaints:
        console.print(f"\n[red]The rehearsal failed:[/] {'; '.join(complaints)}")
        return 1
    console.print(f"\n[green]All is well.[/] The videos are in {out}/.")
    return 0


async def _playground(console: Console, port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with TemporaryDirectory(prefix="showreel-playground-") as folder:
        async with open_stage(Path(folder)) as stage:
            await play(stage, console, stop, port=port)
