"""What an evening came to: everything is seen from outside, or read from the store when it is over."""

from collections import Counter
from dataclasses import dataclass, field

from rich.table import Table

from bot.rehearsal.runcomfy import StandIn
from tests.crash.view import StoreView
from tests.loopback_discord import Channel, StoredMessage

MODEL = "seedance-1-0-pro"


@dataclass
class Findings:
    """The figures of one evening; `books` is the exit status of `showreel ledger audit`."""

    title: str
    kills: int = 0
    pauses: int = 0
    starts: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    submits_per_request: Counter[int] = field(default_factory=Counter)
    posts_per_delivered: Counter[int] = field(default_factory=Counter)
    posts_of_others: int = 0
    cards_per_job: Counter[int] = field(default_factory=Counter)
    unclaimed_submits: int = 0
    stuck: int = 0
    books: int = -1
    violations: int = 0

    def complaints(self) -> list[str]:
        """Everything that somebody outside would have noticed."""
        wrong = []
        if set(self.submits_per_request) - {1}:
            wrong.append(f"submitted more than once: {dict(self.submits_per_request)}")
        if self.unclaimed_submits:
            wrong.append(f"{self.unclaimed_submits} submits of requests that the store does not know")
        if set(self.posts_per_delivered) - {1} or not self.posts_per_delivered:
            wrong.append(f"videos per delivered job: {dict(self.posts_per_delivered)}")
        if self.posts_of_others:
            wrong.append(f"{self.posts_of_others} videos of jobs that were not delivered")
        if set(self.cards_per_job) - {1}:
            wrong.append(f"cards per job: {dict(self.cards_per_job)}")
        if self.stuck:
            wrong.append(f"{self.stuck} jobs are stuck")
        if self.books != 0:
            wrong.append("the books do not balance")
        if self.violations:
            wrong.append(f"{self.violations} requests that Discord's description would refuse")
        return [f"{self.title}: {complaint}" for complaint in wrong]

    async def look(self, runcomfy: StandIn, channels: list[Channel], view: StoreView) -> None:
        """Compare what RunComfy and the channels saw with what the store says."""
        per_prompt = Counter(str(submit.payload["prompt"]) for submit in runcomfy.submits)
        self.submits_per_request = Counter(per_prompt.values())
        messages = [message for channel in channels for message in channel.messages]
        videos = Counter(name for message in messages for name in _videos(message))
        cards = Counter(job for message in messages if (job := _card_of(message)))
        for job_id, state, prompt in await view.jobs():
            per_prompt.pop(prompt, None)
            self.ends[state] += 1
            posts = videos[f"{MODEL}-{job_id}.mp4"]
            self.cards_per_job[cards[job_id]] += 1
            if state == "delivered":
                self.posts_per_delivered[posts] += 1
            else:
                self.posts_of_others += posts
        self.unclaimed_submits = per_prompt.total()

    def table(self) -> Table:
        """The figures, for people."""
        table = Table("what", "found", title=self.title)
        table.add_row("kills (SIGKILL)", f"{self.kills}: {_told(self.reasons)}")
        table.add_row("pauses (SIGSTOP beyond the lease)", str(self.pauses))
        table.add_row("starts", str(self.starts))
        table.add_row("jobs", f"{self.ends.total()}: {_told(self.ends)}")
        table.add_row("submits per job: how many jobs", _told(self.submits_per_request))
        table.add_row("posts per delivered video: how many", _told(self.posts_per_delivered))
        table.add_row("posts of videos not delivered", str(self.posts_of_others))
        table.add_row("cards per job: how many jobs", _told(self.cards_per_job))
        table.add_row("stuck jobs", str(self.stuck))
        table.add_row("books", "balance" if self.books == 0 else "do not balance")
        return table


def _told(figures: Counter[str] | Counter[int]) -> str:
    return ", ".join(f"{name}: {number}" for name, number in sorted(figures.items()))


def _videos(message: StoredMessage) -> list[str]:
    return [item.filename for item in message.attachments if item.filename.endswith(".mp4")]


def _card_of(message: StoredMessage) -> str | None:
    """The job a card belongs to: its last line names it."""
    _, found, job = message.text.rpartition("· job ")
    return job[:10] if found and not message.reference else None
