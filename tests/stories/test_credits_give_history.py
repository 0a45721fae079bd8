"""Credits that move: what there is, when more comes, where it went, and presents."""

import asyncio
import re

import simcord
from simcord.actors import MemberActor

from bot.credits import gifts
from bot.errors import StoreUnavailable
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import buttons_of
from bot.servers.tiers import Period, Tier
from tests.stories.community import Community, closed_store
from tests.stories.media import picture
from tests.stories.posted import press_answer, read, seen, set_up


async def give(
    club: Community, member: object, amount: int, *, who: MemberActor | None = None
) -> simcord.InteractionResult:
    return await (who or club.member).slash(club.channel, "credits give", member=member, amount=amount)


async def history(club: Community, who: MemberActor | None = None) -> simcord.InteractionResult:
    return await (who or club.member).slash(club.channel, "credits history")


def without_times(lines: list[str]) -> list[str]:
    plain = [line.replace("`", "").replace("\N{MINUS SIGN}", "-").removesuffix(" · soon") for line in lines]
    return [" ".join(line.split()) for line in plain]


# --- the wallet ---------------------------------------------------------------------------------------


async def test_an_allowance_is_told_with_the_balance(club: Community) -> None:
    await set_up(club, tiers=(Tier(allowance=20, cap=130, period=Period.WEEK),))

    answer = await club.ask("credits balance")

    balance, allowance = answer.text.splitlines()
    assert answer.ephemeral
    assert balance == "You have 120 credits in this server."
    assert re.fullmatch(r"You get 20 credits a week, up to a balance of 130\. Next: <t:\d+:R>", allowance)


async def test_the_allowance_of_the_members_role_counts(club: Community) -> None:
    patron = club.guild.create_role("patron")
    rich = club.guild.add_member(club.env.create_user("paula"), roles=[patron])
    await set_up(club, tiers=(Tier(name="patrons", role_id=patron.id, allowance=50, cap=500), Tier()))

    theirs, mine = await club.ask("credits balance", who=rich), await club.ask("credits balance")

    assert theirs.text.startswith("You have 150 credits in this server.\nYou get 50 credits a day")
    assert mine.text == "You have 100 credits in this server."


# --- presents -----------------------------------------------------------------------------------------


async def test_a_present_reaches_the_other_and_both_are_told(club: Community) -> None:
    tomas = club.add_member("tomas")

    answer = await give(club, tomas, 30)

    assert answer.ephemeral
    assert read(answer) == [f"You gave 30 credits to {tomas.mention}. You have 70 left."]
    [told] = club.public()
    assert told["content"] == f"{tomas.mention}, {club.member.mention} gives you 30 credits."
    assert club.pinged(told) == ({tomas.id}, set(), False)
    # The opening grant comes on top, once the receiver looks.
    assert await club.balance(tomas) == 30
    assert (await club.ask("credits balance", who=tomas)).text == "You have 130 credits in this server."
    assert (await club.balance(), await club.books_balance()) == (70, True)


async def test_what_is_due_to_the_giver_counts(club: Community) -> None:
    await set_up(club, tiers=(Tier(allowance=20, cap=500),))

    answer = await give(club, club.add_member("tomas"), 115)

    assert read(answer)[0].endswith("You have 5 left.")


async def test_more_than_there_is_cannot_be_given_and_only_the_giver_hears_of_it(club: Community) -> None:
    tomas = club.add_member("tomas")

    answer = await give(club, tomas, 101)

    assert answer.ephemeral
    assert read(answer) == [
        "You cannot give 101 credits: you have 100. What open requests hold cannot be given away."
    ]
    assert club.public() == []
    assert (await club.balance(tomas), await club.books_balance()) == (0, True)
    assert (await club.ask("credits balance")).text == "You have 100 credits in this server."


