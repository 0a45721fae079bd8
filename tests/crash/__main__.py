"""`python -m tests.crash --kills 200`: plays an evening of crashes and prints what came of it."""

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from bot.catalog import Catalogue
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from tests.crash.evening import Evening, Findings
from tests.loopback_discord import LoopbackDiscord


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="showreel-crash-") as folder:
        found = asyncio.run(evening(Path(folder), kills=options.kills, seed=options.seed))
    show(found, Console())
    wrong = found.complaints()
    for complaint in wrong:
        sys.stderr.write(f"{complaint}\n")
    return 1 if wrong else 0


async def evening(folder: Path, *, kills: int, seed: int) -> Findings:
    """Play it on fresh loopback servers."""
    schemas = catalogue_schemas(Catalogue.load())
    runcomfy = StandIn(schemas=schemas, slots=4, queue_s=(0.0, 0.3), render_s=(0.1, 1.0), video_scale=0.1)
    async with LoopbackDiscord() as discord, runcomfy:
        return await Evening(discord, runcomfy, folder, seed=seed).play(kills)


def show(found: Findings, console: Console) -> None:
    """The table."""
    table = Table("what", "found", title="An evening of crashes")
    table.add_row("kills", f"{found.kills} ({dict(found.reasons)})")
    table.add_row("jobs", f"{found.ends.total()} ({dict(found.ends)})")
    table.add_row("submits per request: how many", str(dict(found.submits_per_request)))
    table.add_row("videos per delivered job: how many", str(dict(found.posts_per_delivered)))
    table.add_row("cards per job: how many", str(dict(found.cards_per_job)))
    table.add_row("videos of jobs not delivered", str(found.posts_of_others))
    table.add_row("stuck jobs", str(found.stuck))
    table.add_row("books", "balance" if found.books == 0 else "do not balance")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
