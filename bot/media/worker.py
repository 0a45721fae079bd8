"""Running media functions in a process of their own, where a decoder that hangs or explodes hurts nobody."""

import asyncio
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar, TypeVarTuple, cast

import structlog

from bot.catalog.media import MediaFacts
from bot.errors import MediaUnreadable
from bot.media.probe import probe
from bot.media.worker_process import LENGTH_BYTES, READY, Answer, Call

log = structlog.get_logger(__name__)

MEMORY_BYTES = 1536 * 1024 * 1024
# A worker is replaced after so many calls: whatever a library leaks goes with it.
CALLS_A_PROCESS = 500
# What the worker gets of the environment. Above all it does not get the bot's tokens.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")

_PROGRAM = "from bot.media.worker_process import main; main()"
# How long a process may take to start and import its libraries (seconds).
READY_S = 60.0

_Result = TypeVar("_Result")
_Args = TypeVarTuple("_Args")


class MediaWorker:
    """A small pool of worker processes, started when they are needed.

    A process that overruns its time, dies, or is left by a cancelled caller is killed and replaced; the next
    call never meets it.

    Args:
        processes: how many may run at once; further calls wait.
        memory_bytes: what each process may claim (bytes).
    """

    def __init__(self, *, processes: int = 1, memory_bytes: int = MEMORY_BYTES) -> None:
        self._memory_bytes = memory_bytes
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Process] = []
        self._alive: set[_Process] = set()
        self._closed = False

    async def probe(self, path: Path, *, timeout_s: float = 20.0) -> MediaFacts:
        """Look at a file (see `bot.media.probe.probe`).

        Raises:
            MediaUnreadable: the file's own reasons, and those of `run`.
        """
        return await self.run(probe, path, timeout_s=timeout_s)

    async def run(self, function: Callable[[*_Args], _Result], *args: *_Args, timeout_s: float) -> _Result:
        """Run a module's function in a worker process; arguments and result must be picklable.

        `timeout_s` (seconds) counts from when a process is ready. Of the function's errors only
        `MediaUnreadable` arrives as it is.

        Raises:
            MediaUnreadable: `timeout`, `crashed`, `memory`, or `failed` (any other error: see the log).
            RuntimeError: the worker is closed.
        """
        call = Call(pickle.dumps((function, args)), timeout_s)
        async with self._places:
            answer = await self._ask(call)
        if answer.fault:
            log.warning("media_call_failed", reason=answer.reason, fault=answer.fault)
        if answer.reason is not None:
            raise MediaUnreadable(answer.reason)
        return cast("_Result", answer.value)

    async def start(self) -> None:
        """Start one process already, so that the first call does not wait for it."""
        await self.run(os.getpid, timeout_s=READY_S)

    async def aclose(self) -> None:
        """Kill all processes: calls under way end with `crashed`, those that wait with `RuntimeError`."""
        self._closed = True
        self._idle.clear()
        for process in tuple(self._alive):
            await self._end(process)

    async def _ask(self, call: Call) -> Answer:
        process = await self._take()
        answer: Answer | None = None
        try:
            await process.ready()
            async with asyncio.timeout(call.timeout_s):
                answer = await process.ask(call)
        except TimeoutError:
            return Answer(reason="timeout", fault="killed")
        except (asyncio.IncompleteReadError, ConnectionError):
            return Answer(reason="crashed", fault=f"ended with {await process.kill()}")
        finally:
            if answer is None or answer.reason == "memory" or process.calls >= CALLS_A_PROCESS:
                await self._end(process)
            else:
                self._idle.append(process)
        return answer

    async def _take(self) -> "_Process":
        """Take an idle process that is alive, or start one."""
        self._check_open()
        while self._idle:
            process = self._idle.pop()
            if process.is_alive:
                return process
            await self._end(process)
        process = await _Process.launch(self._memory_bytes)
        self._alive.add(process)
        try:
            self._check_open()  # still, after the wait
        except RuntimeError:
            await self._end(process)
            raise
        return process

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("closed")

    async def _end(self, process: "_Process") -> None:
        self._alive.discard(process)
        await process.kill()


class _Process:
    """One worker process; one call at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise ValueError("no pipes")
        self._process = process
        self._requests = process.stdin
        self._answers = process.stdout
        self._is_ready = False
        self.calls = 0

    @classmethod
    async def launch(cls, memory_bytes: int) -> Self:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-c", _PROGRAM, str(memory_bytes)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=_environment(),
            # Ctrl-C in a terminal is for the bot, which then ends its workers.
            start_new_session=True,
        )
        return cls(process)

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None

    async def ready(self) -> None:
        """Wait until the process has imported what it needs: that is not part of any call's time."""
        if not self._is_ready:
            async with asyncio.timeout(READY_S):
                await self._answers.readexactly(len(READY))
            self._is_ready = True

    async def ask(self, call: Call) -> Answer:
        self.calls += 1
        message = pickle.dumps(call)
        self._requests.write(len(message).to_bytes(LENGTH_BYTES) + message)
        await self._requests.drain()
        length = int.from_bytes(await self._answers.readexactly(LENGTH_BYTES))
        answer = pickle.loads(await self._answers.readexactly(length))  # noqa: S301 - from our own worker
        return cast("Answer", answer)

    async def kill(self) -> int:
        """Kill the process and wait until it is gone; the exit code, negative for a signal that ended it."""
        if self.is_alive:
            self._process.kill()
        self._requests.close()
        return await self._process.wait()


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # The worker finds modules where this process does, however this one was started.
    environment["PYTHONPATH"] = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
    # glibc reserves 64 MiB of addresses for each arena, which the limit would count.
    environment["MALLOC_ARENA_MAX"] = "2"
    return environment
