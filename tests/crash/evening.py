"""An evening on which the process is killed: who asks, when it dies, and how it ends."""

import asyncio
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.rehearsal.drawing import draw_picture
from bot.rehearsal.runcomfy import StandIn
from tests.live.process import BotProcess, settings_for
from tests.loopback_discord import Channel, LoopbackDiscord, Member, StoredMessage, Upload

#: How long (seconds) one life of the process may last before it is killed anyway.
LONGEST_LIFE_S = 3.0
#: Members who ask in turn; each may have a few open requests.
MEMBERS = 8
#: Requests kept open while the killing goes on.
OPEN_JOBS = 6


@dataclass
class Findings:
    """What the evening came to. Every field is seen from outside, or read from the store at the end."""

    kills: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    submits_per_request: Counter[int] = field(default_factory=Counter)
    posts_per_delivered: Counter[int] = field(default_factory=Counter)
    posts_of_others: int = 0
    cards_per_job: Counter[int] = field(default_factory=Counter)
    stuck: int = 0
    books: int = -1

    def complaints(self) -> list[str]:
        """Everything that somebody outside would have noticed."""
        wrong = []
        if set(self.submits_per_request) - {1}:
            wrong.append(f"submitted more than once: {self.submits_per_request}")
        if set(self.posts_per_delivered) - {1}:
            wrong.append(f"videos per delivered job: {self.posts_per_delivered}")
        if self.posts_of_others:
            wrong.append(f"{self.posts_of_others} videos of jobs that were not delivered")
        if set(self.cards_per_job) - {1}:
            wrong.append(f"cards per job: {self.cards_per_job}")
        if self.stuck:
            wrong.append(f"{self.stuck} jobs are stuck")
        if self.books != 0:
            wrong.append("the books do not balance")
        return wrong


class Evening:
    """Two loopback servers, one folder, and a process that comes and goes."""

    def __init__(self, discord: LoopbackDiscord, runcomfy: StandIn, folder: Path, *, seed: int) -> None:
        self.discord = discord
        self.runcomfy = runcomfy
        self.folder = folder
        self.random = random.Random(seed)
        self.findings = Findings()
        self.guild = discord.create_guild("Film club")
        self.channel: Channel = self.guild.create_channel("studio")
        self.members: list[Member] = [self.guild.add_member(f"member-{n}") for n in range(MEMBERS)]
        self._asked = 0
        self._picture = Upload("p.png", draw_picture(width=320, height=320), "image/png", 320, 320)

    async def play(self, kills: int) -> Findings:
        """Kill the process so often, then let it finish everything, and look."""
        while self.findings.kills < kills:
            await self._one_life()
        await self._last_life()
        self._look()
        return self.findings

    # --- lives ------------------------------------------------------------------------------------

    async def _one_life(self) -> None:
        bot = await self._start()
        asking = asyncio.create_task(self._keep_asking())
        try:
            reason = await self._until_it_dies(bot)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        assert bot.running, bot.printed[-3000:]
        await bot.kill()
        self.findings.kills += 1
        self.findings.reasons[reason] += 1
        await self.discord.wait_until_disconnected()

    async def _until_it_dies(self, bot: BotProcess) -> str:
        """Wait for one of the moments at which a death hurts most; the name of the moment."""
        moment = self.random.choice(["any time", "event", "discord", "runcomfy"])
        events, requests = self._events(), len(self.discord.requests)
        calls = sum(self.runcomfy.calls.values())
        wanted = self.random.randint(1, 12)
        delay = self.random.uniform(0.0, LONGEST_LIFE_S / 2)
        loop = asyncio.get_running_loop()
        started = loop.time()
        while loop.time() - started < LONGEST_LIFE_S and bot.running:
            reached = {
                "any time": loop.time() - started > delay and bool(self.discord.gateway.connected),
                "event": self._events() >= events + wanted,
                "discord": len(self.discord.requests) >= requests + wanted + 8,
                "runcomfy": sum(self.runcomfy.calls.values()) >= calls + wanted,
            }
            if reached[moment]:
                return moment
            await asyncio.sleep(0.002)
        return "old age"

    async def _last_life(self) -> None:
        bot = await self._start()
        await self.discord.wait_until_ready(30)
        for _ in range(600):
            if self._unfinished() == 0:
                break
            await asyncio.sleep(0.1)
        self.findings.stuck = self._unfinished()
        assert await bot.terminate() == 0, bot.printed[-3000:]
        auditor = await BotProcess.start(self._settings(), self.folder, "ledger", "audit")
        self.findings.books = await auditor.ended()

    async def _start(self) -> BotProcess:
        return await BotProcess.start(self._settings(), self.folder)

    def _settings(self) -> dict[str, str]:
        return settings_for(self.discord, self.runcomfy, STARTING_CREDITS="1000000", MAX_ACTIVE_REQUESTS="3")

    # --- requests ---------------------------------------------------------------------------------

    async def _keep_asking(self) -> None:
        await self.discord.wait_until_ready(30)
        while True:
            if self._unfinished() < OPEN_JOBS:
                member = self.members[self._asked % MEMBERS]
                self._asked += 1
                await self.discord.slash(
                    member,
                    self.channel,
                    "seedance-1-0-pro",
                    prompt=f"Request number {self._asked}.",
                    image=self._picture,
                    duration=2,
                )
            await asyncio.sleep(self.random.uniform(0.02, 0.2))

    # --- looking ----------------------------------------------------------------------------------

    def _events(self) -> int:
        return self._count("SELECT count(*) FROM job_events")

    def _unfinished(self) -> int:
        return self._count("SELECT count(*) FROM jobs WHERE ended_at IS NULL OR card_closed_at IS NULL")

    def _count(self, statement: str) -> int:
        try:
            return int(str(self._rows(statement)[0][0]))
        except sqlite3.OperationalError:
            return 0  # there is no store yet

    def _rows(self, statement: str) -> list[tuple[object, ...]]:
        path = self.folder / "data" / "showreel.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(statement).fetchall()

    def _look(self) -> None:
        found = self.findings
        per_prompt = Counter(str(submit.payload["prompt"]) for submit in self.runcomfy.submits)
        found.submits_per_request = Counter(per_prompt.values())
        videos = Counter(name for message in self.channel.messages for name in _videos(message))
        cards = Counter(job for message in self.channel.messages if (job := _card_of(message)))
        for job_id, state in self._rows("SELECT id, state FROM jobs"):
            found.ends[str(state)] += 1
            posts = videos[f"seedance-1-0-pro-{job_id}.mp4"]
            found.cards_per_job[cards[str(job_id)]] += 1
            if state == "delivered":
                found.posts_per_delivered[posts] += 1
            else:
                found.posts_of_others += posts


def _videos(message: StoredMessage) -> list[str]:
    return [item.filename for item in message.attachments if item.filename.endswith(".mp4")]


def _card_of(message: StoredMessage) -> str | None:
    """The job a card belongs to: its last line names it."""
    _, found, job = message.text.rpartition("· job ")
    return job[:10] if found and not message.reference else None
