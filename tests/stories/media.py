"""Files that members attach, drawn once per run."""

import io
from functools import cache
from typing import Literal

import av
from PIL import Image

from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound
from tests.stories.community import File


@cache
def picture(width: int = 400, height: int = 400) -> File:
    return f"drawing-{width}x{height}.png", draw_picture(width=width, height=height, format="png")


@cache
def canvas(width: int, height: int) -> File:
    """A large picture that is quickly made."""
    file = io.BytesIO()
    Image.new("1", (width, height)).save(file, format="png")
    return f"canvas-{width}x{height}.png", file.getvalue()


@cache
def clip(seconds: float = 2.5, *, size: int = 240) -> File:
    return "clip.mp4", draw_clip(seconds=seconds, width=size, height=size, format="mp4")


@cache
def sound(seconds: float = 3, kind: Literal["wav", "mp3"] = "wav") -> File:
    return f"sound.{kind}", draw_sound(seconds=seconds, format=kind)


def streams_of(video: bytes) -> tuple[float, int, int]:
    """Length in seconds, pictures that could be decoded, and soundtracks of a video."""
    with av.open(io.BytesIO(video), "r") as container:
        pictures = len(list(container.decode(video=0)))
        return (container.duration or 0) / av.time_base, pictures, len(container.streams.audio)
