"""Starting real `showreel` processes quickly, and stopping them in every way a machine knows."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

REPOSITORY = Path(__file__).parents[2]


class Forged:
    """One `showreel` process."""

    def __init__(self, pid: int, name: str, log: Path) -> None:
        self.pid = pid
        self.name = name
        self.log = log
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.paused = False

    @property
    def running(self) -> bool:
        return not self.ended.done()

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def signal(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        self.paused = True
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.paused = False
        self.signal(signal.SIGCONT)

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        await self.ended

    async def terminate(self, timeout: float = 12.0) -> int:
        """SIGTERM; the product promises to end within ten seconds."""
        self.signal(signal.SIGTERM)
        return await asyncio.wait_for(asyncio.shield(self.ended), timeout)


class Forge:
    """Makes processes; as an async context manager it kills what is left of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, Forged] = {}
        self._answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(self._folder)}
        self._zygote = await asyncio.create_subprocess_exec(
            *(sys.executable, "-u", "-m", "tests.crash.zygote"),
            cwd=self._folder,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reader = asyncio.create_task(self._read())
        await self._answers.get()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes.values():
            process.signal(signal.SIGKILL)
        await asyncio.gather(*(process.ended for process in self._processes.values()))
        self._zygote.kill()
        await self._zygote.wait()
        await self._reader

    async def start(
        self, name: str, argv: Sequence[str], settings: Mapping[str, str], *, die_at: str = ""
    ) -> Forged:
        """Start `showreel` with these arguments and settings, and nothing of this machine's environment."""
        log = self._folder / f"{name}.txt"
        order = {
            "argv": list(argv),
            "env": {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **settings},
            "cwd": str(self._folder),
            "log": str(log),
            "die_at": die_at,
        }
        async with self._turn:
            assert self._zygote.stdin is not None
            self._zygote.stdin.write(f"{json.dumps(order)}\n".encode())
            await self._zygote.stdin.drain()
            pid = (await self._answers.get())["pid"]
        return self._known(pid, name, log)

    def _known(self, pid: int, name: str = "", log: Path = Path()) -> Forged:
        """The process with this id; its end may be heard of before its beginning."""
        process = self._processes.setdefault(pid, Forged(pid, name, log))
        if name:
            process.name, process.log = name, log
        return process

    async def _read(self) -> None:
        assert self._zygote.stdout is not None
        async for line in self._zygote.stdout:
            answer = json.loads(line)
            if "ended" in answer:
                self._known(answer["ended"]).ended.set_result(answer["status"])
            else:
                self._answers.put_nowait(answer)
