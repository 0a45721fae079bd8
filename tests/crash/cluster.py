"""Two gateways and four workers on PostgreSQL: killed and paused at random, all of them."""

import asyncio

from tests.crash.evening import Evening
from tests.crash.forge import Forged

WORKERS = 4
GATEWAYS = 2
#: How long (seconds) a paused process stays so: beyond the lease of its jobs, which others then take over.
PAUSE_S = (4.0, 6.0)
#: Seconds between two misfortunes.
REST_S = (0.1, 1.0)


class Cluster(Evening):
    title = f"{GATEWAYS} gateways and {WORKERS} workers on PostgreSQL"
    guilds = 4
    open_jobs = 10

    async def trouble(self, kills: int) -> None:
        self._commands: dict[str, tuple[str, ...]] = {
            f"worker-{number}": ("run", "--role", "worker") for number in range(WORKERS)
        }
        for number in range(GATEWAYS):
            shard = f"{number}/{GATEWAYS}"
            self._commands[f"gateway-{number}"] = ("run", "--role", "gateway", "--shards", shard)
        self._processes: dict[str, Forged] = {}
        self._waking: set[asyncio.Task[None]] = set()
        for name in self._commands:
            await self._begin(name)
        asking = asyncio.create_task(self._ask_when_ready())
        try:
            while self.findings.kills < kills:
                await asyncio.sleep(self.random.uniform(*REST_S))
                await self._misfortune()
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    async def finish(self) -> None:
        await asyncio.gather(*self._waking)
        await self.discord.wait_until_ready(60, shards=GATEWAYS)
        await self.until_finished()
        statuses = await asyncio.gather(*(process.terminate() for process in self._processes.values()))
        assert set(statuses) == {0}, [process.printed[-2000:] for process in self._processes.values()]

    async def _begin(self, name: str) -> None:
        self._processes[name] = await self.start(name, *self._commands[name])

    async def _ask_when_ready(self) -> None:
        await self.discord.wait_until_ready(60, shards=GATEWAYS)
        await self.keep_asking()

    async def _misfortune(self) -> None:
        name, process = self.random.choice(list(self._processes.items()))
        assert process.running, process.printed[-3000:]
        if not process.paused and self.random.random() < 0.3:
            self._pause(process)
            return
        reason = f"{name.partition('-')[0]}{' while paused' if process.paused else ''}"
        await process.kill()
        self.findings.kills += 1
        self.findings.reasons[reason] += 1
        await self._begin(name)

    def _pause(self, process: Forged) -> None:
        process.pause()
        self.findings.pauses += 1
        task = asyncio.create_task(self._wake(process, self.random.uniform(*PAUSE_S)))
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)

    async def _wake(self, process: Forged, after_s: float) -> None:
        await asyncio.sleep(after_s)
        process.go_on()
