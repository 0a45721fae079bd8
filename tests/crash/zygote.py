"""`python -m tests.crash.zygote`: has everything imported, and forks a `showreel` process for each order.

An order is a line of JSON on the standard input: arguments, environment, working directory, log file. On the
standard output come `{"pid": ...}` for each order and `{"ended": pid, "status": ...}` for each end. A process
that begins with its imports done works a second sooner, which is most of a short life.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.crash.moments import die_at

#: What a process would import first of all; the forks find it in memory.
PRELOADED = (
    "bot.cli.run",
    "cogs.generate",
    "cogs.credits",
    "cogs.jobs",
    "cogs.gallery",
    "cogs.server",
    "cogs.moderation",
    "cogs.filters",
    "asyncpg",
    "alembic.command",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.sqlite.aiosqlite",
)


def main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    signal.signal(signal.SIGCHLD, lambda *_: report_ends())
    say({"ready": os.getpid()})
    # Unbuffered: a signal's handler may write answers in between, and nothing is read ahead of a fork.
    for line in iter(sys.stdin.readline, ""):
        obey(json.loads(line))


def obey(order: Mapping[str, Any]) -> None:
    # Its end is not reported before it is known.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pid = os.fork()
    if pid == 0:
        become(order)
    say({"pid": pid})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def become(order: Mapping[str, Any]) -> None:
    """Be what `python -m bot` with these arguments is, and never return."""
    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for stream, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(stream, target)
        sys.argv = ["showreel", *order["argv"]]
        if order.get("die_at"):
            die_at(order["die_at"])
        from bot.__main__ import main as showreel  # noqa: PLC0415 - it reads the arguments

        showreel()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


def report_ends() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def say(answer: Mapping[str, Any]) -> None:
    os.write(1, f"{json.dumps(answer)}\n".encode())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
