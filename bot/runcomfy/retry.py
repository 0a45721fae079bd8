"""When a question is asked again: pure decisions, tested alone.

Only reads and cancels are repeated. A submit never is, whatever happened to it.
"""

import asyncio
import email.utils
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import RunComfyError, Transient

LONGEST_RETRY_AFTER_S = 3600.0
"""A longer wait asked for by a server is taken as this one (seconds)."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Capped exponential back-off with jitter.

    Attributes:
        attempts: how often a question is asked in all, the first time included.
        base_s: the longest wait (seconds) before the second attempt; it doubles from there.
        cap_s: no wait inside a call is longer (seconds).
        jitter: a number in [0, 1) a wait, so that many callers do not come back at once.
        sleep: how to wait (seconds).
    """

    attempts: int = 3
    base_s: float = 0.5
    cap_s: float = 8.0
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def delay_s(self, error: RunComfyError, *, attempt: int) -> float | None:
        """Return the wait (seconds) before the next attempt, or None to give the error to the caller.

        `attempt` counts from 1. A server that asks for a longer wait than `cap_s` is not asked again
        here: the caller finds the wait in the error and can plan with it.
        """
        if not isinstance(error, Transient) or attempt >= self.attempts:
            return None
        longest = min(self.cap_s, self.base_s * 2.0 ** min(attempt - 1, 30))
        backoff = longest * (0.5 + self.jitter() / 2)
        if error.retry_after_s is None:
            return backoff
        return max(backoff, error.retry_after_s) if error.retry_after_s <= self.cap_s else None


def parse_retry_after(header: str | None, *, now: datetime) -> float | None:
    """Return the seconds a `Retry-After` header asks for, capped, or None where it cannot be read.

    The header is a number of seconds or an HTTP date (RFC 9110, 10.2.3).
    """
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        # More digits than the cap has need no arithmetic.
        seconds = LONGEST_RETRY_AFTER_S if len(text) > len("3600") else float(text)
    else:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (aware - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
