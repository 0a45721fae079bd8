"""Signs of life: given while all is well, and judged by another process on the same machine."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import alive
from bot.alive import STALE_S, Sign
from bot.database import Database
from bot.heartbeat import Heartbeat
from tests.cli.conftest import CommandLine, showreel
from tests.support.waiting import until

__all__ = ["showreel"]

ME = os.getpid()
HEAVY = {"discord", "sqlalchemy", "aiohttp", "av", "PIL", "alembic", "asyncpg", "aiosqlite", "jsonschema"}


@dataclass
class Monotonic:
    """A machine's seconds since its start, turned by hand."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def a_dead_process() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


# --- the heart ----------------------------------------------------------------------------------------


async def test_a_bot_that_works_is_alive_and_well(database: Database, tmp_path: Path) -> None:
    await Heartbeat(tmp_path, database, turns=lambda: 1).beat()

    assert alive.trouble(tmp_path) is None


async def test_the_sign_is_there_while_it_runs_and_gone_after_a_clean_stop(
    database: Database, tmp_path: Path
) -> None:
    beating = asyncio.create_task(Heartbeat(tmp_path, database).run())
    await until(lambda: alive.trouble(tmp_path) is None, what="a sign of life")

    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)

    assert list((tmp_path / "alive").iterdir()) == []
    assert alive.trouble(tmp_path) == "no bot runs on this machine"


async def test_a_store_that_cannot_be_used_is_a_problem(database: Database, tmp_path: Path) -> None:
    await database.close()

    await Heartbeat(tmp_path, database).beat()

    assert "the store cannot be used: closed" in (alive.trouble(tmp_path) or "")


async def test_a_tracker_that_stands_still_is_a_problem_until_it_turns(
    database: Database, tmp_path: Path
) -> None:
    clock, turns = Monotonic(), [1]
    heart = Heartbeat(tmp_path, database, turns=lambda: turns[0], clock=clock)
    await heart.beat()
    clock.now += 60
    await heart.beat()
    assert alive.trouble(tmp_path, now=clock()) is None

    clock.now += 60
    await heart.beat()
    assert "the tracker has stood still for 120 seconds" in (alive.trouble(tmp_path, now=clock()) or "")

    turns[0] += 1
    await heart.beat()
    assert alive.trouble(tmp_path, now=clock()) is None


async def test_a_directory_that_cannot_be_written_stops_no_heart(database: Database, tmp_path: Path) -> None:
    in_the_way = tmp_path / "alive"
    in_the_way.write_text("a file")

    await Heartbeat(tmp_path, database).beat()

    assert alive.trouble(tmp_path) == "no bot runs on this machine"


# --- the check ----------------------------------------------------------------------------------------


def test_an_old_sign_is_none(tmp_path: Path) -> None:
    """The event loop stands still, or the machine was started anew since."""
    alive.give(tmp_path, Sign("bot", ME, 1000.0, None))

    assert alive.trouble(tmp_path, now=1000.0 + STALE_S) is None
    for now in (1001.0 + STALE_S, 999.0):
        assert "no sign of life for too long" in (alive.trouble(tmp_path, now=now) or "")


def test_a_process_that_died_is_missed(tmp_path: Path) -> None:
    alive.give(tmp_path, Sign("worker", pid := a_dead_process(), time.monotonic(), None))
    alive.give(tmp_path, Sign("gateway", ME, time.monotonic(), None))

    assert alive.trouble(tmp_path) == f"process {pid} (worker) has died"


async def test_the_next_start_clears_the_signs_of_the_dead(database: Database, tmp_path: Path) -> None:
    alive.give(tmp_path, Sign("bot", a_dead_process(), time.monotonic(), None))
    elsewhere = tmp_path / "alive" / "1-bot@another-machine.json"
    elsewhere.write_text("{}")
    forgotten = tmp_path / "alive" / "1-bot@a-machine-long-gone.json"
    forgotten.write_text("{}")
    os.utime(forgotten, (0, 0))

    beating = asyncio.create_task(Heartbeat(tmp_path, database).run())
    await until(lambda: alive.trouble(tmp_path) is None, what="all to be well")

    assert {path.name for path in (tmp_path / "alive").iterdir()} == {
        elsewhere.name,
        f"{ME}-bot@{alive.machine()}.json",
    }
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


def test_other_machines_that_share_the_directory_are_not_judged(tmp_path: Path) -> None:
    alive.give(tmp_path, Sign("bot", ME, time.monotonic(), None))
    (tmp_path / "alive" / f"1-bot@not-{alive.machine()}.json").write_text("{}")

    assert alive.trouble(tmp_path) is None


def test_containers_that_share_a_name_are_told_apart() -> None:
    """As they do where one lends the others its network."""
    numbers = Path("/proc/self/ns/pid").readlink().name

    assert alive.machine() == f"{socket.gethostname()}.{numbers.removeprefix('pid:[').removesuffix(']')}"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"role": 1}', "\x00"])
def test_a_sign_that_cannot_be_read_is_a_problem(tmp_path: Path, content: str) -> None:
    alive.give(tmp_path, Sign("bot", ME, time.monotonic(), None))
    [path] = (tmp_path / "alive").iterdir()
    path.write_text(content)

    assert alive.trouble(tmp_path) is not None


# --- the command --------------------------------------------------------------------------------------


def test_health_ends_with_0_and_says_so(showreel: CommandLine, tmp_path: Path) -> None:
    alive.give(tmp_path / "data", Sign("bot", ME, time.monotonic(), None))

    ended = showreel("health")

    assert (ended.status, ended.out) == (0, "alive and well\n")


def test_health_ends_with_1_and_says_why_in_a_line(
    showreel: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = showreel("health")
    assert (ended.status, ended.out) == (1, "no bot runs on this machine\n")

    alive.give(tmp_path / "data", Sign("bot", ME, time.monotonic(), "the store does not answer"))
    ended = showreel("health")
    assert (ended.status, ended.out) == (1, f"process {ME} (bot): the store does not answer\n")

    monkeypatch.setenv("DATA_DIR", __file__)
    ended = showreel("health")
    assert (ended.status, ended.out) == (1, "the settings need attention: DATA_DIR\n")


def test_health_loads_nothing_heavy() -> None:
    """It runs every half minute, beside a bot that has better use for the machine."""
    script = (
        "import sys; sys.argv = ['showreel', 'health']\n"
        "from bot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    assert ran.stdout.startswith("no bot runs on this machine")
    assert HEAVY & set(ran.stdout.split()) == set()
