from pathlib import Path

import pytest

from bot.catalog.media import MediaFacts, MediaKind
from bot.errors import MediaUnreadable
from bot.media import probe
from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound, draw_video
from tests.media import files

IMAGE_FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "gif")


def look(folder: Path, content: bytes, name: str = "file") -> MediaFacts:
    path = folder / name
    path.write_bytes(content)
    return probe(path)


def unreadable(folder: Path, content: bytes, name: str = "file") -> str:
    with pytest.raises(MediaUnreadable) as caught:
        look(folder, content, name)
    return caught.value.reason


# --- images -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_an_image_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    content = draw_picture(width=123, height=77, format=name)
    assert look(tmp_path, content, "film.mp4") == MediaFacts(len(content), MediaKind.IMAGE, name, 123, 77)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "tiff"])
@pytest.mark.parametrize(
    ("orientation", "size"), [(1, (40, 20)), (3, (40, 20)), (6, (20, 40)), (8, (20, 40))]
)
def test_an_image_has_the_size_it_is_shown_in(
    tmp_path: Path, name: str, orientation: int, size: tuple[int, int]
) -> None:
    facts = look(tmp_path, files.turned_picture(name, orientation))
    assert (facts.width, facts.height) == size


def test_an_animated_gif_is_an_image(tmp_path: Path) -> None:
    facts = look(tmp_path, files.animated_gif())
    assert (facts.kind, facts.format, facts.duration_s) == (MediaKind.IMAGE, "gif", None)


def test_a_large_image_is_measured_without_a_warning(tmp_path: Path) -> None:
    facts = look(tmp_path, files.claiming_png(12_000, 12_000))
    assert (facts.width, facts.height) == (12_000, 12_000)


def test_an_image_of_absurd_size_is_unreadable(tmp_path: Path) -> None:
    assert unreadable(tmp_path, files.claiming_png(50_000, 50_000)) == "too_many_pixels"


# --- video and sound --------------------------------------------------------------------------------


@pytest.mark.parametrize("sound", [False, True])
def test_a_video_is_told_by_its_content(tmp_path: Path, *, sound: bool) -> None:
    content = draw_video(seconds=2.5, width=160, height=90, sound=sound, seed=1)
    facts = look(tmp_path, content, "picture.png")
    assert facts == MediaFacts(len(content), MediaKind.VIDEO, "mp4", 160, 90, 2.5)


def test_mov_and_mp4_are_told_apart_by_their_brand(tmp_path: Path) -> None:
    clips = [draw_clip(seconds=2, width=64, height=64, format=name) for name in ("mp4", "mov")]
    assert [look(tmp_path, clip).format for clip in clips] == ["mp4", "mov"]


def test_a_quicktime_film_from_before_brands_is_mov(tmp_path: Path) -> None:
    clip = draw_clip(seconds=2, width=64, height=64, format="mov")
    assert clip[4:8] == b"ftyp"
    facts = look(tmp_path, clip[:4] + b"free" + clip[8:])
    assert (facts.format, facts.duration_s) == ("mov", 2)


@pytest.mark.parametrize(
    ("matrix", "size"),
    [
        ((1, 0, 0, 1), (64, 32)),
        ((0, 1, -1, 0), (32, 64)),
        ((-1, 0, 0, -1), (64, 32)),
        ((0, -1, 1, 0), (32, 64)),
    ],
)
def test_a_video_has_the_size_it_is_shown_in(
    tmp_path: Path, matrix: tuple[float, float, float, float], size: tuple[int, int]
) -> None:
    clip = draw_clip(seconds=1, width=64, height=32, format="mp4")
    facts = look(tmp_path, files.turned_film(clip, matrix))
    assert (facts.width, facts.height) == size


def test_a_film_in_pieces_is_counted(tmp_path: Path) -> None:
    clip = draw_clip(seconds=3, width=64, height=32, format="mp4")
    facts = look(tmp_path, files.fragmented_film(clip))
    assert facts.duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("name", ["wav", "mp3"])
def test_a_sound_is_told_by_its_content(tmp_path: Path, name: str) -> None:
    content = draw_sound(seconds=2.5, format="wav" if name == "wav" else "mp3")
    assert look(tmp_path, content, "film.mp4") == MediaFacts(
        len(content), MediaKind.AUDIO, name, None, None, 2.5
    )


@pytest.mark.parametrize("picture_bytes", [0, 2_000_000])
def test_a_song_with_a_cover_is_a_sound(tmp_path: Path, picture_bytes: int) -> None:
    content = files.id3(picture_bytes=picture_bytes) + files.bare_mp3(seconds=3)
    facts = look(tmp_path, content)
    assert (facts.kind, facts.format, facts.width) == (MediaKind.AUDIO, "mp3", None)
    assert facts.duration_s == pytest.approx(3, abs=0.1)


def test_an_mp3_without_a_header_is_counted(tmp_path: Path) -> None:
    assert look(tmp_path, files.bare_mp3(seconds=6)).duration_s == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize("frames", [1, 100_000])
