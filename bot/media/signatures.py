"""Telling formats apart by their first bytes, never by a name.

Only what is recognised here is handed to a decoder, and only to the one decoder named for it: ffmpeg's own
guessing also knows playlists, which can make it open other files and addresses.
"""

import re
from dataclasses import dataclass

from bot.catalog.media import MediaKind
from bot.media.mpeg_audio import layer

# Enough for every signature here; Matroska names its kind within its first header.
HEAD_BYTES = 4096

_IMAGE, _VIDEO, _AUDIO = MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO


@dataclass(frozen=True, slots=True)
class Signature:
    """A recognised format.

    Attributes:
        format: its short lower-case name, as in `MediaFacts.format`.
        kind: what files of this format usually are.
        reader: Pillow's name of the plug-in, or ffmpeg's of the demuxer, that may read it; `None`: none may.
    """

    format: str
    kind: MediaKind
    reader: str | None = None


_MP4 = Signature("mp4", _VIDEO, "mov")
_MOV = Signature("mov", _VIDEO, "mov")

# First bytes, by the formats' specifications.
_PREFIXES: tuple[tuple[bytes, Signature], ...] = (
    (b"\xff\xd8\xff", Signature("jpeg", _IMAGE, "JPEG")),
    (b"\x89PNG\r\n\x1a\n", Signature("png", _IMAGE, "PNG")),
    (b"GIF87a", Signature("gif", _IMAGE, "GIF")),
    (b"GIF89a", Signature("gif", _IMAGE, "GIF")),
    (b"II*\0", Signature("tiff", _IMAGE, "TIFF")),
    (b"MM\0*", Signature("tiff", _IMAGE, "TIFF")),
    (b"BM", Signature("bmp", _IMAGE, "BMP")),
    (b"8BPS", Signature("psd", _IMAGE)),
    (b"\0\0\0\x0cJXL ", Signature("jxl", _IMAGE)),
    (b"\xff\x0a", Signature("jxl", _IMAGE)),
    (b"\0\0\0\x0cjP  ", Signature("jp2", _IMAGE)),
    (b"OggS", Signature("ogg", _AUDIO, "ogg")),
    (b"fLaC", Signature("flac", _AUDIO, "flac")),
    (b"#!AMR", Signature("amr", _AUDIO)),
    (b"FLV\x01", Signature("flv", _VIDEO)),
    (b"\0\0\x01\xba", Signature("mpeg", _VIDEO)),
    (b"0&\xb2u\x8ef\xcf\x11", Signature("wmv", _VIDEO)),
)

# RIFF and its big-endian elder: a size of four bytes, then what it is.
_RIFF: dict[bytes, Signature] = {
    b"WEBP": Signature("webp", _IMAGE, "WEBP"),
    b"WAVE": Signature("wav", _AUDIO, "wav"),
    b"AVI ": Signature("avi", _VIDEO),
    b"AIFF": Signature("aiff", _AUDIO),
    b"AIFC": Signature("aiff", _AUDIO),
}

# Major brands of ISO/IEC 14496-12 files that are something other than plain MP4.
_BRANDS: dict[bytes, Signature] = {
    b"qt  ": _MOV,
    b"M4A ": Signature("m4a", _AUDIO, "mov"),
    b"M4B ": Signature("m4a", _AUDIO, "mov"),
    b"avif": Signature("avif", _IMAGE),
    b"avis": Signature("avif", _IMAGE),
    b"heic": Signature("heic", _IMAGE),
    b"heix": Signature("heic", _IMAGE),
    b"mif1": Signature("heif", _IMAGE),
    b"msf1": Signature("heif", _IMAGE),
}
_3GP = Signature("3gp", _VIDEO, "mov")
# QuickTime files older than brands begin with one of these boxes.
_OLD_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")

_EBML = b"\x1aE\xdf\xa3"
# Bare MPEG audio, by layer.
_LAYERS = {
    1: Signature("mp1", _AUDIO),
    2: Signature("mp2", _AUDIO),
    3: Signature("mp3", _AUDIO, "mp3"),
}
_ADTS = re.compile(rb"\xff[\xf0\xf1\xf8\xf9]")


def recognise(head: bytes) -> Signature | None:
    """Recognise a format by the first `HEAD_BYTES` of a file; `None` where nothing is known to begin so."""
    for prefix, signature in _PREFIXES:
        if head.startswith(prefix):
            return signature
    if head[:4] in (b"RIFF", b"RF64", b"FORM"):
        return _RIFF.get(head[8:12])
    if head.startswith(_EBML):
        return Signature("webm" if b"webm" in head[:64] else "mkv", _VIDEO, "matroska")
    return _recognise_boxes(head) or _recognise_frames(head)


def _recognise_boxes(head: bytes) -> Signature | None:
    if head[4:8] == b"ftyp":
        return _3GP if head[8:11] in (b"3gp", b"3g2") else _BRANDS.get(head[8:12], _MP4)
    return _MOV if head[4:8] in _OLD_QUICKTIME else None


def _recognise_frames(head: bytes) -> Signature | None:
    if _ADTS.match(head):
        return Signature("aac", _AUDIO)
    found = layer(head)
    return _LAYERS[found] if found is not None else None
