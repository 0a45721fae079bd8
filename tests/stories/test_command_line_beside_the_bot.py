"""The operator's commands, run as another process on the store of a bot at work."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from tests.stories.community import Community
from tests.stories.media import picture

REPOSITORY = Path(__file__).parents[2]


async def showreel(club: Community, *words: object) -> tuple[int, str]:
    stage = club.stage
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *(str(word) for word in words),
        cwd=stage.data_dir,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "DATABASE_URL": stage.settings.database_url.get_secret_value(),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode is not None
    return process.returncode, printed.decode()


async def test_credits_from_a_shop_are_there_at_once_while_videos_are_made(club: Community) -> None:
    who = ("--server", club.guild.id, "--member", club.member.id)
    await club.ask(prompt="Gulls over the bay", image1=picture())

    grants = [
        await showreel(club, "credits", "grant", *who, "--amount", 40, "--reference", "order 7", "--json")
        for _ in range(2)
    ]
    assert [status for status, _ in grants] == [0, 0]
    assert [json.loads(printed)["given"] for _, printed in grants] == [True, False]
    assert await club.balance() == 135

    await club.everything_ends()
    reports: list[Any] = []
    for words in (("ledger", "audit"), ("costs",), ("jobs", "--state", "delivered")):
        status, printed = await showreel(club, *words, "--json")
        assert status == 0
        reports.append(json.loads(printed))
    books, costs, jobs = reports
    assert books == {"balanced": True, "discrepancies": []}
    assert [(item["guild_id"], item["credits"]) for item in costs] == [(str(club.guild.id), 5)]
    assert [item["id"] for item in jobs] == [(await club.job()).id]
    assert (await showreel(club, "migrate"))[0] == 2
