"""Signs of life: small files that a running bot renews, and what `showreel health` reads in them.

Nothing heavy is imported here: the check runs every half minute.
"""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

#: A sign older than this (seconds) is none any more. It is renewed far more often.
STALE_S = 30.0
#: What machines that are gone have left behind is cleared after this long (seconds).
_FORGOTTEN_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Sign:
    """One process's sign of life.

    Attributes:
        role: what the process does.
        pid: its number on this machine.
        at: when it was given, in seconds since this machine was started; no clock that is set changes that.
        problem: what is wrong, in words for the operator; None where all is well.
    """

    role: str
    pid: int
    at: float
    problem: str | None


def give(data_dir: Path, sign: Sign) -> None:
    """Write the sign down, the whole of it or nothing.

    Raises:
        OSError: it cannot be written.
    """
    path = _path(data_dir, sign.role, sign.pid)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(asdict(sign)), encoding="utf-8")
    part.replace(path)


def take_back(data_dir: Path, role: str, pid: int) -> None:
    """The process ends in good order: nobody shall miss it."""
    with suppress(OSError):
        _path(data_dir, role, pid).unlink(missing_ok=True)


def clear_dead(data_dir: Path) -> None:
    """Clear the signs of this machine's dead processes, and what other machines left behind long ago."""
    with suppress(OSError, ValueError):
        for path in (data_dir / "alive").iterdir():
            mine = path.stem.endswith(f"@{machine()}")
            died = mine and not _runs(int(path.name.partition("-")[0]))
            if died or time.time() - path.stat().st_mtime > _FORGOTTEN_S:
                path.unlink(missing_ok=True)


def trouble(data_dir: Path, *, now: float | None = None) -> str | None:
    """What is wrong with this machine's processes, in a line; None where all of them are well.

    `now` is in seconds since the machine was started.
    """
    now = time.monotonic() if now is None else now
    signs = list(_signs(data_dir))
    if not signs:
        return "no bot runs on this machine"
    for sign in signs:
        name = f"process {sign.pid} ({sign.role})"
        if not _runs(sign.pid):
            return f"{name} has died"
        # A time still to come is from before the machine was started anew.
        if not 0 <= now - sign.at <= STALE_S:
            return f"{name} has given no sign of life for too long"
        if sign.problem is not None:
            return f"{name}: {sign.problem}"
    return None


def _signs(data_dir: Path) -> Iterator[Sign]:
    for path in sorted((data_dir / "alive").glob(f"*@{machine()}.json")):
        with suppress(FileNotFoundError):  # it has just ended in good order
            try:
                yield Sign(**json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError):
                yield Sign("something", 0, 0.0, f"{path.name} cannot be read")


def _path(data_dir: Path, role: str, pid: int) -> Path:
    """The machine's name is part of it: several may share the directory."""
    return data_dir / "alive" / f"{pid}-{role}@{machine()}.json"


def machine() -> str:
    """What this machine or container is called, unlike any other: containers may share a host's name.

    Each has processes numbered by itself, and what numbers them has a number of its own.
    """
    try:
        numbers = Path("/proc/self/ns/pid").readlink().name
    except OSError:  # not Linux
        return socket.gethostname()
    return f"{socket.gethostname()}.{''.join(filter(str.isdigit, numbers))}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True
