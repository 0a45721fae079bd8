"""`/server credits`: staff give and take, and it is written down."""

import pytest

from bot.credits.audit import audit
from bot.moderation import audit as trail
from bot.moderation.audit import Action
from tests.stories.community import Community
from tests.stories.staff import Staff, told_to


async def entries(club: Community) -> list[tuple[Action, int, int | None, int, str]]:
    found = await club.stage.showreel.database.run(lambda c: list(trail.trail(c, club.guild.id)))
    return [
        (entry.action, entry.actor_id, entry.target_id, entry.detail["credits"], entry.detail["reason"])
        for entry in found
    ]


@pytest.fixture
def ruth(club: Community) -> Staff:
    return Staff(club)


async def test_a_grant_is_told_to_staff_alone_and_written_down(club: Community, ruth: Staff) -> None:
    result = await ruth.who.slash(
        club.channel, "server credits grant", member=club.member, amount=40, reason="film night"
    )

    assert result.ephemeral
    assert result.response is not None
    assert result.response.content == f"<@{club.member.id}> has been given 40 credits and now has 40."
    assert await club.balance() == 40
    assert await entries(club) == [(Action.GRANTED, ruth.who.id, club.member.id, 40, "film night")]
    assert club.public() == []


async def test_the_member_is_told_in_the_channel_only_if_wanted(club: Community, ruth: Staff) -> None:
    await ruth.runs(
        "server credits grant", member=club.member, amount=40, reason="*won* @everyone", tell=True
    )

    [told] = club.public()
    assert told["content"].startswith(f"<@{club.member.id}>, you have been given 40 credits. \\*won\\*")
    assert told_to(club.member, told, club)


async def test_no_more_is_taken_than_there_is_and_it_says_how_much(club: Community, ruth: Staff) -> None:
    await ruth.runs("server credits grant", member=club.member, amount=40, reason="film night")

    first = await ruth.runs("server credits revoke", member=club.member, amount=15, reason="mistake")
    rest = await ruth.runs(
        "server credits revoke", member=club.member, amount=100, reason="mistake", tell=True
    )
    nothing = await ruth.runs(
        "server credits revoke", member=club.member, amount=1, reason="again", tell=True
    )

    who = f"<@{club.member.id}>"
    assert first == f"15 credits were taken from {who}, of 15 asked for; 25 left."
    assert rest == f"25 credits were taken from {who}, of 100 asked for; 0 left."
    assert nothing == f"0 credits were taken from {who}, of 1 asked for; 0 left."
    assert [told["content"] for told in club.public()] == [f"{who}, 25 credits were taken back. mistake"]
    assert await entries(club) == [
        (Action.REVOKED, ruth.who.id, club.member.id, 25, "mistake"),
        (Action.REVOKED, ruth.who.id, club.member.id, 15, "mistake"),
        (Action.GRANTED, ruth.who.id, club.member.id, 40, "film night"),
    ]
    assert await club.stage.showreel.database.run(audit) == []


async def test_a_grant_comes_beside_the_opening_credits(club: Community, ruth: Staff) -> None:
    await ruth.runs("server credits grant", member=club.member, amount=40, reason="film night")

    await club.ask("credits balance")

    assert await club.balance() == 140


async def test_credits_of_one_server_are_not_given_in_another(club: Community, ruth: Staff) -> None:
    elsewhere = Community(club.stage, name="Chess club")
    same_person = elsewhere.guild.add_member(club.member.user)

    await ruth.runs("server credits grant", member=club.member, amount=40, reason="film night")

    assert (await club.balance(), await elsewhere.balance(same_person)) == (40, 0)
    assert await entries(elsewhere) == []


async def test_bots_get_none(club: Community, ruth: Staff) -> None:
    robot = club.guild.add_member(club.env.create_user("robot", bot=True))

    answer = await ruth.runs("server credits grant", member=robot, amount=40, reason="beep")

    assert answer == "Bots make no videos, so they need no credits."
    assert await entries(club) == []
