"""The studio: a whole tracker at work. Everything is real but RunComfy, which is the stand-in, and Discord,
which is a notice board in memory. Clocks stand still unless a test turns them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from pydantic import SecretStr

from bot.catalog import Catalogue
from bot.credits import ledger
from bot.credits.audit import audit
from bot.database import Database
from bot.jobs import admission, claims, store
from bot.jobs.cancelling import Canceller
from bot.jobs.job import InputFile, Job
from bot.jobs.schedule import AdaptiveSchedule, Backoff
from bot.jobs.states import JobState
from bot.jobs.tracker import Rhythm, Tracker
from bot.jobs.workshop import Bounds, Workshop
from bot.media import AllowedHosts, Downloader, DownloadTimeouts, MediaWorker
from bot.rehearsal.attachment_host import AttachmentHost
from bot.rehearsal.runcomfy import StandIn, catalogue_schemas
from bot.runcomfy import RetryPolicy, Timeouts, open_client
from tests.support.board import NoticeBoard
from tests.support.clock import Clock, Seconds
from tests.support.jobs import GUILD, MEMBER, new_job
from tests.support.turnstile import Turnstile
from tests.support.waiting import until

OPENING = 100
RHYTHM = Rhythm(look_s=0.05, lease_s=30.0, grace_s=5.0, stumble_s=30.0, catch_up_s=0.0)
_BACKOFF = Backoff(first_s=0.01, longest_s=0.05)
_SCHEDULE = AdaptiveSchedule(share=0.1, shortest_s=0.01, longest_s=0.02)
_HOST = "127.0.0.1"
_RETRY = RetryPolicy(attempts=2, base_s=0.01)


@dataclass
class Studio:
    """What stands in it."""

    runcomfy: StandIn
    #: The stand-in's clock: renders go on when it is turned.
    rendering: Seconds
    #: The store's clock.
    clock: Clock
    board: NoticeBoard
    database: Database
    workshop: Workshop
    turnstile: Turnstile
    #: What members have uploaded: address -> bytes.
    uploads: dict[str, bytes]
    #: How often each file was asked for.
    fetched: Counter[str]
    tracker: Tracker
    _numbers: "count[int]" = field(default_factory=lambda: count(1))
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    # --- the tracker ------------------------------------------------------------------------------------

    async def open(self, *, rhythm: Rhythm = RHYTHM) -> None:
        """Start a tracker, as a process does that has the store for itself."""
        await self.database.run(claims.take_over_all, at=self.clock())
        self.tracker = Tracker(self.workshop, rhythm=rhythm)
        working = asyncio.create_task(self.tracker.run(), name="tracker")

        async def stop(tracker: Tracker = self.tracker) -> None:
            await tracker.stop()
            await working

        self._stack.push_async_callback(stop)

    async def stop(self) -> None:
        """Stop the tracker, as a process does that was asked to end."""
        await self._stack.aclose()

    # --- requests ---------------------------------------------------------------------------------------

    async def ask(self, *, inputs: tuple[InputFile, ...] = (), **changes: object) -> Job:
        """A member's accepted request; every prompt is another, so that submits can be told apart."""
        self.clock.advance(0.001)  # nobody asks at the very same moment as somebody else
        prompt = f"Scene {next(self._numbers)}"
        options = {"prompt": prompt, "duration": 4, "resolution": "480p", "sound": False}
        new = new_job(options=options, inputs=inputs, **changes)
        job, _ = await self.database.run(admission.admit, new, opening_credits=OPENING, at=self.clock())
        self.tracker.wake()
        return job

    def upload(self, name: str, data: bytes) -> InputFile:
        """A picture that a member has attached."""
        url = f"{self.board.base}/uploads/{name}"
        self.uploads[url] = data
        return InputFile("image1", "image1.png", "image", url, len(data))

    def canceller(self) -> Canceller:
        return Canceller(self.database, wake=self.tracker.wake, now=self.clock)

    # --- looking ----------------------------------------------------------------------------------------

    async def get(self, job: Job) -> Job:
        return await self.database.run(store.get, job.id)

    async def reaches(self, job: Job, state: JobState) -> Job:
        """Wait until the job is in a state."""

        async def there() -> bool:
            return (await self.get(job)).state is state

        await until(there, what=f"{state}")
        return await self.get(job)

    async def balance(self, user_id: int = MEMBER) -> int:
        account = ledger.member_account(GUILD, user_id)
        return await self.database.run(ledger.balance, account)

    def submits_of(self, job: Job) -> int:
        """How often RunComfy has accepted this job's request."""
        return sum(submit.payload["prompt"] == job.prompt for submit in self.runcomfy.submits)

    def videos_of(self, job: Job) -> int:
        return sum(notice.job.id == job.id for notice in self.board.videos)

    def direct_to(self, job: Job) -> list[Mapping[str, bytes]]:
        """The files of each direct message about this job."""
        return [notice.files for notice in self.board.direct if notice.job.id == job.id]

    def obstacles(self, job: Job) -> set[str]:
        """What the job's card has named as the reason for waiting."""
        return {progress.obstacle for _, progress in self.board.shown[job.id] if progress.obstacle}

    async def history(self, job: Job) -> list[str]:
        """The states the job has been in."""
        events = await self.database.run(store.events, job.id)
        states = [event["after"] for event in events if event["before"] != event["after"]]
        return [str(state) for state in states]

    async def check(self) -> None:
        """What must be true after any test."""
        assert await self.database.run(audit) == []
        assert self.runcomfy.leaks == []
        prompts = Counter(submit.payload["prompt"] for submit in self.runcomfy.submits)
        assert all(times == 1 for times in prompts.values()), prompts
        videos = Counter(notice.job.id for notice in self.board.videos)
        assert all(times == 1 for times in videos.values()), videos
        cards = Counter(notice.job.id for notice in self.board.cards)
        assert all(times == 1 for times in cards.values()), cards


