"""A notice board in memory: a second, complete implementation of `bot.jobs.poster.Poster`.

What Discord does to messages it does to notices: it keeps them, finds them again, and can be told to refuse
them, before or after it has taken them.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bot.clock import Now
from bot.database import Database
from bot.jobs import store
from bot.jobs.circuit import Notice as OperatorNotice
from bot.jobs.job import Job
from bot.jobs.poster import PostedCard, Progress, Sure, always_sure


@dataclass(frozen=True)
class Notice:
    """Something that was posted: for which job, and the files it carries (name -> bytes)."""

    message_id: int
    job: Job
    files: Mapping[str, bytes]


@dataclass
class Pause:
    """Somebody who was stopped in the middle: `reached` tells that they are there, `go_on` lets them go."""

    after: bool
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True)
class Refusal:
    error: Exception
    after: bool


class NoticeBoard:
    """Keeps notices, and cards up to date.

    Attributes:
        base: the address under which `find` serves the cards' files.
        calls: how often each method was called.
        shown: what each job's card has shown, in order.
    """

    def __init__(self, database: Database, *, now: Now) -> None:
        self.base = ""
        self.cards: list[Notice] = []
        self.questions: list[Notice] = []
        self.videos: list[Notice] = []
        self.direct: list[Notice] = []
        self.operator: list[OperatorNotice] = []
        self.calls: dict[str, int] = defaultdict(int)
        self.shown: dict[str, list[tuple[Job, Progress]]] = defaultdict(list)
        self._database = database
        self._now = now
        self._ids = count(1000)
        self._refusals: dict[str, deque[Refusal]] = defaultdict(deque)
        self._always: dict[str, Refusal] = {}
        self._pauses: dict[str, Pause] = {}
        self._closing: set[asyncio.Task[None]] = set()

    # --- for tests ----------------------------------------------------------------------------------

    def refuse(self, method: str, error: Exception, *, times: int | None = 1, after: bool = False) -> None:
        """Refuse a method's next calls (None: all of them), `after`: once the notice hangs already."""
        if times is None:
            self._always[method] = Refusal(error, after)
        else:
            self._refusals[method].extend([Refusal(error, after)] * times)

    def accept_again(self) -> None:
        """End every refusal."""
        self._always.clear()
        self._refusals.clear()

    def pause(self, method: str, *, after: bool = False) -> Pause:
        """Hold up a method's next call, before it does anything or `after` it has done it."""
        self._pauses[method] = Pause(after)
        return self._pauses[method]

    def find(self, address: str) -> bytes | None:
        """The file behind one of the links that `input_links` gives."""
        for card in self.cards:
            for name, data in card.files.items():
                if address == self._link(card, name):
                    return data
        return None

    def take_down(self, notice: Notice) -> None:
        """A moderator deletes a message."""
        self.cards.remove(notice)

    async def close(self) -> None:
        """Wait until every card that shows an end is known to show it."""
        await asyncio.gather(*self._closing)

    # --- Poster ---------------------------------------------------------------------------------------

    async def post_card(
        self, job: Job, inputs: Mapping[str, Path], *, sure: Sure = always_sure
    ) -> PostedCard:
        await self._before("post_card")
        await sure()
        card = next((card for card in self.cards if card.job.id == job.id), None)
        if card is None:
            names = {item.option: item.filename for item in job.inputs}
            files = {names[option]: path.read_bytes() for option, path in inputs.items()}
            card = Notice(next(self._ids), job, files)
            self.cards.append(card)
        await self._after("post_card")
        carried = frozenset(item.option for item in job.inputs if item.filename in card.files)
        return PostedCard(card.message_id, carried)

    async def post_question(self, job: Job) -> int:
        await self._before("post_question")
        question = Notice(next(self._ids), job, {})
        self.questions.append(question)
        await self._after("post_question")
        return question.message_id

    def show(self, job: Job, progress: Progress) -> None:
        self.shown[job.id].append((job, progress))
        if job.ended:
            task = asyncio.create_task(self._database.run(store.close_card, job.id, at=self._now()))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def input_links(self, job: Job) -> Mapping[str, str]:
        await self._before("input_links")
        card = next((card for card in self.cards if card.message_id == job.card_message_id), None)
        await self._after("input_links")
        if card is None:
            return {}
        return {item.option: self._link(card, item.filename) for item in job.inputs if item.attached}

    async def find_video(self, job: Job) -> int | None:
        await self._before("find_video")
        found = next((notice.message_id for notice in self.videos if notice.job.id == job.id), None)
        await self._after("find_video")
        return found

    async def post_video(self, job: Job, video: Path, *, sure: Sure = always_sure) -> int:
        await self._before("post_video")
        await sure()
        notice = Notice(next(self._ids), job, _carried(video))
        self.videos.append(notice)
        await self._after("post_video")
        return notice.message_id

    async def delete_video(self, job: Job) -> None:
        await self._before("delete_video")
        self.videos = [notice for notice in self.videos if notice.job.id != job.id]
        await self._after("delete_video")

    async def send_directly(self, job: Job, video: Path | None) -> None:
        await self._before("send_directly")
        self.direct.append(Notice(next(self._ids), job, _carried(video)))
        await self._after("send_directly")

    async def tell_operator(self, notice: OperatorNotice) -> None:
        await self._before("tell_operator")
        self.operator.append(notice)
        await self._after("tell_operator")

    # --- refusing and holding up ----------------------------------------------------------------------

    async def _before(self, method: str) -> None:
        self.calls[method] += 1
        await self._hold_up(method, after=False)
        self._refuse(method, after=False)

    async def _after(self, method: str) -> None:
        await self._hold_up(method, after=True)
        self._refuse(method, after=True)

    async def _hold_up(self, method: str, *, after: bool) -> None:
        pause = self._pauses.get(method)
        if pause is not None and pause.after == after:
            del self._pauses[method]
            pause.reached.set()
            await pause.go_on.wait()

    def _refuse(self, method: str, *, after: bool) -> None:
        waiting = self._refusals[method]
        if waiting and waiting[0].after == after:
            raise waiting.popleft().error
        always = self._always.get(method)
        if always is not None and always.after == after:
            raise always.error

    def _link(self, card: Notice, name: str) -> str:
        return f"{self.base}/cards/{card.message_id}/{name}"


def _carried(video: Path | None) -> dict[str, bytes]:
    return {} if video is None else {video.name: video.read_bytes()}
