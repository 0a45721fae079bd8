"""No video this time: what the card says, and that nobody pays."""

from dataclasses import dataclass

import pytest

from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.screen import buttons_of, lines_of
from tests.stories.community import Community
from tests.stories.media import picture


@dataclass(frozen=True)
class Mishap:
    """Something that goes wrong at RunComfy, and what the card says then."""

    fault: Fault
    state: JobState
    headline: str
    advice: str


MISHAPS = [
    Mishap(
        Fault.SENSITIVE_CONTENT,
        JobState.FAILED,
        "No video this time.",
        "RunComfy\u2019s content filter stopped it. Real faces, brands and violence are often the reason",
    ),
    Mishap(
        Fault.FAILS_WITH_OBJECT,
        JobState.FAILED,
        "No video this time.",
        "RunComfy could not make it. Asking again often helps.",
    ),
    Mishap(
        Fault.INPUT_REFUSED,
        JobState.FAILED,
        "No video this time.",
        "RunComfy refused the request. Change the prompt or the pictures and ask again.",
    ),
    Mishap(
        Fault.RESULT_WITHOUT_VIDEO,
        JobState.FAILED,
        "No video this time.",
        "RunComfy reports success but sent no video.",
    ),
    Mishap(
        Fault.OUTPUT_NOT_A_VIDEO,
        JobState.FAILED,
        "No video this time.",
        "What RunComfy sent is not a video.",
    ),
    Mishap(
        Fault.OUTPUT_DEAD,
        JobState.FAILED,
        "No video this time.",
        "The finished video could not be fetched from RunComfy.",
    ),
    Mishap(
        Fault.SUBMIT_RESET_AFTER,
        JobState.UNCERTAIN,
        "The connection to RunComfy broke at the wrong moment.",
        "It may or may not be running there. I do not send it twice; the staff will look into it.",
    ),
    Mishap(
        Fault.SUBMIT_502_HTML,
        JobState.UNCERTAIN,
        "The connection to RunComfy broke at the wrong moment.",
        "It may or may not be running there. I do not send it twice",
    ),
]


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.fault.value)
async def test_a_mishap_costs_nothing_and_is_explained(club: Community, mishap: Mishap) -> None:
    club.stage.runcomfy.faults.add(mishap.fault)

    await club.ask(prompt="A portrait comes to life", image1=picture())
    await club.everything_ends()

    job = await club.job()
    card = await club.card_of(job)
    lines = lines_of(card)
    assert lines[3] == mishap.headline
    assert lines[4].startswith(mishap.advice)
    assert lines[5] == f"Not charged · job {job.id}"
    assert buttons_of(card) == []
    assert club.posts() == []
    assert club.direct_messages() == []
    assert job.state is mishap.state
    assert club.stage.runcomfy.calls["submit"] == 1
    assert (await club.balance(), await club.spent()) == (100, 0)
    assert await club.books_balance()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault.OUT_OF_FUNDS, "Waits: the account at RunComfy needs topping up. It goes on by itself."),
        (Fault.TOKEN_EXPIRED, "Waits: RunComfy does not accept my key. The operator has to look."),
        (Fault.SUBMIT_429, "Waits: RunComfy does not answer right now. It goes on by itself."),
    ],
)
async def test_what_holds_a_request_up_is_shown_and_it_can_be_cancelled(
    club: Community, fault: Fault, says: str
) -> None:
    club.stage.runcomfy.faults.add(fault, times=None)

    await club.ask(prompt="A portrait comes to life", image1=picture())
    job = await club.job()
    card = await club.card_says(job, says)

    assert club.stage.runcomfy.submits == []
    answer = await club.press_cancel(card)
    assert answer.text == "Cancelled. It cost nothing."
    await club.everything_ends()
    assert await club.balance() == 100


async def test_a_passing_trouble_is_not_seen_at_all(club: Community) -> None:
    for fault in (Fault.READ_502_HTML, Fault.READ_RESET_AFTER, Fault.READ_MALFORMED_JSON):
        club.stage.runcomfy.faults.add(fault)

    await club.ask(prompt="A portrait comes to life", image1=picture())
    await club.everything_ends()

    assert (await club.job()).state is JobState.DELIVERED
    assert len(club.posts()) == 1
    looks = club.shown[int((await club.card_of(await club.job()))["id"])]
    assert not any("does not answer" in line for look in looks for line in lines_of(look))


async def test_the_soundtrack_alone_is_refused(club: Community) -> None:
    club.stage.runcomfy.faults.add(Fault.SENSITIVE_AUDIO)

    await club.ask("seedance-1-5-pro", prompt="They sing", image=picture())
    await club.everything_ends()

    lines = lines_of(await club.card_of(await club.job()))
    assert any("or switch the sound off." in line for line in lines)
    club.stage.runcomfy.faults.add(Fault.SENSITIVE_AUDIO)
    await club.ask("seedance-1-5-pro", prompt="They sing", image=picture(), sound=False)
    await club.everything_ends()
    assert len(club.posts()) == 1
