"""`showreel migrate` and `showreel ledger audit`: the store, without Discord."""

import asyncio

from bot.credits.audit import Discrepancy, audit
from bot.database import Database
from bot.migrate import migrate as migrate_store
from bot.settings import StoreSettings, load_settings


def migrate() -> None:
    """Bring the store up to date."""
    settings = load_settings(StoreSettings)
    asyncio.run(migrate_store(settings.database_url.get_secret_value()))


def audit_ledger() -> list[Discrepancy]:
    """Everything in the books that does not add up."""
    settings = load_settings(StoreSettings)
    return asyncio.run(_audit(settings.database_url.get_secret_value()))


async def _audit(url: str) -> list[Discrepancy]:
    database = Database(url)
    try:
        return await database.run(audit)
    finally:
        await database.close()
