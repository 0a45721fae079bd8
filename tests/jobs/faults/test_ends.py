"""RunComfy ends a request badly: why the card says there is no video, and who pays."""

from collections import Counter
from dataclasses import dataclass

import aiohttp
import pytest

from bot.jobs.states import JobState
from bot.rehearsal.runcomfy import Fault
from tests.support.jobs import PRICE
from tests.support.looks import Books, books_of, buttons_on, card_says
from tests.support.studio import OPENING, Studio
from tests.support.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

COULD_NOT = "RunComfy could not make it. Asking again often helps."
FILTERED = (
    "RunComfy\u2019s content filter stopped it. Real faces, brands and violence are often the reason: "
    "try other pictures or words, or switch the sound off."
)
NO_VIDEO = "RunComfy reports success but sent no video. Ask again."
NOT_KNOWN = "RunComfy no longer knows the request. Ask again."


@dataclass(frozen=True)
class End:
    """Faults, what the card gives as the reason, and whether RunComfy charges the operator."""

    faults: tuple[Fault, ...]
    reason: str
    charged: bool = False


ENDS = [
    End((Fault.FAILS_WITH_TEXT,), COULD_NOT),
    End((Fault.FAILS_WITH_OBJECT,), COULD_NOT),
    End((Fault.FAILS_WITHOUT_ERROR,), COULD_NOT),
    End((Fault.FAILS_WITH_TEXT, Fault.STATUS_SAYS_FAILED), COULD_NOT),
    End((Fault.FAILS_WITH_OBJECT, Fault.RESULT_SAYS_COMPLETED), COULD_NOT),
    End((Fault.SENSITIVE_CONTENT,), FILTERED),
    End((Fault.SENSITIVE_CONTENT, Fault.RESULT_SAYS_COMPLETED), FILTERED),
    End((Fault.RESULT_WITHOUT_VIDEO,), NO_VIDEO, charged=True),
    End((Fault.RESULT_WITHOUT_OUTPUT,), NO_VIDEO, charged=True),
]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: "+".join(end.faults))
async def test_a_bad_end_is_explained_and_the_member_does_not_pay(studio: Studio, end: End) -> None:
    for fault in end.faults:
        studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.FAILED)

    assert await card_says(studio, job, "No video") == [
        "No video this time.",
        end.reason,
        f"Not charged · job {job.id}",
    ]
    assert buttons_on(studio, job) == []
    spent = PRICE if end.charged else 0
    assert await books_of(studio, job) == Books(OPENING, held=0, budget_spent=spent, budget_held=0)
    assert (studio.submits_of(job), studio.videos_of(job), studio.direct_to(job)) == (1, 0, [])


@pytest.mark.parametrize("fault", [Fault.GONE, Fault.RESULT_GONE])
async def test_a_request_that_runcomfy_has_forgotten_is_told_and_free(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault, times=None)
    await studio.open()
    job = await studio.ask()
    await until(lambda: studio.runcomfy.calls["status"] >= 2, what="two questions")
    studio.clock.advance(61)
    job = await studio.reaches(job, JobState.FAILED)

    assert await card_says(studio, job, "No video") == [
        "No video this time.",
        NOT_KNOWN,
        f"Not charged · job {job.id}",
    ]
    assert await books_of(studio, job) == Books(OPENING, held=0, budget_spent=0, budget_held=0)


@pytest.mark.parametrize("fault", [Fault.RESULT_VIDEOS, Fault.RESULT_BOTH])
async def test_of_several_videos_the_first_is_posted_once_and_paid_once(studio: Studio, fault: Fault) -> None:
    studio.runcomfy.faults.add(fault)
    await studio.open()
    job = await studio.reaches(await studio.ask(), JobState.DELIVERED)

    [posted] = studio.board.videos
    async with aiohttp.ClientSession() as session, session.get(job.video_url or "") as answer:
        assert list(posted.files.values()) == [await answer.read()]
    assert "/video-1.mp4" in (job.video_url or "")
    assert Counter(studio.runcomfy.calls)["output"] == 2  # the bot's, and the one above
    assert await books_of(studio, job) == Books(OPENING - PRICE, held=0, budget_spent=PRICE, budget_held=0)
