"""A stand-in RunComfy and a client for it that never really waits between attempts."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from bot.rehearsal.runcomfy import StandIn
from bot.runcomfy import RetryPolicy, RunComfyClient, open_client

TOKEN = "rc-0123456789abcdef"
MODEL = "bytedance/seedance-v2/pro"
FRAME_MODEL = "bytedance/seedance-1-0/pro/image-to-video"
SCHEMAS: dict[str, dict[str, Any]] = {
    MODEL: {
        "type": "object",
        "required": ["prompt"],
        "properties": {
            "prompt": {"type": "string"},
            "images": {
                "type": "array",
                "items": {"type": "string", "format": "image_uri"},
                "maxItems": 9,
            },
            "aspect_ratio": {"type": "string", "default": "adaptive"},
            "duration": {"type": "integer", "minimum": 1, "maximum": 15, "default": 5},
            "resolution": {"type": "string", "enum": ["480p", "720p"], "default": "480p"},
            "generate_audio": {"type": "boolean", "default": True},
        },
    },
    FRAME_MODEL: {
        "type": "object",
        "required": ["prompt", "first_frame_image_url"],
        "properties": {
            "prompt": {"type": "string"},
            "first_frame_image_url": {
                "type": "string",
                "validations": [
                    {
                        "validation_rule": "width_pixels>",
                        "validation_value": 300,
                        "validation_error": "small",
                    },
                    {"validation_rule": "width/height<", "validation_value": 2.5, "validation_error": "wide"},
                    {"validation_rule": "file_size_mb<", "validation_value": 30, "validation_error": "heavy"},
                ],
            },
            "duration": {"type": "integer", "default": 5},
            "resolution": {"type": "string", "default": "480p"},
        },
    },
}


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Sleeps:
    """Writes down the waits a client asks for, and does not wait."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, delay_s: float) -> None:
        self.seconds.append(delay_s)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sleeps() -> Sleeps:
    return Sleeps()


@pytest.fixture
async def stand_in(clock: Clock) -> AsyncIterator[StandIn]:
    server = StandIn(
        schemas=SCHEMAS, token=TOKEN, clock=clock, queue_s=10.0, render_s=60.0, slots=1, video_scale=0.1
    )
    async with server:
        yield server


@pytest.fixture
def retry(sleeps: Sleeps) -> RetryPolicy:
    return RetryPolicy(attempts=3, base_s=1.0, cap_s=8.0, jitter=lambda: 0.0, sleep=sleeps)


@pytest.fixture
async def client(stand_in: StandIn, retry: RetryPolicy) -> AsyncIterator[RunComfyClient]:
    async with open_client(base=stand_in.api_base, token=SecretStr(TOKEN), retry=retry) as opened:
        yield opened


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session without any token, as the downloader has."""
    async with aiohttp.ClientSession() as opened:
        yield opened
