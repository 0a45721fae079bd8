"""Media files with something special about them."""

import io
import struct
import zlib
from fractions import Fraction

import av
from PIL import Image

from bot.rehearsal.drawing import draw_picture, draw_sound

ORIENTATION = 0x0112


def turned_picture(format: str, orientation: int) -> bytes:  # noqa: A002 - the format's usual name
    """A picture stored as 40 x 20 pixels, with an EXIF orientation."""
    picture = Image.open(io.BytesIO(draw_picture(width=40, height=20)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    file = io.BytesIO()
    picture.save(file, format=format, exif=exif)
    return file.getvalue()


def animated_gif() -> bytes:
    frames = [Image.open(io.BytesIO(draw_picture(width=30, height=20, seed=seed))) for seed in range(3)]
    file = io.BytesIO()
    frames[0].save(file, format="gif", save_all=True, append_images=frames[1:])
    return file.getvalue()


def claiming_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of this size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + content


def turned_film(film: bytes, matrix: tuple[float, float, float, float]) -> bytes:
    """The film with another matrix (a, b, c, d) in its first track header (version 0)."""
    start = film.index(b"tkhd") + 4 + 40
    a, b, c, d = (round(value * 65_536).to_bytes(4, signed=True) for value in matrix)
    return film[:start] + a + b + bytes(4) + c + d + film[start + 20 :]


def id3(*, picture_bytes: int) -> bytes:
    """An ID3v2.3 tag with a cover picture, filled up to about this many bytes."""
    picture = draw_picture(width=60, height=60, format="jpeg")
    content = b"\0image/jpeg\0\x03\0" + picture + bytes(max(0, picture_bytes - len(picture)))
    frame = b"APIC" + struct.pack(">I", len(content)) + b"\0\0" + content
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame


def bare_mp3(*, seconds: float) -> bytes:
    """An MP3 without a tag and without the header frame that tells its length."""
    sound = draw_sound(seconds=seconds, format="mp3")
    return sound[sound.index(b"\xff\xfb", sound.index(b"Info")) :]


def boastful_mp3(*, seconds: float, frames: int) -> bytes:
    """An MP3 whose header claims this many frames."""
    sound = bytearray(draw_sound(seconds=seconds, format="mp3"))
    at = sound.index(b"Info") + 8
    sound[at : at + 4] = frames.to_bytes(4)
    return bytes(sound)


def sound_film(container: str, codec: str, *, brand: str | None = None) -> bytes:
    """Two seconds of silence in a container for video."""
    file = io.BytesIO()
    options = {"brand": brand} if brand else {}
    with av.open(file, "w", format=container, options=options) as output:
        stream = output.add_stream(codec, rate=48_000, options={"strict": "experimental"}, layout="mono")
        assert isinstance(stream, av.AudioStream)
        for number in range(100):
            frame = av.AudioFrame(format="s16", layout="mono", samples=960)
            frame.planes[0].update(bytes(1920))
            frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def fragmented_film(film: bytes) -> bytes:
    """The same film in pieces, as recorders write it: its header does not know the duration."""
    file = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with (
        av.open(io.BytesIO(film), "r") as source,
        av.open(file, "w", format="mp4", options=options) as output,
    ):
        stream = source.streams.video[0]
        copy = output.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None:
                packet.stream = copy
                output.mux(packet)
    return file.getvalue()
