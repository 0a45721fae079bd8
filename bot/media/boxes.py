"""The boxes of MP4 and QuickTime files (ISO/IEC 14496-12), as far as they are needed; nothing is decoded."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from bot.errors import MediaUnreadable

# Files have a few dozen boxes; one that claims more than this is made to keep us busy.
MOST_BOXES = 10_000
_HEADER_BYTES = 8
# Boxes that hold the file's substance: where one of them is cut off, so is the film.
_SUBSTANCE = (b"moov", b"mdat")


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, and where its content lies in the file (bytes)."""

    type: bytes
    start: int
    end: int


def walk(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """List the boxes between two places of a file; bytes at the end that are no box are left out.

    Raises:
        MediaUnreadable: `boxes`, when there are too many.
    """
    for _ in range(MOST_BOXES):
        if start + _HEADER_BYTES > end:
            return
        file.seek(start)
        header = file.read(16)
        size = int.from_bytes(header[:4])
        content = _HEADER_BYTES
        if size == 1:  # the real size follows, as eight bytes
            size = int.from_bytes(header[8:16])
            content = 16
        elif size == 0:  # up to the end
            size = end - start
        if len(header) < _HEADER_BYTES or size < content:
            return
        yield Box(header[4:8], start + content, start + size)
        start += size
    raise MediaUnreadable("boxes")


def check_whole(file: BinaryIO) -> None:
    """Make sure that the film has not been cut off.

    Raises:
        MediaUnreadable: `truncated`.
    """
    length = file.seek(0, os.SEEK_END)
    if any(box.type in _SUBSTANCE and box.end > length for box in walk(file, 0, length)):
        raise MediaUnreadable("truncated")


def turned_tracks(file: BinaryIO) -> frozenset[int]:
    """List the ids of the tracks that are shown turned by a quarter: their width and height change places."""
    length = file.seek(0, os.SEEK_END)
    turned = set()
    for moov in _children(file, Box(b"", 0, length), b"moov"):
        for trak in _children(file, moov, b"trak"):
            for tkhd in _children(file, trak, b"tkhd"):
                file.seek(tkhd.start)
                track, is_turned = _read_track_header(file.read(104))
                if is_turned:
                    turned.add(track)
    return frozenset(turned)


def _children(file: BinaryIO, parent: Box, kind: bytes) -> list[Box]:
    found = (box for box in walk(file, parent.start, parent.end) if box.type == kind)
    # No child reaches beyond its parent, or boxes that overlap could multiply the work.
    return [Box(box.type, box.start, min(box.end, parent.end)) for box in found]


def _read_track_header(content: bytes) -> tuple[int, bool]:
    """Read the track's id and whether its matrix (a b u / c d v / x y w) turns by a quarter."""
    # Version 1 has its two times and the duration in eight bytes each instead of four.
    wide = content[:1] == b"\x01"
    track = int.from_bytes(content[20:24] if wide else content[12:16])
    matrix = content[52:88] if wide else content[40:76]
    a, b, c, d = (int.from_bytes(matrix[at : at + 4], signed=True) for at in (0, 4, 12, 16))
    return track, a == 0 and d == 0 and b != 0 and c != 0
