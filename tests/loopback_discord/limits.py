"""Rate limits: the headers of every answer, and real buckets where a test asks for them."""

import hashlib
import re
import time
from dataclasses import dataclass

from tests.loopback_discord.body import Call
from tests.loopback_discord.faults import path_pattern

_MAJOR_PARAMETERS = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")
_GENEROUS_LIMIT = 1000
_GENEROUS_PER_S = 1.0


@dataclass(slots=True)
class _Rule:
    method: str
    pattern: re.Pattern[str]
    limit: int
    per_s: float


@dataclass(slots=True)
class _Window:
    left: int
    ends_at: float


class RateLimits:
    """Fixed windows a bucket; without a rule a request never runs into one."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._windows: dict[str, _Window] = {}

    def enforce(self, method: str, path: str, limit: int, per_s: float) -> None:
        """Allow `limit` requests in `per_s` seconds for each channel, guild or webhook."""
        self._rules.append(_Rule(method, path_pattern(path), limit, per_s))

    def take(self, call: Call) -> tuple[dict[str, str], float | None]:
        """Count a request: its headers, and the seconds to wait if it is one too many."""
        rule = next(
            (
                item
                for item in self._rules
                if item.method == call.method and item.pattern.fullmatch(call.path)
            ),
            None,
        )
        bucket = hashlib.sha256(f"{call.method} {call.template}".encode()).hexdigest()[:32]
        if rule is None:
            return _headers(bucket, _GENEROUS_LIMIT, _GENEROUS_LIMIT - 1, _GENEROUS_PER_S), None
        major = "+".join(call.params[name] for name in _MAJOR_PARAMETERS if name in call.params)
        now = time.monotonic()
        window = self._windows.get(f"{bucket}:{major}")
        if window is None or window.ends_at <= now:
            window = self._windows[f"{bucket}:{major}"] = _Window(rule.limit, now + rule.per_s)
        wait_s = window.ends_at - now
        if window.left == 0:
            return _headers(bucket, rule.limit, 0, wait_s), wait_s
        window.left -= 1
        return _headers(bucket, rule.limit, window.left, wait_s), None


def _headers(bucket: str, limit: int, left: int, wait_s: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(left),
        "X-RateLimit-Reset": f"{time.time() + wait_s:.3f}",
        "X-RateLimit-Reset-After": f"{wait_s:.3f}",
        "X-RateLimit-Bucket": bucket,
    }
