"""Pictures, videos and sounds drawn on the spot: real files for rehearsals and tests.

The same arguments draw the same file. Pictures come from Pillow, video and compressed sound from PyAV.
"""

import io
import math
import sys
import tempfile
import wave
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from pathlib import Path
from random import Random
from typing import Literal

import av
from av.container import OutputContainer
from PIL import Image, ImageDraw, ImageFont

FRAMES_PER_SECOND = 12
SAMPLES_PER_SECOND = 44_100
# Pictures are drawn at twice their size for smooth edges; above this many pixels it costs more than it shows.
SMOOTHED_PIXELS = 4_000_000

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Mood:
    """The colours of one time of day: sky from top to horizon, the sun, the hills from far to near."""

    sky: tuple[Colour, Colour]
    sun: Colour
    hills: tuple[Colour, Colour, Colour]


_MOODS = (
    _Mood(
        ((64, 134, 199), (226, 238, 240)), (255, 246, 206), ((143, 178, 176), (91, 143, 122), (46, 96, 76))
    ),
    _Mood(((60, 56, 112), (250, 166, 118)), (255, 224, 158), ((158, 112, 134), (98, 74, 112), (50, 42, 78))),
    _Mood(((16, 22, 54), (70, 92, 142)), (242, 243, 255), ((62, 80, 122), (38, 54, 90), (18, 28, 54))),
    _Mood(
        ((244, 176, 160), (255, 236, 206)), (255, 252, 236), ((214, 162, 152), (170, 118, 128), (108, 76, 98))
    ),
)


