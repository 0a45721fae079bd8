"""`python -m bot.rehearsal.runcomfy`: the stand-in in a process of its own."""

import asyncio
import re
import signal
import sys

import yarl
from pydantic import SecretStr

from bot.catalog import Catalogue
from bot.rehearsal.runcomfy import catalogue_schemas
from bot.runcomfy import open_client


async def test_the_stand_in_runs_on_its_own_and_offers_the_catalogues_models() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.rehearsal.runcomfy",
        "--port",
        "0",
        "--token",
        "t",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/v1", line)
        assert found is not None, line
        async with open_client(base=yarl.URL(found[0]), token=SecretStr("t")) as client:
            offered = {model.model_id for model in await client.models()}
        assert offered == set(catalogue_schemas(Catalogue.load()))
    finally:
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
