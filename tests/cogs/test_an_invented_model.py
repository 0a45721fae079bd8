"""A model that nobody has thought of yet: its file is all it takes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.catalog import Catalogue
from bot.jobs.states import JobState
from bot.rehearsal.screen import lines_of
from bot.rehearsal.stage import HURRY, hurried
from tests.catalog.invented import invented_file, write_json
from tests.stories.community import Community
from tests.stories.media import clip, picture, sound
from tests.stories.quick_stage import quick_stage


@pytest.fixture
async def club(tmp_path: Path) -> AsyncIterator[Community]:
    write_json(tmp_path / "models" / "lantern.json", invented_file())
    catalogue = hurried(Catalogue.load(directory=tmp_path / "models"), HURRY)
    async with quick_stage(tmp_path / "data", catalogue=catalogue) as stage:
        yield Community(stage)
        assert stage.unexpected_errors() == []


async def test_its_command_takes_what_the_file_says_and_brings_a_video(club: Community) -> None:
    answer = await club.ask(
        "lantern-3",
        prompt="A lantern becomes the moon",
        still1=picture(400, 400),
        still2=picture(600, 400),
        clip1=clip(),
        clip2=clip(3),
        tune=sound(),
        loop=True,
        fps=60,
    )
    assert answer.text.startswith("Your request is in. 3 credits are set aside")
    await club.everything_ends()

    job = await club.job()
    assert job.state is JobState.DELIVERED
    assert lines_of(await club.card_of(job))[:3] == [
        f"Lantern 3 for {club.member.mention}",
        "A lantern becomes the moon",
        "loop ✓ · fps 60 · strength 2",
    ]
    [submit] = club.stage.runcomfy.submits
    assert submit.model_id == "acme/lantern-3/morph"
    media = {name: submit.payload[name] for name in ("stills", "clips", "tune")}
    assert submit.payload == {
        "wish": "A lantern becomes the moon",
        "loop": True,
        "fps": 60,
        "strength": 2,
        **media,
    }
    assert (len(media["stills"]), len(media["clips"]), isinstance(media["tune"], str)) == (2, 2, True)
    [post] = club.posts()
    assert post["content"].startswith(f"{club.member.mention} **Lantern 3**")
    assert (await club.balance(), await club.spent()) == (97, 3)
    assert await club.books_balance()


async def test_its_own_rules_refuse_what_does_not_fit(club: Community) -> None:
    answer = await club.ask(
        "lantern-3",
        prompt="A lantern becomes the moon, slowly",
        still1=picture(400, 400),
        still2=("moon.gif", picture(600, 400)[1]),
        clip1=clip(),
    )

    [complaint] = answer.text.splitlines()[1:]
    assert complaint.startswith("- **clip2**: at least 2 files needed; found 1 file.")
    assert await club.nothing_happened()
