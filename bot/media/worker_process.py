"""The other side of `MediaWorker`: the program that runs in the worker process.

It reads calls from its standard input and writes answers to its standard output, each a length and a pickle.
It ends when its input ends, which is also what happens when the bot is killed.
"""

import logging
import math
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, BinaryIO

from bot.errors import MediaUnreadable

# A length of four bytes goes before each message.
LENGTH_BYTES = 4
# Written once, when the process can take calls.
READY = b"ready"
# How long after its time is up a call is ended by the kernel, where the bot has not done it (seconds).
GRACE_S = 2
_NICENESS = 10


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments, pickled by themselves so that a bad pair can be answered; seconds."""

    pickled: bytes
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call.

    Attributes:
        value: what the function returned.
        reason: why there is no value: the reason for a `MediaUnreadable`.
        fault: for the log, where it was not the file's doing alone.
    """

    value: Any = None
    reason: str | None = None
    fault: str = ""


def main() -> None:
    """Answer calls until the standard input ends. The one argument is the memory limit in bytes."""
    # Pillow logs flaws in strangers' files, which are no news.
    logging.disable()
    answers = _take_output()
    _limit_memory(int(sys.argv[1]))
    calls: SimpleQueue[Call] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, calls), daemon=True).start()
    _send(answers, READY)
    while True:
        call = calls.get()
        _limit_time(call.timeout_s)
        message = _answer(call)
        _limit_time(None)
        _send(answers, len(message).to_bytes(LENGTH_BYTES) + message)


def _send(answers: BinaryIO, message: bytes) -> None:
    """Answer the bot; where it has died meanwhile, there is nothing left to do."""
    try:
        answers.write(message)
        answers.flush()
    except BrokenPipeError:
        os._exit(0)


def _take_output() -> BinaryIO:
    """Keep the way back to the bot for answers alone: what libraries print goes to the error stream."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _read(requests: BinaryIO, calls: "SimpleQueue[Call]") -> None:
    """Read calls. The end of the input ends the process even in the middle of one."""
    try:
        while header := requests.read(LENGTH_BYTES):
            calls.put(pickle.loads(requests.read(int.from_bytes(header))))  # noqa: S301 - from our own parent
    finally:  # a call cut off in the middle is an end, too
        os._exit(0)


def _answer(call: Call) -> bytes:
    """Carry out a call, and pickle its answer."""
    try:
        function, args = pickle.loads(call.pickled)  # noqa: S301 - from our own parent
        return pickle.dumps(Answer(function(*args)))
    except MediaUnreadable as error:
        answer = Answer(reason=error.reason)
    except MemoryError:
        answer = Answer(reason="memory", fault="out of memory")
    except Exception:  # noqa: BLE001 - the border of the process: whatever a decoder raised is an answer
        answer = Answer(reason="failed", fault=traceback.format_exc(limit=-8))
    return pickle.dumps(answer)


if sys.platform == "win32":

    def _limit_memory(memory_bytes: int) -> None:
        """Do nothing: Windows has no such limit."""

    def _limit_time(timeout_s: float | None) -> None:
        """Do nothing: the bot's own timeout remains."""

else:
    import resource

    def _limit_memory(memory_bytes: int) -> None:
        """Cap what the process may claim, keep no core dumps, and stand back behind the bot."""
        os.nice(_NICENESS)
        _limit(resource.RLIMIT_CORE, 0)
        if sys.platform == "linux":  # elsewhere the limit is refused or means something else
            _limit(resource.RLIMIT_AS, memory_bytes)

    def _limit_time(timeout_s: float | None) -> None:
        """Let the kernel end this process when a call overruns; `None` when it is over.

        The bot's own timeout comes first; these two hold when the bot is gone or stuck. Processor time is
        counted from the process's start, for all its threads together.
        """
        allowed = 0.0 if timeout_s is None else timeout_s + GRACE_S
        signal.setitimer(signal.ITIMER_REAL, allowed)
        cores = os.cpu_count() or 1
        until = None if timeout_s is None else math.ceil(time.process_time() + allowed * cores)
        _limit(resource.RLIMIT_CPU, until)

    def _limit(what: int, limit: int | None) -> None:
        """Set a limit, as far as whoever started the bot has left it to us; `None`: no limit of ours."""
        _, most = resource.getrlimit(what)
        if limit is None or (most != resource.RLIM_INFINITY and most < limit):
            limit = most
        resource.setrlimit(what, (limit, most))
