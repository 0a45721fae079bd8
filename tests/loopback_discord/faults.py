"""Making the server misbehave: refuse, be slow, hold back, lose the answer, cut the connection."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from tests.loopback_discord.body import Call
from tests.loopback_discord.changes import DEFAULT_TIMEOUT_S, Changes
from tests.loopback_discord.errors import ApiError, JsonObject, Refusal

Scope = Literal["user", "shared", "global"]


def path_pattern(pattern: str) -> re.Pattern[str]:
    """`*` stands for one step of a path, `**` for any number."""
    parts = {"**": ".*", "*": "[^/]+"}
    return re.compile("".join(parts.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", pattern)))


@dataclass(frozen=True, slots=True)
class Misanswer:
    """An answer given instead of the proper one; `after_effect` says that the request took effect first."""

    status: int
    payload: JsonObject
    headers: dict[str, str]
    after_effect: bool = False
    cut: bool = False


@dataclass(slots=True)
class Fault:
    """Which requests to trouble, how often (None: always), and how."""

    method: str
    pattern: re.Pattern[str]
    times: int | None
    answer: Misanswer | None = None
    before: Callable[[], Awaitable[None]] | None = None

    def strikes(self, call: Call) -> bool:
        if self.times == 0 or self.method not in ("*", call.method) or not self.pattern.fullmatch(call.path):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Faults:
    """The faults in force; the first that matches an answer wins, delays add up."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        self._faults.clear()

    def hold(self, method: str, path: str) -> "Gate":
        """Hold matching requests back, before they take effect, until the gate opens."""
        gate = Gate(self._changes, self)
        gate.fault = self.add(Fault(method, path_pattern(path), None, before=gate.pass_through))
        return gate

    def remove(self, fault: Fault) -> None:
        self._faults.remove(fault)

    async def strike(self, call: Call) -> Misanswer | None:
        """Wait as long as the request is to be slowed down; the answer to give instead, if any."""
        for fault in list(self._faults):
            if fault.before is not None and fault.strikes(call):
                await fault.before()
        for fault in self._faults:
            if fault.answer is not None and fault.strikes(call):
                return fault.answer
        return None


class Gate:
    """Requests wait in front of it; as a context manager it opens at the end."""

    fault: Fault

    def __init__(self, changes: Changes, faults: Faults) -> None:
        self._changes = changes
        self._faults = faults
        self._open = asyncio.Event()
        self.waiting = 0

    async def reached(self, timeout: float = DEFAULT_TIMEOUT_S) -> None:
        """Until a request stands before the gate."""
        await self._changes.wait_for(lambda: self.waiting, timeout)

    def open(self) -> None:
        """Let everything through, now and later."""
        if not self._open.is_set():
            self._open.set()
            self._faults.remove(self.fault)

    async def pass_through(self) -> None:
        self.waiting += 1
        self._changes.notify()
        await self._open.wait()
        self.waiting -= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open()


def failing(status: int, *, after_effect: bool = False) -> Misanswer:
    """An outage's answer."""
    return Misanswer(status, {"message": f"{status}: Server Error", "code": 0}, {}, after_effect)


def refusing(refusal: Refusal) -> Misanswer:
    """One of Discord's own refusals."""
    error = ApiError(refusal)
    return Misanswer(error.status, error.payload(), {})


def cut_off(*, after_effect: bool) -> Misanswer:
    """No answer: the connection ends."""
    return Misanswer(0, {}, {}, after_effect, cut=True)


def limited(retry_after: float, scope: Scope) -> Misanswer:
    """A 429 as Discord words it; the Via header tells clients that it is not Cloudflare's."""
    headers = {"Via": "1.1 google", "Retry-After": f"{retry_after:.3f}", "X-RateLimit-Scope": scope}
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    payload = {
        "message": "You are being rate limited.",
        "retry_after": retry_after,
        "global": scope == "global",
    }
    return Misanswer(429, payload, headers)
