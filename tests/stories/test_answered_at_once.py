"""Discord waits three seconds: every interaction is acknowledged before anything slow begins."""

import asyncio
from typing import Any

import pytest

from tests.stories.community import Community
from tests.stories.media import picture
from tests.support.waiting import until

THINKING, FOR_ONE_ALONE = 5, 1 << 6


async def test_a_request_is_acknowledged_before_its_files_are_fetched(club: Community) -> None:
    club.stage.files.keep_waiting()

    asking = asyncio.create_task(
        club.ask(prompt="Gulls over the bay", image1=picture(), image2=picture(600, 400))
    )

    async def both_are_being_fetched() -> bool:
        return len(club.stage.files.asked) == 2

    await until(both_are_being_fetched)
    assert club.requests_to("POST", "/callback") == [{"type": THINKING, "data": {"flags": FOR_ONE_ALONE}}]
    assert club.requests_to("PATCH", "/messages/@original") == []
    assert club.public() == []
    club.stage.files.answer_again()
    answer = await asking
    assert answer.ephemeral
    assert answer.text.startswith("Your request is in.")
    assert len(club.requests_to("POST", "/callback")) == 1


@pytest.mark.parametrize("command", ["credits balance", "seedance-2-pro"])
async def test_every_command_defers_for_one_alone(club: Community, command: str) -> None:
    options: dict[str, Any] = {} if command == "credits balance" else {"prompt": "Gulls over the bay"}

    await club.ask(command, **options)

    [body] = club.requests_to("POST", "/callback")
    assert (body["type"], body["data"]["flags"]) == (THINKING, FOR_ONE_ALONE)


async def test_the_cancel_button_defers_for_one_alone(club: Community) -> None:
    await club.ask("seedance-2-pro", prompt="Gulls over the bay")
    card = await club.card_of(await club.job())

    await club.press_as_shown(club.shown[int(card["id"])][0])

    body = club.requests_to("POST", "/callback")[-1]
    assert (body["type"], body["data"]["flags"]) == (THINKING, FOR_ONE_ALONE)
