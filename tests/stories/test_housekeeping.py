"""What nobody needs any more is cleared away."""

import os

from bot.jobs.housekeeping import FORGOTTEN_MS
from bot.servers import store as servers
from bot.servers.settings import ServerSettings
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.posted import a_video


async def test_files_of_an_unanswered_quote_and_of_nobody_are_cleared(club: Community) -> None:
    showreel, at = club.stage.showreel, 1_000_000
    settings = ServerSettings(quote_above=0)
    await showreel.database.run(servers.save, club.guild.id, settings, at=at)
    await club.ask(prompt="A kite.", image1=picture())
    inputs = club.stage.data_dir / "inputs"
    [quoted] = inputs.iterdir()
    assert list(quoted.iterdir())

    await showreel.housekeeper.tidy()
    assert quoted.exists()

    nobodys = inputs / "123"
    nobodys.mkdir()
    long_ago = (nobodys.stat().st_mtime_ns - 2 * FORGOTTEN_MS * 1_000_000) // 1_000_000_000
    os.utime(nobodys, (long_ago, long_ago))
    await showreel.housekeeper.tidy()
    assert not nobodys.exists()
    assert quoted.exists()


async def test_the_bots_own_rounds_clear_the_directory_of_videos(club: Community) -> None:
    job, _ = await a_video(club)
    videos = club.stage.data_dir / "videos"
    left = videos / f"{job.id}.mp4.unseen"
    left.write_bytes(b"left behind")

    await club.stage.showreel.housekeeper.tidy()

    assert list(videos.iterdir()) == []
