"""Starts and stops the real process, `python -m bot run`."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.rehearsal.runcomfy import StandIn
from tests.loopback_discord import LoopbackDiscord

REPOSITORY = Path(__file__).parents[2]


class BotProcess:
    """One `showreel` process and what it printed."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, settings: Mapping[str, str], folder: Path, *command: str) -> "BotProcess":
        """Start `python -m bot` with these settings and nothing of this machine's own environment."""
        log = folder / "log.txt"
        with log.open("ab") as stream:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *(command or ("run",)),
                cwd=folder,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **settings},
                stdout=stream,
                stderr=stream,
            )
        return cls(process, log)

    @property
    def printed(self) -> str:
        return self._log.read_text()

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    async def ended(self, timeout: float = 20.0) -> int:
        """Wait for the end and return the exit status."""
        return await asyncio.wait_for(self._process.wait(), timeout)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def terminate(self, timeout: float = 10.0) -> int:
        """SIGTERM; the product promises to end within ten seconds."""
        self.send(signal.SIGTERM)
        return await self.ended(timeout)

    async def kill(self) -> None:
        if self.running:
            self._process.kill()
        await self._process.wait()


def settings_for(discord: LoopbackDiscord, runcomfy: StandIn, **more: str) -> dict[str, str]:
    """The settings that point a process at the two loopback servers."""
    return {
        **discord.environment(),
        "DISCORD_GUILD_IDS": "*",
        "RUNCOMFY_API_TOKEN": runcomfy.token,
        "RUNCOMFY_API_BASE": str(runcomfy.api_base),
        "RUNCOMFY_OUTPUT_HOSTS": runcomfy.output_host,
        **more,
    }
