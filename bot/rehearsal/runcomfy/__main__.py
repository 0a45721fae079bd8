"""`python -m bot.rehearsal.runcomfy --port 8750 --token anything`: the stand-in on its own."""

import argparse
import asyncio
import signal

import structlog

from bot.catalog import Catalogue
from bot.rehearsal.runcomfy.schemas import catalogue_schemas
from bot.rehearsal.runcomfy.server import StandIn

log = structlog.get_logger(__name__)


async def serve(*, port: int, token: str, queue_s: float, render_s: float) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    schemas = catalogue_schemas(Catalogue.load())
    stand_in = StandIn(schemas=schemas, token=token, port=port, queue_s=queue_s, render_s=render_s)
    async with stand_in:
        log.info("stand_in.listening", api_base=str(stand_in.api_base))
        await stop.wait()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description="A stand-in RunComfy on loopback.")
    parser.add_argument("--port", type=int, default=8750, help="0 for any free one")
    parser.add_argument("--token", default="stand-in-token", help="the API token that is let in")
    parser.add_argument("--queue-s", type=float, default=3.0, help="seconds a request waits")
    parser.add_argument("--render-s", type=float, default=15.0, help="seconds a render takes")
    options = parser.parse_args()
    asyncio.run(
        serve(port=options.port, token=options.token, queue_s=options.queue_s, render_s=options.render_s)
    )


if __name__ == "__main__":
    main()
