"""Limits of a server: each says what is allowed, all of them at once, and nothing is spent."""

from pathlib import Path
from typing import Any

import pytest

from bot.moderation import interventions
from bot.moderation.blocks import Block
from bot.servers.tiers import Tier
from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_ENDS, quick_stage
from tests.stories.staff import set_up

REFUSED = "That request meets a limit of this server. Nothing was spent."


async def ask(club: Community, **more: Any) -> list[str]:
    answer = await club.ask(prompt="Gulls over the bay", image1=picture(), **more)
    assert answer.ephemeral
    return answer.text.splitlines()


async def block(club: Community, reason: str, *, until: int | None = None) -> None:
    entry = Block(club.guild.id, club.member.id, until, reason, by=1, at=1)
    await club.stage.showreel.database.run(interventions.block, entry)


async def test_a_paused_server_accepts_nothing(club: Community) -> None:
    await set_up(club, paused=True)

    assert await ask(club) == [
        REFUSED,
        "- New requests are paused by the moderators. Try again later.",
    ]
    assert await club.nothing_happened(balance=0)


async def test_a_blocked_member_reads_why_and_until_when(club: Community) -> None:
    until = club.stage.showreel.bot.services.now() + 3_600_000
    await block(club, "*spam*", until=until)

    assert await ask(club) == [
        REFUSED,
        f"- You may not ask for videos here until <t:{until // 1000}:R>. Reason: \\*spam\\*",
    ]
    assert await club.nothing_happened(balance=0)


async def test_a_block_that_is_over_blocks_nobody(club: Community) -> None:
    await block(club, "spam", until=club.stage.showreel.bot.services.now() - 1)

    assert "Your request is in" in (await ask(club))[0]


async def test_another_channel_is_named_where_videos_are_made(club: Community) -> None:
    yard = club.guild.create_text_channel("yard")
    await set_up(club, allowed_channels=(yard.id,))

    assert await ask(club) == [REFUSED, f"- Videos are made in <#{yard.id}>."]
    there = await club.ask(prompt="Gulls over the bay", image1=picture(), channel=yard)
    assert "Your request is in" in there.text


@pytest.mark.parametrize(
    ("tier", "asked", "told"),
    [
        (Tier(models=("seedance-2-pro",)), {}, "- Your role may use /seedance-2-pro."),
        (Tier(max_resolution="480p"), {"resolution": "720p"}, "- Your role may ask for up to 480p."),
        (Tier(max_duration_s=3), {"duration": 4}, "- Your role may ask for up to 3 seconds."),
    ],
    ids=["model", "resolution", "duration"],
)
async def test_a_tier_limits_what_may_be_asked_for(
    club: Community, tier: Tier, asked: dict[str, str | int], told: str
) -> None:
    await set_up(club, tiers=(tier,))

    assert await ask(club, **asked) == [REFUSED, told]
    assert await club.nothing_happened(balance=0)


async def test_limits_let_through_what_is_just_within(club: Community) -> None:
    tier = Tier(models=("seedance-1-0-lite",), max_resolution="720p", max_duration_s=4, jobs_at_once=1)
    await set_up(club, tiers=(tier,), jobs_at_once=1, allowed_channels=(club.channel.id,))

    assert "Your request is in" in (await ask(club, resolution="720p", duration=4))[0]


async def test_a_member_has_only_so_many_requests_at_once(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await set_up(club, tiers=(Tier(jobs_at_once=2),))
        for _ in range(2):
            await ask(club)

        assert await ask(club) == [
            REFUSED,
            "- You have 2 open requests already, which is the most at once. Wait for one to finish.",
        ]
        other = await club.ask(who=club.add_member("olaf"), prompt="Gulls", image1=picture())
        assert "Your request is in" in other.text


async def test_a_server_has_only_so_many_requests_at_once(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await set_up(club, jobs_at_once=1)
        await club.ask(who=club.add_member("olaf"), prompt="Gulls", image1=picture())

        assert await ask(club) == [
            REFUSED,
            "- This server has 1 open request already, which is the most at once. Try again soon.",
        ]


async def test_a_place_is_free_again_when_a_request_ends(club: Community) -> None:
    await set_up(club, jobs_at_once=1, tiers=(Tier(jobs_at_once=1),))

    await ask(club)
    await club.everything_ends()

    assert "Your request is in" in (await ask(club))[0]


async def test_a_cooldown_says_when_it_is_over(club: Community) -> None:
    await set_up(club, tiers=(Tier(cooldown_s=600),))

    await ask(club)
    await club.everything_ends()
    job = await club.job()

    over = (job.created_at + 600_000) // 1000
    assert await ask(club) == [REFUSED, f"- One request every 600 seconds: the next one <t:{over}:R>."]


async def test_every_limit_is_told_in_one_answer(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS) as stage:
        club = Community(stage)
        await ask(club)
        yard = club.guild.create_text_channel("yard")
        tier = Tier(
            jobs_at_once=1,
            cooldown_s=600,
            models=("seedance-2-pro",),
            max_resolution="480p",
            max_duration_s=2,
        )
        await set_up(club, paused=True, allowed_channels=(yard.id,), jobs_at_once=1, tiers=(tier,))
        await block(club, "spam")

        lines = await ask(club, resolution="720p", duration=4)

        assert [line.split(":")[0][:26] for line in lines[1:]] == [
            "- New requests are paused ",
            f"- Videos are made in <#{yard.id}"[:26],
            "- This server has 1 open r",
            "- You may not ask for vide",
            "- You have 1 open request ",
            "- One request every 600 se",
            "- Your role may use /seeda",
            "- Your role may ask for up",
            "- Your role may ask for up",
        ]
        assert len(await stage.jobs()) == 1
