"""An evening: a community that keeps asking, while the processes that serve it come and go."""

import asyncio
import random
from pathlib import Path

from bot.rehearsal.drawing import draw_picture
from bot.rehearsal.runcomfy import StandIn
from tests.crash.findings import MODEL, Findings
from tests.crash.forge import Forge, Forged
from tests.crash.view import StoreView
from tests.live.process import settings_for
from tests.loopback_discord import Channel, LoopbackDiscord, Member, Upload

#: Members of a server, who ask in turn.
MEMBERS = 8
#: How long (seconds) the last processes have to finish everything.
LAST_PATIENCE_S = 180.0


class Evening:
    """Two loopback servers, one folder, one store. What kinds of evenings there are: `solo` and `cluster`."""

    title = "An evening"
    #: Discord servers, and requests kept open while the killing goes on.
    guilds = 1
    open_jobs = 5

    def __init__(
        self, discord: LoopbackDiscord, runcomfy: StandIn, forge: Forge, folder: Path, *, url: str, seed: int
    ) -> None:
        self.discord = discord
        self.runcomfy = runcomfy
        self.forge = forge
        self.folder = folder
        self.random = random.Random(seed)
        self.findings = Findings(self.title)
        self.view = StoreView(url)
        self._url = url
        self.rooms = [self._new_room(number) for number in range(self.guilds)]
        self._asked = 0
        self._picture = Upload("p.png", draw_picture(width=320, height=320), "image/png", 320, 320)

    def _new_room(self, number: int) -> tuple[Channel, list[Member]]:
        guild = self.discord.create_guild(f"Film club {number}")
        members = [guild.add_member(f"member-{number}-{index}") for index in range(MEMBERS)]
        return guild.create_channel("studio"), members

    async def play(self, kills: int) -> Findings:
        """Kill so often, then let everything finish, and look."""
        try:
            await self.trouble(kills)
            await self.finish()
            await self.findings.look(self.runcomfy, [channel for channel, _ in self.rooms], self.view)
        finally:
            await self.view.close()
        self.findings.books = await (await self.start("audit", "ledger", "audit")).ended
        self.findings.violations = len(self.discord.violations) + len(self.discord.unknown_routes)
        return self.findings

    async def trouble(self, kills: int) -> None:
        raise NotImplementedError

    async def finish(self) -> None:
        raise NotImplementedError

    # --- processes --------------------------------------------------------------------------------

    async def start(self, name: str, *argv: str, die_at: str = "") -> Forged:
        self.findings.starts += 1
        return await self.forge.start(name, argv, self._settings(), die_at=die_at)

    def _settings(self) -> dict[str, str]:
        return settings_for(
            self.discord,
            self.runcomfy,
            DATABASE_URL=self._url,
            STARTING_CREDITS="1000000",
            MAX_ACTIVE_REQUESTS="3",
            LEASE_S="3",
        )

    async def until_finished(self) -> None:
        """Wait until nothing is left to be done."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < LAST_PATIENCE_S and await self.view.unfinished():  # noqa: ASYNC110 - another's store
            await asyncio.sleep(0.1)
        self.findings.stuck = await self.view.unfinished()

    # --- requests ---------------------------------------------------------------------------------

    async def keep_asking(self) -> None:
        """Ask whenever fewer than so many requests are open. A request that nobody answers is none."""
        while True:
            if await self.view.unfinished() < self.open_jobs:
                await self._ask()
            await asyncio.sleep(self.random.uniform(0.02, 0.2))

    async def _ask(self) -> None:
        channel, members = self.rooms[self._asked % len(self.rooms)]
        member = members[self._asked // len(self.rooms) % len(members)]
        self._asked += 1
        prompt = f"Request number {self._asked}."
        await self.discord.slash(member, channel, MODEL, prompt=prompt, image=self._picture, duration=2)