def test_an_mp3_with_a_false_header_is_counted(tmp_path: Path, frames: int) -> None:
    facts = look(tmp_path, files.boastful_mp3(seconds=6, frames=frames))
    assert facts.duration_s == pytest.approx(6, abs=0.1)


@pytest.mark.parametrize(
    ("container", "codec", "brand", "name"),
    [
        ("mp4", "aac", None, "mp4"),
        ("mov", "aac", None, "mov"),
        ("mp4", "aac", "M4A ", "m4a"),
        ("webm", "libopus", None, "webm"),
        ("ogg", "libopus", None, "ogg"),
        ("matroska", "aac", None, "mkv"),
        ("flac", "flac", None, "flac"),
    ],
)
def test_a_container_without_pictures_is_a_sound(
    tmp_path: Path, container: str, codec: str, brand: str | None, name: str
) -> None:
    facts = look(tmp_path, files.sound_film(container, codec, brand=brand))
    assert (facts.kind, facts.format) == (MediaKind.AUDIO, name)
    assert facts.duration_s == pytest.approx(2, abs=0.1)


# --- other formats, lies and fragments --------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [
        (b"\0\0\0\x1cftypavif", MediaKind.IMAGE, "avif"),
        (b"\0\0\0\x1cftypheic", MediaKind.IMAGE, "heic"),
        (b"8BPS\0\x01", MediaKind.IMAGE, "psd"),
        (b"RIFF\0\0\0\0AVI LIST", MediaKind.VIDEO, "avi"),
        (b"FORM\0\0\0\0AIFFCOMM", MediaKind.AUDIO, "aiff"),
        (b"FLV\x01\x05", MediaKind.VIDEO, "flv"),
        (b"\xff\xf1\x50\x80", MediaKind.AUDIO, "aac"),
        (b"\xff\xfd\x84\x00", MediaKind.AUDIO, "mp2"),
    ],
)
def test_formats_no_model_takes_are_only_named(
    tmp_path: Path, head: bytes, kind: MediaKind, name: str
) -> None:
    content = head + bytes(100)
    assert look(tmp_path, content) == MediaFacts(len(content), kind, name)


@pytest.mark.parametrize(
    "content",
    [
        b"<!doctype html><title>Sign in</title>",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"RIFF\0\0\0\0NONE",
        b"\xff\xfb\x90\x00" + b"\x55" * 2000,
        b"ID3\x04\0\0\x7f\x7f\x7f\x7f",
        b"\0",
    ],
)
@pytest.mark.parametrize("name", ["file.mp4", "file.mp3", "file.png"])
def test_no_name_makes_a_file_media(tmp_path: Path, content: bytes, name: str) -> None:
    assert unreadable(tmp_path, content, name) == "unknown"


def test_an_empty_file_and_a_missing_one_are_unreadable(tmp_path: Path) -> None:
    assert unreadable(tmp_path, b"") == "empty"
    with pytest.raises(MediaUnreadable, match="missing"):
        probe(tmp_path / "nobody")


@pytest.mark.parametrize("name", IMAGE_FORMATS)
def test_a_format_that_stops_after_its_first_bytes_is_unreadable(tmp_path: Path, name: str) -> None:
    content = draw_picture(width=50, height=50, format=name)
    # A format that shows its size in the first dozen bytes is told by those; none has it in eight.
    assert unreadable(tmp_path, content[:8] if name != "webp" else content[:16]) == "image"


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("name", ["mp4", "mov"])
def test_a_film_that_was_cut_off_is_unreadable(tmp_path: Path, name: str, part: float) -> None:
    clip = draw_clip(seconds=2, width=64, height=64, format="mp4" if name == "mp4" else "mov")
    assert unreadable(tmp_path, clip[: int(len(clip) * part)]) == "truncated"


def test_a_film_in_an_unknown_codec_is_unreadable(tmp_path: Path) -> None:
    film = draw_clip(seconds=2, width=64, height=64, format="mp4")
    assert unreadable(tmp_path, film.replace(b"avc1", b"xxxx")) == "codec"


def test_a_film_without_its_index_is_unreadable(tmp_path: Path) -> None:
    film = draw_clip(seconds=2, width=64, height=64, format="mp4")
    assert unreadable(tmp_path, film.replace(b"moov", b"none", 1)) == "container"


def test_a_sound_that_was_cut_off_is_as_long_as_what_is_left(tmp_path: Path) -> None:
    for name in ("wav", "mp3"):
        content = draw_sound(seconds=4, format="wav" if name == "wav" else "mp3")
        facts = look(tmp_path, content[: len(content) // 2])
        assert facts.duration_s == pytest.approx(2, abs=0.1)


def test_a_box_that_claims_to_be_larger_than_any_file_leads_nowhere(tmp_path: Path) -> None:
    film = draw_clip(seconds=1, width=64, height=64, format="mp4")
    assert unreadable(tmp_path, b"\0\0\0\x01free" + b"\xff" * 8 + film) == "container"


def test_a_film_of_countless_boxes_is_left(tmp_path: Path) -> None:
    film = b"\0\0\0\x08ftyp".ljust(8) + b"\0\0\0\x08free" * 20_000
    assert unreadable(tmp_path, film) == "boxes"