@asynccontextmanager
async def open_studio(
    folder: Path, store_url: str, media: MediaWorker, *, queue_s: float = 0.0, render_s: float = 0.0
) -> AsyncIterator[Studio]:
    """A studio whose tracker has not begun yet; `queue_s` and `render_s` pass on the `rendering` clock."""
    clock, rendering = Clock(), Seconds()
    catalogue = Catalogue.load()
    uploads: dict[str, bytes] = {}
    fetched: Counter[str] = Counter()
    async with AsyncExitStack() as stack:
        database = Database(store_url)
        stack.push_async_callback(database.close)
        board = NoticeBoard(database, now=clock)
        stack.push_async_callback(board.close)

        def find(address: str) -> bytes | None:
            fetched[address] += 1
            return uploads.get(address) or board.find(address)

        board.base = (await stack.enter_async_context(AttachmentHost(find))).base
        runcomfy = await stack.enter_async_context(
            StandIn(
                schemas=catalogue_schemas(catalogue),
                clock=rendering,
                slots=8,
                queue_s=queue_s,
                render_s=render_s,
                video_scale=0.05,
            )
        )
        turnstile = await stack.enter_async_context(Turnstile(runcomfy.api_base))
        client = await stack.enter_async_context(
            open_client(
                base=runcomfy.api_base,
                token=SecretStr(runcomfy.token),
                retry=_RETRY,
                timeouts=Timeouts(connect_s=5, read_s=2, submit_s=3),
            )
        )
        workshop = Workshop(
            database=database,
            catalogue=catalogue,
            runcomfy=client,
            attachments=await _downloader(stack),
            outputs=await _downloader(stack),
            media=media,
            poster=board,
            schedule=_SCHEDULE,
            backoff=_BACKOFF,
            data_dir=folder,
            bounds=Bounds(places=4),
            now=clock,
        )
        studio = Studio(
            runcomfy,
            rendering,
            clock,
            board,
            database,
            workshop,
            turnstile,
            uploads,
            fetched,
            Tracker(workshop),
        )
        stack.push_async_callback(studio.stop)
        yield studio


async def through_turnstile(studio: Studio, stack: AsyncExitStack) -> None:
    """Let the studio's calls to RunComfy pass the turnstile from now on."""
    client = await stack.enter_async_context(
        open_client(
            base=studio.turnstile.base,
            token=SecretStr(studio.runcomfy.token),
            retry=_RETRY,
            timeouts=Timeouts(connect_s=5, read_s=10, submit_s=10),
        )
    )
    studio.workshop = replace(studio.workshop, runcomfy=client)


async def _downloader(stack: AsyncExitStack) -> Downloader:
    downloader = Downloader(AllowedHosts.parse([_HOST]), timeouts=DownloadTimeouts(5, 0.5, 10))
    stack.push_async_callback(downloader.aclose)
    return downloader
