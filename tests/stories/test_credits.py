"""What a member has, and in which server."""

from pathlib import Path

from tests.stories.community import Community
from tests.stories.media import picture
from tests.stories.quick_stage import NEVER_ENDS, quick_stage


async def test_the_opening_grant_is_there_on_first_use_and_only_once(club: Community) -> None:
    assert await club.balance() == 0

    first = await club.ask("credits balance")
    second = await club.ask("credits balance")

    assert first.ephemeral
    assert first.text == second.text == "You have 100 credits in this server."
    assert await club.balance() == 100
    assert await club.books_balance()


async def test_two_servers_are_two_wallets(club: Community) -> None:
    elsewhere = Community(club.stage, name="Chess club")
    same_person = elsewhere.guild.add_member(club.member.user)

    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()

    here = await club.ask("credits balance")
    there = await elsewhere.ask("credits balance", who=same_person)
    assert here.text == "You have 95 credits in this server."
    assert there.text == "You have 100 credits in this server."
    assert (await club.spent(), await elsewhere.spent()) == (5, 0)


async def test_what_is_set_aside_cannot_be_spent_twice(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, pace=NEVER_ENDS, starting_credits=6) as stage:
        club = Community(stage)

        first = await club.ask(prompt="Gulls over the bay", image1=picture())
        second = await club.ask(prompt="Gulls over the bay", image1=picture())

        assert "5 credits are set aside" in first.text
        assert "1 left" in first.text
        assert second.text.startswith("That video costs 5 credits, and you have 1.")
        assert (await club.ask("credits balance")).text == "You have 1 credit in this server."
        assert len(await stage.jobs()) == 1


async def test_a_grant_of_nothing_is_an_empty_wallet(tmp_path: Path) -> None:
    async with quick_stage(tmp_path, starting_credits=0) as stage:
        club = Community(stage)

        assert (await club.ask("credits balance")).text == "You have 0 credits in this server."
        answer = await club.ask(prompt="Gulls over the bay", image1=picture())

        assert answer.text.startswith("That video costs 5 credits, and you have 0.")
        assert await club.nothing_happened(balance=0)
