"""`showreel health` beside the real process: what a container's health check sees."""

from pathlib import Path

from bot.rehearsal.runcomfy import StandIn
from tests.live.conftest import Start
from tests.live.process import BotProcess, settings_for
from tests.loopback_discord import LoopbackDiscord
from tests.support.waiting import until


async def test_a_running_bot_is_well_a_killed_one_is_missed_and_a_stopped_one_is_not_there(
    start: Start, loopback_discord: LoopbackDiscord, runcomfy: StandIn, tmp_path: Path
) -> None:
    settings = settings_for(loopback_discord, runcomfy)

    async def health() -> tuple[int, str]:
        check = await BotProcess.start(settings, tmp_path, "health")
        status = await check.ended()
        return status, check.printed.splitlines()[-1]

    async def well() -> bool:
        return await health() == (0, "alive and well")

    assert await health() == (1, "no bot runs on this machine")
    bot = await start()
    await until(well, what="a healthy bot")

    await bot.kill()
    status, why = await health()
    assert (status, why.endswith("has died")) == (1, True)

    again = await start()
    await until(well, what="a healthy bot")
    assert await again.terminate() == 0
    assert await health() == (1, "no bot runs on this machine")