async def test_presents_at_the_same_moment_never_give_more_than_there_is(club: Community) -> None:
    friends = [club.add_member(name) for name in ("ana", "ben", "cy", "dora")]
    wallets = club.stage.showreel.bot.services.wallets
    await club.ask("credits balance")

    given = await asyncio.gather(
        *(
            wallets.give(
                club.guild.id,
                giver=club.member.id,
                role_ids=(),
                receiver=friend.id,
                amount=40,
                reference=f"give:{friend.id}",
            )
            for friend in friends
        ),
        return_exceptions=True,
    )

    assert sorted(type(item).__name__ for item in given) == ["InsufficientCredits"] * 2 + ["int"] * 2
    assert await club.balance() == 20
    assert sorted([await club.balance(friend) for friend in friends]) == [0, 0, 40, 40]
    assert await club.books_balance()


async def test_nothing_is_given_to_oneself_to_a_bot_or_to_somebody_who_left(club: Community) -> None:
    bot = club.guild.add_member(club.env.create_user("helper", bot=True))
    outsider = club.env.create_user("gone")

    answers = [read(await give(club, to, 5)) for to in (club.member, bot, outsider)]

    assert answers == [
        ["These are yours already."],
        ["Bots have no use for credits."],
        ["That person is not in this server."],
    ]
    assert club.public() == []
    assert await club.balance() == 0


async def test_a_present_with_closed_books_is_none(club: Community) -> None:
    tomas = club.add_member("tomas")

    async with closed_store(club.stage.showreel.database):
        answer = await give(club, tomas, 5)

    assert read(answer)[0].startswith("My books are closed for a moment")
    assert await club.balance(tomas) == 0
    assert club.public() == []
    assert club.forgiven(StoreUnavailable) == 1


# --- history ------------------------------------------------------------------------------------------


async def test_the_history_of_somebody_new_is_empty(club: Community) -> None:
    answer = await history(club)

    assert answer.ephemeral
    assert read(answer) == ["Nothing has moved in your wallet yet."]
    assert buttons_of(seen(answer)) == []


async def test_every_kind_of_movement_has_words(club: Community) -> None:
    await set_up(club, tiers=(Tier(allowance=20, cap=500, period=Period.WEEK),))
    tomas, database = club.add_member("tomas"), club.stage.showreel.database
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()
    await give(club, tomas, 7)
    await give(club, club.member, 3, who=tomas)
    whose = {"guild_id": club.guild.id, "user_id": club.member.id}
    await database.run(gifts.grant, **whose, amount=50, reference="order-17", at=1)
    await database.run(gifts.revoke, **whose, amount=4, reference="revoke:9", at=1)
    job = await club.job()

    mine, theirs = read(await history(club)), read(await history(club, tomas))

    lines = without_times(mine)
    period = lines[-2].rpartition(" ")[2]
    assert lines == [
        "-4 Taken back",
        "+50 Granted",
        f"+3 A gift from {tomas.mention}",
        f"-7 A gift to {tomas.mention}",
        f"-5 Set aside for job {job.id}",
        f"+20 Your allowance for {period}",
        "+100 A welcome gift",
    ]
    assert re.fullmatch(r"\d{4}-W\d\d", period)
    assert without_times(theirs)[:1] == [f"-3 A gift to {club.member.mention}"]


async def test_money_that_came_back_is_in_the_history(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.FAILS_WITH_OBJECT)
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()
    job = await club.job()

    lines = without_times(read(await history(club)))

    assert lines[0] == f"+5 Back from job {job.id}, which brought no video"


async def test_long_histories_have_pages_that_are_turned_after_a_restart_too(club: Community) -> None:
    tomas = club.add_member("tomas")
    for amount in range(1, 25):
        await give(club, tomas, 1 if amount > 12 else 2)

    page = await history(club)
    assert buttons_of(seen(page)) == ["Older"]
    first = read(page)
    await club.stage.restart()
    await press_answer(club, page, "Older")
    second, both = read(page), buttons_of(seen(page))
    await press_answer(club, page, "Older")
    third, last = read(page), buttons_of(seen(page))
    await press_answer(club, page, "Newer")

    assert (both, last) == (["Newer", "Older"], ["Newer"])
    assert [len(first), len(second), len(third)] == [10, 10, 5]
    assert without_times(third)[-1] == "+100 A welcome gift"
    assert read(page) == second
