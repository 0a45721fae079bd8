"""One process on SQLite: killed at every persisted step, and at random moments."""

import asyncio

from tests.crash.evening import Evening
from tests.crash.forge import Forged
from tests.crash.moments import Step

#: How long (seconds) one life of the process may last before it is killed anyway.
LONGEST_LIFE_S = 3.0
#: A life that is to end at a step may last longer: the step has to come.
LONGEST_STEP_LIFE_S = 10.0
#: Every one of the first so many writes of a life is tried, before and after its commit.
STEPS = 24


class Solo(Evening):
    title = "One process on SQLite"

    async def trouble(self, kills: int) -> None:
        every_step = [Step(number, after) for number in range(1, STEPS + 1) for after in (False, True)]
        for step in every_step[: kills // 2]:
            await self._one_life(step)
        while self.findings.kills < kills:
            await self._one_life(None)

    async def finish(self) -> None:
        bot = await self._start(None)
        await self.discord.wait_until_ready(30)
        await self.until_finished()
        assert await bot.terminate() == 0, bot.printed[-3000:]

    # --- lives ------------------------------------------------------------------------------------

    async def _start(self, step: Step | None) -> Forged:
        await self.discord.wait_until_disconnected()
        # As if the process had been away for minutes: a nonce does not help any more.
        self.discord.forget_nonces()
        return await self.start("bot", "run", die_at="" if step is None else str(step))

    async def _one_life(self, step: Step | None) -> None:
        bot = await self._start(step)
        asking = asyncio.create_task(self._ask_when_ready())
        try:
            reason = await (self._until_the_step(bot) if step is not None else self._until_a_moment(bot))
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        await bot.kill()
        self.findings.kills += 1
        self.findings.reasons[reason] += 1

    async def _ask_when_ready(self) -> None:
        await self.discord.wait_for(lambda: self.discord.gateway.connected, 30)
        await self.keep_asking()

    async def _until_the_step(self, bot: Forged) -> str:
        try:
            status = await asyncio.wait_for(asyncio.shield(bot.ended), LONGEST_STEP_LIFE_S)
        except TimeoutError:
            return "old age"
        assert status < 0, bot.printed[-3000:]
        return "at a step"

    async def _until_a_moment(self, bot: Forged) -> str:
        """Wait for one of the moments at which a death hurts most; the name of the moment."""
        moment = self.random.choice(["at any time", "after an event", "after a post", "after a call"])
        events, requests = await self.view.events(), len(self.discord.requests)
        calls = sum(self.runcomfy.calls.values())
        wanted = self.random.randint(1, 10)
        delay = self.random.uniform(0.0, LONGEST_LIFE_S / 2)
        loop = asyncio.get_running_loop()
        started = loop.time()
        while (age := loop.time() - started) < LONGEST_LIFE_S:
            assert bot.running, bot.printed[-3000:]
            reached = {
                "at any time": lambda: age > delay,
                "after a post": lambda: len(self.discord.requests) >= requests + wanted + 6,
                "after a call": lambda: sum(self.runcomfy.calls.values()) >= calls + wanted,
            }
            if moment == "after an event":
                if await self.view.events() >= events + wanted:
                    return moment
            elif reached[moment]():
                return moment
            await asyncio.sleep(0.005)
        return "old age"