class _Scene:
    """One landscape of a size in pixels; `moment` runs from 0 to 1 over a video."""

    def __init__(self, width: int, height: int, seed: int, label: str) -> None:
        random = Random(seed)  # noqa: S311 - a landscape, not a secret
        self.width = width
        self.height = height
        self.label = label
        self.mood = _MOODS[random.randrange(len(_MOODS))]
        self.sun_from = random.uniform(0.15, 0.45)
        self.phases = [random.uniform(0, math.tau) for _ in range(6)]
        self.waves = [random.uniform(1.1, 2.6) for _ in range(3)]
        self.sky = self._draw_sky()

    def draw(self, moment: float) -> Image.Image:
        """Draw the landscape at a moment."""
        picture = self.sky.copy()
        self._draw_sun(picture, moment)
        pen = ImageDraw.Draw(picture)
        for layer, colour in enumerate(self.mood.hills):
            pen.polygon(self._hill(layer, moment), fill=colour)
        if self.label:
            self._write_label(pen)
        return picture

    def _draw_sky(self) -> Image.Image:
        top, horizon = self.mood.sky
        column = Image.new("RGB", (1, 64))
        for row in range(64):
            share = row / 63
            red, green, blue = (round(a + (b - a) * share) for a, b in zip(top, horizon, strict=True))
            column.putpixel((0, row), (red, green, blue))
        return column.resize((self.width, self.height), Image.Resampling.BILINEAR)

    def _draw_sun(self, picture: Image.Image, moment: float) -> None:
        radius = max(1, round(min(self.width, self.height) * 0.09))
        across = round(self.width * (self.sun_from + 0.4 * moment))
        down = round(self.height * (0.42 - 0.2 * math.sin(math.pi * (0.2 + 0.6 * moment))))
        # Pillow's radial gradient is dark in the middle; inverted and dimmed it is the glow.
        glow = Image.radial_gradient("L").point(lambda value: max(0, 180 - value) * 0.7)
        glow = glow.resize((radius * 6, radius * 6))
        picture.paste(self.mood.sun, (across - radius * 3, down - radius * 3), glow)
        box = (across - radius, down - radius, across + radius, down + radius)
        ImageDraw.Draw(picture).ellipse(box, fill=self.mood.sun)

    def _hill(self, layer: int, moment: float) -> list[tuple[float, float]]:
        """Outline one range of hills; nearer ranges stand lower and drift faster."""
        base = self.height * (0.6 + 0.14 * layer)
        rise = self.height * (0.09 - 0.015 * layer)
        drift = moment * (layer + 1) * 0.5
        step = max(2, self.width // 120)
        outline: list[tuple[float, float]] = []
        for across in (*range(0, self.width, step), self.width):
            angle = across / self.width * math.tau * self.waves[layer] / 1.6 + drift
            wave_height = math.sin(angle + self.phases[layer])
            wave_height += 0.4 * math.sin(2.3 * angle + self.phases[layer + 3])
            outline.append((across, base - rise * wave_height))
        return [*outline, (self.width, self.height), (0, self.height)]

    def _write_label(self, pen: ImageDraw.ImageDraw) -> None:
        size = max(8, self.height // 18)
        font = ImageFont.load_default(size)
        place = (size * 0.8, self.height - size * 1.9)
        pen.text((place[0] + size / 12, place[1] + size / 12), self.label, fill=(0, 0, 0), font=font)
        pen.text(place, self.label, fill=(255, 255, 255), font=font)


def draw_picture(
    *,
    width: int,
    height: int,
    format: str = "png",  # noqa: A002 - the format's usual name
    seed: int = 0,
    label: str = "",
) -> bytes:
    """Draw a landscape of `width` x `height` pixels as `jpeg`, `png`, `webp`, `bmp`, `tiff` or `gif`."""
    scale = 2 if width * height <= SMOOTHED_PIXELS else 1
    picture = _Scene(width * scale, height * scale, seed, label).draw(0.3).reduce(scale)
    file = io.BytesIO()
    picture.save(file, format=format)
    return file.getvalue()


def draw_video(*, seconds: float, width: int, height: int, sound: bool, seed: int, label: str = "") -> bytes:
    """Draw a moving landscape as MP4 (H.264, and AAC when `sound`), 12 frames a second.

    The index stands before the pictures ("faststart"), so that it plays while it is still being loaded.

    Raises:
        ValueError: the width or height (pixels) is odd, which 4:2:0 video cannot be.
    """
    return _film(_Scene(width, height, seed, label), seconds, container="mp4", sound=sound, seed=seed)


def draw_clip(
    *,
    seconds: float,
    width: int,
    height: int,
    format: Literal["mp4", "mov"],  # noqa: A002 - the format's usual name
) -> bytes:
    """Draw a silent moving landscape as MP4 or QuickTime; sizes (pixels) must be even."""
    return _film(_Scene(width, height, 0, ""), seconds, container=format, sound=False, seed=0)


def draw_sound(*, seconds: float, format: Literal["wav", "mp3"], seed: int = 0) -> bytes:  # noqa: A002 - the format's usual name
    """Make a soft chord, mono, as WAV (16 bit) or MP3."""
    samples = _samples(seconds, seed)
    file = io.BytesIO()
    if format == "wav":
        if sys.byteorder == "big":
            samples.byteswap()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(SAMPLES_PER_SECOND)
            writer.writeframes(samples.tobytes())
    else:
        with av.open(file, "w", format="mp3") as container:
            stream = container.add_stream("mp3", rate=SAMPLES_PER_SECOND, layout="mono")
            for frame in _sound_frames(samples):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return file.getvalue()


def _film(scene: _Scene, seconds: float, *, container: str, sound: bool, seed: int) -> bytes:
    if scene.width % 2 or scene.height % 2:
        raise ValueError(f"even sizes only, not {scene.width}x{scene.height}")
    # "faststart" reads the file again to move the index, so it needs a file with a name.
    with tempfile.TemporaryDirectory(prefix="drawing-") as folder:
        path = Path(folder, f"film.{container}")
        with av.open(path, "w", format=container, options={"movflags": "faststart"}) as output:
            _write_film(output, scene, seconds, sound=sound, seed=seed)
        return path.read_bytes()


def _write_film(output: OutputContainer, scene: _Scene, seconds: float, *, sound: bool, seed: int) -> None:
    # One thread: the same file on every machine.
    options = {"preset": "ultrafast", "crf": "24", "threads": "1"}
    pictures = output.add_stream("libx264", rate=FRAMES_PER_SECOND, options=options)
    pictures.width, pictures.height, pictures.pix_fmt = scene.width, scene.height, "yuv420p"
    track = output.add_stream("aac", rate=SAMPLES_PER_SECOND, layout="mono") if sound else None
    sounds = _sound_frames(_samples(seconds, seed)) if track else iter(())
    # In the order of time, so that pictures and sound lie side by side in the file.
    frames: Iterable[av.VideoFrame | av.AudioFrame] = merge(
        _pictures(scene, seconds), sounds, key=lambda frame: frame.time or 0.0
    )
    for frame in frames:
        if isinstance(frame, av.VideoFrame):
            output.mux(pictures.encode(frame))
        elif track is not None:
            output.mux(track.encode(frame))
    output.mux(pictures.encode(None))
    if track is not None:
        output.mux(track.encode(None))


def _pictures(scene: _Scene, seconds: float) -> Iterator[av.VideoFrame]:
    count = max(1, round(seconds * FRAMES_PER_SECOND))
    for number in range(count):
        frame = av.VideoFrame.from_image(scene.draw(number / count))  # type: ignore[no-untyped-call] # PyAV's stub leaves it bare
        frame.pts = number
        frame.time_base = Fraction(1, FRAMES_PER_SECOND)
        yield frame


def _samples(seconds: float, seed: int) -> "array[int]":
    """A chord; its notes are whole hertz, so that one second of it repeats without a seam."""
    root = 160 + 20 * Random(seed).randrange(8)  # noqa: S311 - a note, not a secret
    notes = ((root, 0.5), (root * 5 // 4, 0.3), (root * 3 // 2, 0.2))
    second = array("h")
    for index in range(SAMPLES_PER_SECOND):
        angle = math.tau * index / SAMPLES_PER_SECOND
        breath = 0.7 + 0.3 * math.cos(angle)
        second.append(round(6000 * breath * sum(gain * math.sin(angle * note) for note, gain in notes)))
    count = round(seconds * SAMPLES_PER_SECOND)
    return (second * (count // SAMPLES_PER_SECOND + 1))[:count]


def _sound_frames(samples: "array[int]") -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), 1024):
        piece = samples[start : start + 1024]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece))
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate = SAMPLES_PER_SECOND
        frame.pts = start
        frame.time_base = Fraction(1, SAMPLES_PER_SECOND)
        yield frame
