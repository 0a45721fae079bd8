"""The story that a rehearsal plays: one evening of a community, from the first request to the books."""

import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.credits import ledger
from bot.credits.audit import audit
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.rehearsal.audience import Audience
from bot.rehearsal.drawing import draw_clip, draw_picture, draw_sound
from bot.rehearsal.runcomfy import Fault
from bot.rehearsal.stage import Stage

File = tuple[str, bytes]

#: How long (seconds) the story waits for its jobs to end.
PATIENCE_S = 60.0
#: What the story must come to: how many jobs end how.
EXPECTED_ENDS = {JobState.DELIVERED: 4, JobState.CANCELLED: 1, JobState.FAILED: 1}


class Story:
    """Plays on a stage, and collects everything that is not as it must be."""

    def __init__(self, stage: Stage, console: Console, out: Path) -> None:
        """`out` is where the posted videos are written."""
        self.stage = stage
        self.console = console
        self.out = out
        self.complaints: list[str] = []
        guild = stage.env.create_guild("Film club")
        self.guild_id = guild.id
        self.channel = guild.create_text_channel("studio")
        self.member = guild.add_member(stage.env.create_user("member"))
        self.audience = Audience(stage.env, console)

    async def play(self) -> list[str]:
        """Play everything; returns the complaints, empty when all is well."""
        await self._a_picture_is_refused()
        await self._one_of_each_model()
        await self._second_thoughts()
        await self._everything_ends()
        await self._bad_luck()
        await self._everything_ends()
        await self._keep_the_videos()
        await self._show_the_books()
        self._expect("no command failed unexpectedly", self.stage.unexpected_errors() == [])
        return self.complaints

    # --- scenes -----------------------------------------------------------------------------------

    async def _a_picture_is_refused(self) -> None:
        self._scene("A picture that is too small")
        answer = await self._ask(
            "seedance-1-5-pro", prompt="A lighthouse wakes up.", image=await _picture(200, 120)
        )
        self._expect("too small a picture is refused", "wider than 300 px" in answer)
        self._expect("refused before anything is spent", await self._jobs() == [])

    async def _one_of_each_model(self) -> None:
        self._scene("One video with each of the four models")
        await self._ask(
            "seedance-1-5-pro",
            prompt="The tide comes in around the lighthouse while gulls circle.",
            image=await _picture(960, 540),
        )
        await self._ask(
            "seedance-1-0-pro",
            prompt="Slow pan over the hills at dawn, mist lifting.",
            image=await _picture(720, 720),
            resolution="480p",
            duration=3,
        )
        await self._ask(
            "seedance-1-0-lite",
            prompt="Two hills dance with each other.",
            image1=await _picture(640, 480),
            image2=await _picture(480, 640),
        )
        clip = await asyncio.to_thread(draw_clip, seconds=3, width=640, height=360, format="mp4")
        sound = await asyncio.to_thread(draw_sound, seconds=3, format="wav")
        await self._ask(
            "seedance-2-pro",
            prompt="The sea answers the song, wave by wave.",
            image1=await _picture(800, 600),
            video1=("waves.mp4", clip),
            audio1=("song.wav", sound),
            duration=4,
        )

    async def _second_thoughts(self) -> None:
        self._scene("A request that is cancelled while it waits")
        await self._ask(
            "seedance-1-0-lite",
            prompt="A lamp that nobody needs.",
            image1=await _picture(400, 400),
        )
        job = await self._newest_with_card()
        card = next(m for m in self.channel.history() if m.id == job.card_message_id)
        self.audience.act("member", "presses ( Cancel )")
        answer = await self.member.click(card, label="Cancel")
        self.audience.answer("member", answer)
        cancelled = await self.stage.showreel.database.run(store.get, job.id)
        self._expect("a waiting job is cancelled", cancelled.state is JobState.CANCELLED)

    async def _bad_luck(self) -> None:
        self._scene("A request that RunComfy's content filter stops")
        self.stage.runcomfy.faults.add(Fault.SENSITIVE_CONTENT)
        await self._ask(
            "seedance-1-0-lite",
            prompt="A portrait comes to life.",
            image1=await _picture(500, 500),
        )

    async def _everything_ends(self) -> None:
        await asyncio.wait_for(self.stage.settled(), timeout=PATIENCE_S)

    # --- afterwards -------------------------------------------------------------------------------

    async def _keep_the_videos(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        kept: list[Path] = []
        for message in self.channel.history():
            for attachment in message.attachments:
                if message.reference is not None and attachment.filename.endswith(".mp4"):
                    data = self.stage.env.backend.cdn.get(attachment.url) or b""
                    await asyncio.to_thread((self.out / attachment.filename).write_bytes, data)
                    kept.append(self.out / attachment.filename)
        for path in kept:
            facts = await self.stage.probe(path)
            self.console.print(
                f"   {path}  {facts.width}x{facts.height}  {facts.duration_s:.1f} s", highlight=False
            )
        self._expect("four videos were posted", len(kept) == EXPECTED_ENDS[JobState.DELIVERED])

    async def _show_the_books(self) -> None:
        jobs = await self._jobs()
        self._expect_ends(jobs)
        table = Table("job", "model", "ended", "price", "paid", title="The books")
        paid = 0
        for job in jobs:
            cost = job.price if job.state is JobState.DELIVERED else 0
            paid += cost
            table.add_row(job.id, job.model, str(job.state), str(job.price), str(cost))
        self.console.print(table)
        run = self.stage.showreel.database.run
        guild_id, user_id = self.guild_id, self.member.id
        balance = await run(ledger.balance, ledger.member_account(guild_id, user_id))
        spent = await run(ledger.balance, ledger.spent_account(guild_id))
        self.console.print(f"   opening grant 100 = spent {spent} + left {balance}")
        self._expect("what was spent is what the delivered videos cost", spent == paid)
        self._expect("the opening grant is all there", spent + balance == 100)  # noqa: PLR2004 - the grant
        self._expect("the audit finds nothing", await run(audit) == [])
        sent = [request.request_id for request in self.stage.runcomfy.submits]
        known = [job.request_id for job in jobs if job.request_id]
        self._expect("RunComfy got each request once", sorted(sent) == sorted(known))

    def _expect_ends(self, jobs: list[Job]) -> None:
        for state, count in EXPECTED_ENDS.items():
            found = sum(job.state is state for job in jobs)
            self._expect(f"{count} {state}", found == count)

    # --- helpers ----------------------------------------------------------------------------------

    async def _ask(self, command: str, **options: str | int | File) -> str:
        shown = [
            f"{name}:{value[0] if isinstance(value, tuple) else value}" for name, value in options.items()
        ]
        self.audience.act("member", f"/{command} {' '.join(shown)}")
        result = await self.member.slash(self.channel, command, **options)
        self.audience.answer("member", result)
        return result.response.content if result.response else ""

    async def _jobs(self) -> list[Job]:
        run = self.stage.showreel.database.run
        return sorted(await run(store.in_states, JobState), key=lambda job: job.created_at)

    async def _newest_with_card(self) -> Job:
        """The job that was just asked for, as soon as its card is posted (a moment, but a moment)."""
        for _ in range(100):
            job = (await self._jobs())[-1]
            if job.card_message_id is not None:
                return job
            await asyncio.sleep(0.05)
        raise AssertionError("no card was posted")

    def _scene(self, title: str) -> None:
        self.console.rule(f"[bold]{title}")

    def _expect(self, what: str, found: bool) -> None:  # noqa: FBT001 - reads as a sentence
        self.console.print(f"   {'[green]✔[/]' if found else '[red]✘[/]'} {what}")
        if not found:
            self.complaints.append(what)


async def _picture(width: int, height: int) -> File:
    seed = width + height
    data = await asyncio.to_thread(draw_picture, width=width, height=height, format="png", seed=seed)
    return f"drawing-{width}x{height}.png", data
