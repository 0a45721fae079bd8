"""Ways to RunComfy that lead nowhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import yarl
from pydantic import SecretStr

from bot.runcomfy import RetryPolicy, Timeouts, open_client
from tests.support.studio import Studio


@asynccontextmanager
async def unconnectable(studio: Studio) -> AsyncIterator[None]:
    """RunComfy's machine never finishes a connection. The tracker is started for the block, and stopped."""
    usual = studio.workshop
    async with _silent_machine() as port:
        base = yarl.URL(f"https://127.0.0.1:{port}/v1")
        async with open_client(
            base=base,
            token=SecretStr(studio.runcomfy.token),
            retry=RetryPolicy(attempts=1),
            timeouts=Timeouts(connect_s=0.05, read_s=20, submit_s=20),
        ) as client:
            studio.workshop = replace(usual, runcomfy=client)
            await studio.open()
            yield
            await studio.stop()
    studio.workshop = usual


@asynccontextmanager
async def _silent_machine() -> AsyncIterator[int]:
    """A port where the greeting of TLS is never answered."""
    talks: set[asyncio.Task[None]] = set()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()
        writer.close()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(say_nothing(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()
