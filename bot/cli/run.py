"""`showreel run`: the bot, live."""

import asyncio
import signal

from bot.app import build
from bot.discord_io.client import connect_to
from bot.engines import is_sqlite
from bot.errors import SettingProblem, SettingsInvalid
from bot.logs import configure_logging
from bot.roles import Role, Shards
from bot.settings import Settings, load_settings


def run(role: Role, shards: Shards | None) -> None:
    """Run the bot until SIGTERM or SIGINT. It ends within ten seconds; its jobs go on at the next start.

    Raises:
        SettingsInvalid: with every problem at once; also where the store is not made for several processes.
    """
    settings = load_settings(Settings)
    check_store(role, settings.database_url.get_secret_value())
    configure_logging(settings.log_level, secrets=settings.secrets())
    connect_to(api_base=settings.discord_api_base, gateway_url=settings.discord_gateway_url)
    asyncio.run(_run(settings, role, shards))


def check_store(role: Role, url: str) -> None:
    """Refuse to share a SQLite file between processes.

    Raises:
        SettingsInvalid: the role shares the store, and it is SQLite.
    """
    if role is not Role.ALL and is_sqlite(url):
        problem = f"must name a PostgreSQL database for --role {role}: SQLite has one process"
        raise SettingsInvalid([SettingProblem("DATABASE_URL", problem)])


async def _run(settings: Settings, role: Role, shards: Shards | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with build(settings, role=role, shards=shards) as showreel:
        await showreel.run(settings.discord_token.get_secret_value(), stop)
