import asyncio
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog.media import MediaFacts, MediaKind
from bot.errors import MediaUnreadable
from bot.media import MediaWorker
from bot.media.worker import CALLS_A_PROCESS
from bot.rehearsal.drawing import draw_clip
from tests.media import files

MEBIBYTE = 1024 * 1024


@pytest.fixture
async def worker() -> AsyncIterator[MediaWorker]:
    running = MediaWorker()
    yield running
    await running.aclose()


def is_running(process: int) -> bool:
    """Whether our own child is there; a worker that was ended has been waited for."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_file_is_looked_at_in_another_process(worker: MediaWorker, tmp_path: Path) -> None:
    content = draw_clip(seconds=2, width=64, height=32, format="mp4")
    (tmp_path / "file").write_bytes(content)
    facts = await worker.probe(tmp_path / "file")
    assert facts == MediaFacts(len(content), MediaKind.VIDEO, "mp4", 64, 32, 2)
    assert await worker.run(os.getpid, timeout_s=10) != os.getpid()


async def test_the_file_s_own_fault_comes_through(worker: MediaWorker, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    with pytest.raises(MediaUnreadable, match="unknown"):
        await worker.probe(tmp_path / "file")


async def test_one_process_answers_call_after_call(worker: MediaWorker) -> None:
    await worker.start()
    processes = {await worker.run(os.getpid, timeout_s=10) for _ in range(3)}
    assert len(processes) == 1


async def test_a_bomb_is_measured_in_little_memory(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(files.claiming_png(12_000, 12_000))  # 412 MiB, were it decoded
    (tmp_path / "huge").write_bytes(files.claiming_png(50_000, 50_000))
    worker = MediaWorker(memory_bytes=400 * MEBIBYTE)
    assert (await worker.probe(tmp_path / "bomb")).width == 12_000
    with pytest.raises(MediaUnreadable, match="too_many_pixels"):
        await worker.probe(tmp_path / "huge")
    await worker.aclose()


async def test_a_call_that_hangs_is_ended_and_the_next_one_works(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    with pytest.raises(MediaUnreadable, match="timeout"):
        await worker.run(time.sleep, 60.0, timeout_s=0.1)
    assert not is_running(process)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_a_call_that_eats_memory_is_ended_and_the_next_one_works(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    with pytest.raises(MediaUnreadable, match="memory"):
        await worker.run(bytes, 4000 * MEBIBYTE, timeout_s=10)
    assert not is_running(process)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_a_worker_killed_in_the_middle_is_replaced(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    call = asyncio.create_task(worker.run(time.sleep, 60.0, timeout_s=60))
    await asyncio.sleep(0.05)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(MediaUnreadable, match="crashed"):
        await call
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_a_worker_killed_while_idle_is_replaced(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    os.kill(process, signal.SIGKILL)
    while worker._idle[0].is_alive:  # noqa: ASYNC110 - a process gives no event
        await asyncio.sleep(0.005)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
async def test_a_decoder_that_explodes_hurts_nobody(worker: MediaWorker, how: signal.Signals) -> None:
    with pytest.raises(MediaUnreadable, match="crashed"):
        await worker.run(signal.raise_signal, how, timeout_s=10)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_a_cancelled_call_takes_its_process_with_it(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    call = asyncio.create_task(worker.run(time.sleep, 60.0, timeout_s=60))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not is_running(process)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_any_other_error_is_a_failed_call_and_the_process_stays(worker: MediaWorker) -> None:
    process = await worker.run(os.getpid, timeout_s=10)
    with pytest.raises(MediaUnreadable, match="failed"):
        await worker.run(math.sqrt, -1.0, timeout_s=10)
    assert await worker.run(os.getpid, timeout_s=10) == process


async def test_a_result_that_cannot_travel_is_a_failed_call(worker: MediaWorker) -> None:
    with pytest.raises(MediaUnreadable, match="failed"):
        await worker.run(threading.Lock, timeout_s=10)
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_what_a_library_prints_is_no_answer(worker: MediaWorker) -> None:
    assert await worker.run(os.write, 1, b"noise from a library\n", timeout_s=10) == 21
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2


async def test_a_large_answer_arrives(worker: MediaWorker) -> None:
    assert await worker.run(bytes, 3 * MEBIBYTE, timeout_s=10) == bytes(3 * MEBIBYTE)


async def test_calls_wait_for_a_free_process(worker: MediaWorker) -> None:
    calls = [worker.run(os.getpid, timeout_s=10) for _ in range(5)]
    assert len(set(await asyncio.gather(*calls))) == 1


async def test_two_processes_work_side_by_side() -> None:
    worker = MediaWorker(processes=2)
    await asyncio.gather(worker.start(), worker.start())
    sleeper = asyncio.create_task(worker.run(time.sleep, 60.0, timeout_s=60))
    assert await worker.run(math.sqrt, 4.0, timeout_s=10) == 2
    assert not sleeper.done()
    await worker.aclose()
    with pytest.raises(MediaUnreadable, match="crashed"):
        await sleeper


async def test_the_bot_s_secrets_stay_with_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "invented")
    worker = MediaWorker()
    assert await worker.run(os.getenv, "DISCORD_TOKEN", timeout_s=10) is None
    await worker.aclose()


async def test_a_process_is_replaced_after_many_calls(worker: MediaWorker) -> None:
    first = await worker.run(os.getpid, timeout_s=10)
    for _ in range(CALLS_A_PROCESS - 1):
        await worker.run(os.getpid, timeout_s=10)
    assert await worker.run(os.getpid, timeout_s=10) != first


async def test_a_closed_worker_takes_no_calls_and_leaves_no_process() -> None:
    worker = MediaWorker()
    process = await worker.run(os.getpid, timeout_s=10)
    await worker.aclose()
    assert not is_running(process)
    with pytest.raises(RuntimeError):
        await worker.run(os.getpid, timeout_s=10)


BOT = """
import asyncio, time
from bot.media import MediaWorker
async def main():
    worker = MediaWorker()
    await worker.start()
    {busy}
    print("up", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize(
    "busy",
    ["", "call = asyncio.create_task(worker.run(time.sleep, 60.0, timeout_s=60)); await asyncio.sleep(0.1)"],
)
def test_a_killed_bot_leaves_no_worker_behind(busy: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BOT.format(busy=busy)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as bot:
        assert bot.stdout is not None
        assert bot.stdout.readline() == b"up\n"
        bot.kill()
        # The error stream is the worker's too: it ends when the last of them is gone.
        _, errors = bot.communicate(timeout=10)
    assert errors == b""
