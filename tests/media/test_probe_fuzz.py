"""Whatever the bytes, a look at them ends in facts or in `MediaUnreadable`."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import MediaUnreadable
from bot.media import probe
from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound
from tests.media import files

# The headers are where it happens; most changes fall there.
PLACES = st.integers(0, 600) | st.integers(0, 1_000_000)
CHANGES = st.lists(st.tuples(PLACES, st.binary(min_size=1, max_size=4)), max_size=8)
NAMES = ("jpeg", "png", "webp", "bmp", "tiff", "gif", "mp4", "mov", "wav", "mp3", "turned", "id3")


@cache
def original(name: str) -> bytes:
    if name in ("mp4", "mov"):
        return draw_clip(seconds=0.5, width=32, height=32, format="mp4" if name == "mp4" else "mov")
    if name in ("wav", "mp3"):
        return draw_sound(seconds=0.5, format="wav" if name == "wav" else "mp3")
    if name == "turned":
        return files.turned_picture("jpeg", 6)
    if name == "id3":
        return files.id3(picture_bytes=0) + files.bare_mp3(seconds=0.5)
    return draw_picture(width=24, height=16, format=name)


def look(folder: Path, content: bytes) -> None:
    path = folder / "file"
    path.write_bytes(content)
    try:
        facts = probe(path)
    except MediaUnreadable:
        return
    assert facts.size_bytes == len(content)
    assert facts.format
    assert facts.duration_s is None or facts.duration_s >= 0


@pytest.mark.parametrize("name", NAMES)
@given(changes=CHANGES, cut=st.floats(0, 1) | st.just(1.0))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_files_are_told_or_refused(
    tmp_path: Path, name: str, changes: list[tuple[int, bytes]], cut: float
) -> None:
    content = bytearray(original(name))
    for place, replacement in changes:
        start = place % len(content)
        content[start : start + len(replacement)] = replacement
    look(tmp_path, bytes(content[: round(len(content) * cut)]))


@given(start=st.sampled_from(NAMES), length=st.integers(0, 40), noise=st.binary(max_size=2000))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_behind_a_proper_beginning_is_told_or_refused(
    tmp_path: Path, start: str, length: int, noise: bytes
) -> None:
    look(tmp_path, original(start)[:length] + noise)
