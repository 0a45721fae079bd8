import io

import av
import pytest
from PIL import Image

from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound, draw_video


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "bmp", "tiff", "gif"])
def test_a_picture_can_be_seen(name: str) -> None:
    with Image.open(io.BytesIO(draw_picture(width=61, height=40, format=name, label="a hill"))) as picture:
        picture.load()
        assert (picture.format, picture.size) == (name.upper(), (61, 40))
        assert len(picture.convert("RGB").getcolors(10_000) or []) > 10


def test_a_video_plays_moves_and_sounds() -> None:
    film = draw_video(seconds=1, width=64, height=36, sound=True, seed=3, label="a hill")
    with av.open(io.BytesIO(film), "r") as container:
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        frames = [bytes(frame.planes[0]) for frame in container.decode(video=0)]
    assert len(frames) == 12
    assert frames[0] != frames[-1]
    with av.open(io.BytesIO(film), "r") as container:
        samples = b"".join(bytes(frame.planes[0]) for frame in container.decode(audio=0))
    assert any(samples)


def test_a_video_s_index_stands_before_its_pictures() -> None:
    film = draw_video(seconds=1, width=64, height=36, sound=False, seed=0)
    assert film.index(b"moov") < film.index(b"mdat")


def test_the_same_arguments_draw_the_same_file_and_another_seed_another() -> None:
    films = [draw_video(seconds=0.5, width=64, height=36, sound=True, seed=seed) for seed in (1, 1, 2)]
    assert films[0] == films[1] != films[2]
    pictures = [draw_picture(width=64, height=36, seed=seed) for seed in (1, 1, 2)]
    assert pictures[0] == pictures[1] != pictures[2]


def test_odd_sizes_are_refused_for_video() -> None:
    with pytest.raises(ValueError):
        draw_clip(seconds=1, width=63, height=36, format="mov")


@pytest.mark.parametrize("name", ["wav", "mp3"])
def test_a_sound_has_its_length(name: str) -> None:
    sound = draw_sound(seconds=1.5, format="wav" if name == "wav" else "mp3")
    with av.open(io.BytesIO(sound), "r") as container:
        assert container.duration == 1_500_000
