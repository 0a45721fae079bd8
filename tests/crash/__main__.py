"""`python -m tests.crash --kills 200`: plays two evenings of crashes and prints what came of them."""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot.catalog import Catalogue
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from tests.crash.cluster import Cluster
from tests.crash.evening import Evening
from tests.crash.findings import Findings
from tests.crash.forge import Forge
from tests.crash.solo import Solo
from tests.loopback_discord import LoopbackDiscord
from tests.support.postgres import running_postgres

EVENINGS: dict[str, type[Evening]] = {"solo": Solo, "cluster": Cluster}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="of each evening")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=EVENINGS)
    options = parser.parse_args()
    wrong: list[str] = []
    for name in EVENINGS if options.only is None else [options.only]:
        found = play(name, kills=options.kills, seed=options.seed)
        Console(width=110).print(found.table())
        wrong += found.complaints()
    for complaint in wrong:
        sys.stderr.write(f"{complaint}\n")
    return 1 if wrong else 0


def play(name: str, *, kills: int, seed: int) -> Findings:
    """Play one evening in a folder and on a store of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="showreel-crash-")))
        if name == "cluster":
            url = stack.enter_context(running_postgres()).create()
        else:
            url = f"sqlite+aiosqlite:///{folder}/data/showreel.db"
        return asyncio.run(evening(EVENINGS[name], folder, url, kills=kills, seed=seed))


async def evening(kind: type[Evening], folder: Path, url: str, *, kills: int, seed: int) -> Findings:
    """Play it on fresh loopback servers."""
    schemas = catalogue_schemas(Catalogue.load())
    runcomfy = StandIn(schemas=schemas, slots=4, queue_s=(0.0, 0.3), render_s=(0.1, 1.0), video_scale=0.1)
    async with LoopbackDiscord() as discord, runcomfy, Forge(folder) as forge:
        return await kind(discord, runcomfy, forge, folder, url=url, seed=seed).play(kills)


if __name__ == "__main__":
    sys.exit(main())
