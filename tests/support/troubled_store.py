"""Real trouble for a store and its folder: another process that locks it, and a disk without room."""

import asyncio
import errno
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

_HOLDS_THE_LOCK = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
store.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""
_PIECE = bytes(4096)


@asynccontextmanager
async def locked_by_another_process(path: Path) -> AsyncIterator[None]:
    """For the block, a process of its own holds the store's write lock."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _HOLDS_THE_LOCK,
        str(path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        assert await process.stdout.readline() == b"held\n"
        yield
    finally:
        process.stdin.close()
        await process.wait()


class SmallDisk:
    """A disk of its own, in memory, with the real kernel's ENOSPC."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._filler = place / "filler"

    def fill(self) -> None:
        """Leave no room for another byte."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(_PIECE)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error  # noqa: PT017 - what ends the loop

    def make_room(self) -> None:
        """Give back what `fill` took."""
        self._filler.unlink()


@contextmanager
def small_disk(place: Path, *, mebibytes: int) -> Iterator[SmallDisk]:
    """Mount a small disk at `place` for the block; skips the test where nobody may mount."""
    place.mkdir(parents=True, exist_ok=True)
    mount = shutil.which("mount")
    if mount is None:
        pytest.skip("there is no mount here")
    options = ["-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(place)]
    done = subprocess.run([mount, *options], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted: {done.stderr.strip()}")
    try:
        yield SmallDisk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
