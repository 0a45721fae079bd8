"""`showreel run`: the bot, live."""

import asyncio
import signal

from bot.app import build
from bot.discord_io.client import connect_to
from bot.logs import configure_logging
from bot.settings import Settings, load_settings


def run() -> None:
    """Run the bot until SIGTERM or SIGINT. It ends within ten seconds; its jobs go on at the next start."""
    settings = load_settings(Settings)
    configure_logging(settings.log_level, secrets=settings.secrets())
    connect_to(api_base=settings.discord_api_base, gateway_url=settings.discord_gateway_url)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with build(settings) as showreel:
        await showreel.run(settings.discord_token.get_secret_value(), stop)
