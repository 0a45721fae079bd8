"""Interactions that are over: a request is accepted, with its card in the channel, or not at all."""

from bot.jobs.states import JobState
from tests.loopback_discord import Interaction, Refusal
from tests.troubles.club import OPENING, PRICE, Club

CALLBACK = "/interactions/*/*/callback"
ANSWER = "/webhooks/*/*/messages/@original"


async def accepted(club: Club) -> bool:
    """Whether exactly one request was accepted, and its card is there."""
    await club.sees(club.cards)
    job = await club.reaches(await club.job(), JobState.IN_PROGRESS)
    return job.price == PRICE and len(club.cards()) == 1 and await club.balance() == OPENING - PRICE


async def refused(club: Club, asked: Interaction) -> bool:
    """Whether nothing came of it, after the command was dealt with."""
    await club.logs("interaction not answered")
    return (
        asked.original is None
        and await club.jobs() == []
        and club.channel.messages == []
        and club.runcomfy.submits == []
    )


async def test_a_command_that_arrives_too_late_is_not_begun(at_work: Club) -> None:
    at_work.discord.interactions.acknowledge_within_s = -1.0

    assert await refused(at_work, await at_work.send())
    assert at_work.errors() == []


async def test_a_command_that_cannot_be_acknowledged_is_not_begun(at_work: Club) -> None:
    at_work.discord.refuse("POST", CALLBACK, Refusal.INVALID_TOKEN)

    assert await refused(at_work, await at_work.send())
    assert at_work.errors() == []
    assert not at_work.running.done()


async def test_an_acknowledgement_whose_answer_was_lost_goes_on(at_work: Club) -> None:
    """The library asks again, and hears that it is acknowledged already."""
    at_work.discord.fail("POST", CALLBACK, 502, after_effect=True)

    await at_work.ask()

    assert [call.status for call in at_work.discord.requests_to("POST", CALLBACK)] == [502, 400]
    assert await accepted(at_work)
    assert at_work.errors() == []


async def test_an_acknowledgement_whose_connection_broke_goes_on(at_work: Club) -> None:
    at_work.discord.cut("POST", CALLBACK, after_effect=True)

    await at_work.ask()

    assert await accepted(at_work)
    assert at_work.errors() == []


async def test_a_request_whose_token_ran_out_is_accepted_with_its_card(at_work: Club) -> None:
    with at_work.discord.hold("PATCH", ANSWER) as gate:
        asked = await at_work.send()
        await gate.reached(10)
        asked.expire()

    assert await accepted(at_work)
    await at_work.sees(lambda: [c for c in at_work.discord.requests_to("PATCH", ANSWER) if c.status == 401])
    assert at_work.errors() == []
    assert not at_work.running.done()


async def test_a_button_pressed_too_late_does_nothing(at_work: Club) -> None:
    with at_work.discord.hold("GET", "/channels/*/messages/*") as gate:  # before it is submitted
        await at_work.ask()
        await gate.reached(10)
        at_work.discord.interactions.acknowledge_within_s = -1.0
        await at_work.discord.click(at_work.member, at_work.cards()[0], label="Cancel")
        await at_work.logs("interaction not answered")

    await at_work.reaches(await at_work.job(), JobState.IN_PROGRESS)
    assert at_work.errors() == []
