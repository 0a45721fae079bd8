"""The request desk: accepted whole, or refused with every reason and nothing left behind."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.catalog import Catalogue
from bot.catalog.problems import ProblemCode
from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.errors import InsufficientCredits, InvalidRequest
from bot.jobs import store
from bot.jobs.inspection import Attached, Inspector
from bot.jobs.requests import Accepted, Request, RequestDesk
from bot.jobs.states import JobState
from bot.jobs.workshop import inputs_dir
from bot.media import AllowedHosts, Downloader, MediaWorker
from bot.rehearsal.attachment_host import AttachmentHost
from bot.rehearsal.drawing import draw_picture, draw_sound, draw_video
from tests.support.clock import Clock
from tests.support.jobs import CHANNEL, GUILD, MEMBER

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPENING = 100
PICTURE = draw_picture(width=400, height=320)
FILM = draw_video(seconds=1, width=400, height=320, sound=False, seed=1)
SOUND = draw_sound(seconds=3, format="wav")
PRO = "seedance-1-0-pro"
REFERENCES = "seedance-2-pro"


class Counter:
    """A desk, and what members attach at it."""

    def __init__(
        self, database: Database, host: AttachmentHost, files: dict[str, bytes], folder: Path
    ) -> None:
        self.database = database
        self.files = files
        self.folder = folder
        self.fetched: list[str] = []
        self._host = host
        self._numbers = iter(range(1, 1000))
        self.desk: RequestDesk

    def attach(self, name: str, data: bytes, **described: Any) -> Attached:
        """A file as Discord describes it, truthfully unless told otherwise."""
        url = f"{self._host.base}/{next(self._numbers)}/{name}"
        self.files[url] = data
        return Attached(**{"url": url, "size_bytes": len(data), **described})

    async def ask(
        self, model: str = PRO, *, interaction: int | None = None, user: int = MEMBER, **given: Any
    ) -> Accepted:
        """Ask for a video; attachments and options by name."""
        files = {name: value for name, value in given.items() if isinstance(value, Attached)}
        accepted = await self.desk.ask(
            Request(
                interaction_id=interaction or next(self._numbers),
                guild_id=GUILD,
                channel_id=CHANNEL,
                user_id=user,
                locale="en-US",
                model=model,
                values={name: value for name, value in given.items() if name not in files},
                attachments=files,
            )
        )
        assert isinstance(accepted, Accepted)
        return accepted

    async def refuses(self, model: str = PRO, **given: Any) -> dict[str, ProblemCode]:
        """Ask for something impossible: every problem by option, and nothing left behind."""
        with pytest.raises(InvalidRequest) as refused:
            await self.ask(model, **given)
        assert await self.database.run(store.in_states, JobState) == []
        assert self.kept() == []
        assert await self.database.run(audit) == []
        return {problem.option: problem.code for problem in refused.value.problems}

    def kept(self) -> list[str]:
        """The files on disk."""
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())


@pytest_asyncio.fixture(loop_scope="session")
async def counter(tmp_path: Path, store_url: str, media: MediaWorker) -> AsyncIterator[Counter]:
    files: dict[str, bytes] = {}
    database = Database(store_url)
    downloader = Downloader(AllowedHosts.parse(["127.0.0.1"]))

    def find(address: str) -> bytes | None:
        found.fetched.append(address)
        return files.get(address)

    async with AttachmentHost(find) as host:
        found = Counter(database, host, files, tmp_path / "data")
        found.desk = RequestDesk(
            database=database,
            catalogue=Catalogue.load(),
            inspector=Inspector(downloader, media),
            data_dir=found.folder,
            starting_credits=OPENING,
            now=Clock(),
        )
        yield found
        await downloader.aclose()
    await database.close()


async def test_an_accepted_request_is_a_job_that_is_paid_for_and_whose_inputs_lie_ready(
    counter: Counter,
) -> None:
    accepted = await counter.ask(prompt="A kite", image=counter.attach("a.png", PICTURE), duration=2)
    job = accepted.job

    assert (job.state, job.user_id, job.prompt) == (JobState.QUEUED, MEMBER, "A kite")
    assert (job.price, accepted.balance) == (3, OPENING - 3)
    assert job.options == {"prompt": "A kite", "resolution": "480p", "duration": 2, "ratio": "adaptive"}
    assert accepted.usual_s > 0
    assert accepted.warnings == ()
    (item,) = job.inputs
    assert (item.option, item.filename, item.kind) == ("image", "image.png", "image")
    assert (inputs_dir(counter.folder, job.interaction_id) / "image.png").read_bytes() == PICTURE


async def test_a_file_is_named_by_what_it_is_and_not_by_what_it_is_called(counter: Counter) -> None:
    jpeg = draw_picture(width=400, height=320, format="jpeg")
    job = (await counter.ask(prompt="A kite", image=counter.attach("../../etc/passwd.png", jpeg))).job

    assert [item.filename for item in job.inputs] == ["image.jpeg"]
    assert counter.kept() == ["image.jpeg"]


async def test_a_request_without_attachments_fetches_nothing(counter: Counter) -> None:
    job = (await counter.ask(REFERENCES, prompt="A kite", duration=4)).job

    assert job.inputs == ()
    assert counter.fetched == []


async def test_what_is_merely_unwise_is_told_and_accepted(counter: Counter) -> None:
    accepted = await counter.ask(
        PRO, prompt="word " * 200, image=counter.attach("a.png", PICTURE), duration=2
    )

    assert [problem.code for problem in accepted.warnings] == [ProblemCode.OVER_RECOMMENDED_LENGTH]


# --- refusals -----------------------------------------------------------------------------------------


async def test_every_problem_is_told_at_once_before_anything_is_fetched(counter: Counter) -> None:
    problems = await counter.refuses(
        prompt="  ",
        image=counter.attach("a.png", PICTURE, width=20, height=400),
        duration=99,
        resolution="8k",
    )

    assert problems == {
        "prompt": ProblemCode.BLANK,
        "image": ProblemCode.RATIO_TOO_NARROW,
        "duration": ProblemCode.TOO_HIGH,
        "resolution": ProblemCode.NOT_A_CHOICE,
    }
    assert counter.fetched == []


async def test_every_problem_of_every_file_is_told_at_once(counter: Counter) -> None:
    problems = await counter.refuses(
        REFERENCES,
        prompt="A kite",
        image1=counter.attach("small.png", draw_picture(width=250, height=320)),
        image2=counter.attach("fine.png", PICTURE),
        image3=counter.attach("page.png", b"<html>not a picture</html>"),
        audio1=counter.attach("short.wav", draw_sound(seconds=1, format="wav")),
        video1=counter.attach("empty.mp4", b""),
    )

    assert problems == {
        "image1": ProblemCode.WIDTH_TOO_SMALL,
        "image3": ProblemCode.UNREADABLE,
        "audio1": ProblemCode.TOO_SHORT,
        "video1": ProblemCode.UNREADABLE,
    }


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("film.png", FILM, ProblemCode.WRONG_FORMAT),
        ("sound.png", SOUND, ProblemCode.WRONG_FORMAT),
        ("page.jpeg", b"<!doctype html><p>Hello", ProblemCode.UNREADABLE),
        ("cut.png", PICTURE[:20], ProblemCode.UNREADABLE),
        ("empty.png", b"", ProblemCode.UNREADABLE),
    ],
)
async def test_a_name_that_lies_is_found_out(
    counter: Counter, name: str, data: bytes, code: ProblemCode
) -> None:
    problems = await counter.refuses(prompt="A kite", image=counter.attach(name, data, width=400, height=320))

    assert problems == {"image": code}


async def test_a_size_that_lies_is_found_out(counter: Counter) -> None:
    sound = SOUND + bytes(16_000_000)
    problems = await counter.refuses(
        REFERENCES, prompt="A kite", audio1=counter.attach("a.wav", sound, size_bytes=1000)
    )

    assert problems == {"audio1": ProblemCode.TOO_LARGE}


async def test_a_size_over_the_limit_is_believed(counter: Counter) -> None:
    problems = await counter.refuses(
        prompt="A kite", image=counter.attach("a.png", PICTURE, size_bytes=31_000_000)
    )

    assert problems == {"image": ProblemCode.TOO_LARGE}
    assert counter.fetched == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.png", "https://elsewhere.example/a.png", "ftp://x", "?"]
)
async def test_a_file_that_cannot_be_fetched_is_unreachable(counter: Counter, url: str) -> None:
    problems = await counter.refuses(prompt="A kite", image=Attached(url, 1000, 400, 320))

    assert problems == {"image": ProblemCode.UNREACHABLE}


async def test_a_file_that_is_not_there_any_more_is_unreachable(counter: Counter) -> None:
    gone = counter.attach("a.png", PICTURE)
    counter.files.clear()

    assert await counter.refuses(prompt="A kite", image=gone) == {"image": ProblemCode.UNREACHABLE}


async def test_an_option_the_model_does_not_have_is_refused(counter: Counter) -> None:
    problems = await counter.refuses(
        prompt="A kite",
        image=counter.attach("a.png", PICTURE),
        image7=counter.attach("b.png", PICTURE),
        mood="gloomy",
    )

    assert problems == {"image7": ProblemCode.UNKNOWN_OPTION, "mood": ProblemCode.UNKNOWN_OPTION}
    assert not any(address.endswith("b.png") for address in counter.fetched)


async def test_what_is_wrong_with_an_option_and_with_a_file_is_told_together(counter: Counter) -> None:
    problems = await counter.refuses(
        prompt="", image=counter.attach("page.png", b"<html>not a picture</html>"), duration=99
    )

    assert problems == {
        "prompt": ProblemCode.BLANK,
        "image": ProblemCode.UNREADABLE,
        "duration": ProblemCode.TOO_HIGH,
    }


async def test_a_member_with_too_little_is_refused_before_anything_is_fetched(counter: Counter) -> None:
    with pytest.raises(InsufficientCredits) as refused:
        await counter.ask(
            REFERENCES,
            prompt="A kite",
            image1=counter.attach("a.png", PICTURE),
            duration=15,
            resolution="1080p",
        )

    assert refused.value.available == OPENING
    assert refused.value.needed > OPENING
    assert counter.fetched == []
    assert counter.kept() == []
    assert await counter.database.run(ledger.balance, ledger.member_account(GUILD, MEMBER)) == OPENING


async def test_credits_that_were_spent_while_the_files_were_looked_at_are_not_spent_again(
    counter: Counter,
) -> None:
    """Both find enough at first; the transaction that holds the credits decides."""
    price = 6
    image = counter.attach("a.png", PICTURE)
    await counter.desk.balance(GUILD, MEMBER)
    await counter.database.run(_spend, OPENING - price)
    answers = await asyncio.gather(
        *(counter.ask(prompt="A kite", image=image) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(answer, Accepted) for answer in answers) == 1
    assert sum(isinstance(answer, InsufficientCredits) for answer in answers) == 3
    assert counter.kept() == ["image.png"]
    assert await counter.database.run(audit) == []


# --- repeats ------------------------------------------------------------------------------------------


async def test_an_interaction_delivered_twice_is_one_job(counter: Counter) -> None:
    image = counter.attach("a.png", PICTURE)
    first = await counter.ask(interaction=77, prompt="A kite", image=image)
    second = await counter.ask(interaction=77, prompt="A kite", image=image)

    assert second.job == first.job
    assert second.balance == first.balance == OPENING - first.job.price
    assert len(counter.fetched) == 1


async def test_an_interaction_delivered_twice_at_once_is_one_job_with_its_files(counter: Counter) -> None:
    image = counter.attach("a.png", PICTURE)
    both = await asyncio.gather(
        *(counter.ask(interaction=77, prompt="A kite", image=image) for _ in range(3))
    )

    assert len({accepted.job.id for accepted in both}) == 1
    assert counter.kept() == ["image.png"]
    assert await counter.database.run(audit) == []


async def test_looking_at_the_balance_gives_the_opening_credits_once(counter: Counter) -> None:
    assert [await counter.desk.balance(GUILD, MEMBER) for _ in range(2)] == [OPENING, OPENING]


def _spend(connection: Any, amount: int) -> None:
    ledger.transfer(
        connection,
        reference="elsewhere",
        source=ledger.member_account(GUILD, MEMBER),
        destination=ledger.spent_account(GUILD),
        amount=amount,
        at=1,
    )
