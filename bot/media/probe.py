"""Finding out what a file is, by its content: kind, format, size in pixels, duration.

Everything here blocks and hands bytes from strangers to native decoders: in the bot it is run by
`MediaWorker`, in a process of its own.
"""

import warnings
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import av
import av.logging
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream
from PIL import Image

from bot.catalog.media import MediaFacts, MediaKind
from bot.errors import MediaUnreadable
from bot.media import boxes
from bot.media.mpeg_audio import id3_length
from bot.media.signatures import HEAD_BYTES, Signature, recognise

# Durations that no header tells are counted packet by packet, up to here (over an hour of MP3).
MOST_PACKETS = 200_000
# An MP3's header leaves out the encoder's lead-in and padding; more difference than that, and it is wrong.
HEADER_TOLERANCE_S = 0.2

_ORIENTATION = 0x0112
_TURNED_ORIENTATIONS = (5, 6, 7, 8)


def probe(path: Path) -> MediaFacts:
    """Look at a file's header and tell what it is; nothing is decoded, and its name plays no part.

    A format that is recognised but never accepted by a model (`avi`, `heic`) is named without a closer look.

    Raises:
        MediaUnreadable: `missing`, `empty`, `unknown`, `image`, `too_many_pixels`, `container`, `no_streams`,
            `codec`, `truncated` or `boxes`.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(id3_length(head))
            signature = recognise(file.read(HEAD_BYTES))
    except OSError as error:
        raise MediaUnreadable("missing") from error
    if not head:
        raise MediaUnreadable("empty")
    if signature is None:
        raise MediaUnreadable("unknown")
    if signature.reader is None:
        return MediaFacts(size, signature.kind, signature.format)
    if signature.kind is MediaKind.IMAGE:
        return _look_at_image(path, size, signature.format, signature.reader)
    return _look_at_film(path, size, signature, signature.reader)


# --- images -----------------------------------------------------------------------------------------


def _look_at_image(path: Path, size: int, name: str, plugin: str) -> MediaFacts:
    try:
        # Pillow refuses what is far above its cap on pixels. Sizes below that are for the catalogue to judge,
        # and flaws in a stranger's file are no news: it need not warn of either.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=(plugin,)) as image:
                width, height = image.size
                if _is_turned(image):
                    width, height = height, width
    except Image.DecompressionBombError as error:
        raise MediaUnreadable("too_many_pixels") from error
    except (OSError, ValueError, ArithmeticError, SyntaxError, LookupError, TypeError, EOFError) as error:
        # Pillow's plug-ins answer malformed headers with any of these.
        raise MediaUnreadable("image") from error
    return MediaFacts(size, MediaKind.IMAGE, name, width, height)


def _is_turned(image: Image.Image) -> bool:
    """Tell whether the image's EXIF turns it by a quarter; for TIFF Pillow has turned the size already."""
    # Not `getexif()`: for PNG that decodes the pixels.
    stored = image.info.get("exif")
    if image.format == "TIFF" or not isinstance(stored, bytes):
        return False
    exif = Image.Exif()
    exif.load(stored)
    return exif.get(_ORIENTATION) in _TURNED_ORIENTATIONS


# --- video and sound --------------------------------------------------------------------------------


def _look_at_film(path: Path, size: int, signature: Signature, demuxer: str) -> MediaFacts:
    turned: frozenset[int] = frozenset()
    try:
        if demuxer == "mov":
            with path.open("rb") as file:
                boxes.check_whole(file)
                turned = boxes.turned_tracks(file)
        with closing(_open(path, demuxer)) as container:
            return _describe(container, size, signature.format, turned)
    except (av.FFmpegError, OSError, ValueError, OverflowError) as error:
        raise MediaUnreadable("container") from error


def _open(path: Path, demuxer: str) -> InputContainer:
    # ffmpeg would write its complaints about the file to the standard error stream.
    av.logging.set_level(av.logging.PANIC)
    return av.open(
        # An absolute path cannot be taken for an address, and nothing but this file may be opened.
        str(path.absolute()),
        mode="r",
        format=demuxer,
        options={"protocol_whitelist": "file"},
        metadata_errors="ignore",
    )


def _describe(container: InputContainer, size: int, name: str, turned: frozenset[int]) -> MediaFacts:
    videos = [stream for stream in container.streams.video if not _is_cover(stream)]
    sounds = list(container.streams.audio)
    if not videos and not sounds:
        raise MediaUnreadable("no_streams")
    duration = _duration(container, [*videos, *sounds], name)
    if not videos:
        return MediaFacts(size, MediaKind.AUDIO, name, duration_s=duration)
    width, height = _shown_size(videos[0], turned)
    return MediaFacts(size, MediaKind.VIDEO, name, width, height, duration)


def _is_cover(stream: Stream) -> bool:
    """Tell whether a video stream is only the picture on a song's sleeve."""
    return bool(stream.disposition & Disposition.attached_pic)


def _shown_size(stream: VideoStream, turned: frozenset[int]) -> tuple[int, int]:
    # For a codec that it has never heard of, ffmpeg gives no context; for a broken one, no size.
    if stream.codec_context is None or not (stream.width and stream.height):
        raise MediaUnreadable("codec")
    if stream.id in turned:
        return stream.height, stream.width
    return stream.width, stream.height


def _duration(container: InputContainer, streams: Sequence[Stream], name: str) -> float | None:
    """Find the duration in seconds: what the header says, where it says so and can be trusted."""
    stated = container.duration / av.time_base if container.duration else None
    if stated is not None and name != "mp3":
        return stated
    # An MP3 without a header has only a guess from its first frame's bit rate.
    counted = _count(container, streams)
    if stated is not None and abs(stated - counted) <= HEADER_TOLERANCE_S:
        return stated
    return counted or None


def _count(container: InputContainer, streams: Sequence[Stream]) -> float:
    """Read packets, without decoding them, to where the last of them ends (seconds)."""
    end = 0.0
    for number, packet in enumerate(container.demux(*streams)):
        if number >= MOST_PACKETS:
            break
        if packet.pts is not None and packet.time_base is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end
