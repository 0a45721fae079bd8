"""A hall in a simulated Discord with the product's board and poster, and without the rest of the bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import simcord
from simcord.builders import ChannelHandle

from bot.database import Database
from bot.discord_io.board import CardBoard
from bot.discord_io.poster import DiscordPoster
from bot.discord_io.traffic import Traffic
from bot.jobs import store
from bot.jobs.job import Job
from bot.jobs.keeping import Keeping
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.rehearsal.screen import lines_of
from tests.discord_io.a_job import CATALOGUE
from tests.support.clock import Clock
from tests.support.jobs import accepted, moved_to, new_job
from tests.support.waiting import until


class Hall:
    """One server with one channel, and a member; cards are posted and kept up to date for real."""

    def __init__(self, env: simcord.Env, database: Database, clock: Clock, *, rest_s: float) -> None:
        self.env = env
        self.database = database
        self.clock = clock
        self.guild = env.create_guild("Film club")
        self.channel: ChannelHandle = self.guild.create_text_channel("studio")
        self.member = self.guild.add_member(env.create_user("ines"))
        self.board = self.new_board(rest_s=rest_s)
        self.poster = DiscordPoster(env.bot, CATALOGUE, self.board, database, keeping=Keeping(), now=clock)

    def new_board(
        self, *, rest_s: float = 0.0, pace_s: float = 0.0, traffic: Traffic | None = None
    ) -> CardBoard:
        return CardBoard(
            self.env.bot,
            CATALOGUE,
            self.database,
            keeping=Keeping(),
            now=self.clock,
            pace_s=pace_s,
            rest_s=rest_s,
            traffic=traffic,
        )

    async def a_job(self, *, channel: ChannelHandle | None = None, **changes: Any) -> Job:
        """A job of the member's, with its card posted."""
        place = channel or self.channel
        new = new_job(guild_id=self.guild.id, channel_id=place.id, user_id=self.member.id, **changes)
        run = self.database.run
        job = await run(accepted, new, at=self.clock())
        posted = await self.poster.post_card(job, {})
        await run(
            store.set_card, job, message_id=posted.message_id, attached=posted.attached, at=self.clock()
        )
        return await run(store.get, job.id)

    async def moved(self, job: Job, state: JobState) -> Job:
        """A new job taken all the way to a state, any other one step."""
        if job.state is JobState.QUEUED:
            return await self.database.run(moved_to, job, state, at=self.clock())
        return await self.database.run(store.move, job, state, at=self.clock())

    async def show(self, job: Job, progress: Progress | None = None) -> None:
        """Show it and wait until the board has nothing left to do."""
        self.board.show(job, progress or Progress())
        await self.quiet()

    async def quiet(self) -> None:
        await until(lambda: not self.board._tasks, what="the board to be done")

    def state_line(self, job: Job) -> str:
        """How the card says that the job stands."""
        stored = self.env.backend.get_message(job.channel_id, job.card_message_id or 0)
        return lines_of({"components": stored.components})[3]

    def edits(self) -> list[int]:
        """The messages that were edited, in order, refused edits included."""
        return [
            int(entry.path.rsplit("/", 1)[-1]) for entry in self.env.http_requests if entry.method == "PATCH"
        ]

    async def card_closed(self, job: Job) -> bool:
        return (await self.database.run(store.get, job.id)).card_closed_at is not None


@asynccontextmanager
async def open_hall(database: Database, clock: Clock, *, rest_s: float = 0.0) -> AsyncIterator[Hall]:
    client = discord.Client(intents=discord.Intents(guilds=True))
    async with simcord.run(client) as env:
        await env.advance_time(clock() / 1000 - env.now().timestamp())
        hall = Hall(env, database, clock, rest_s=rest_s)
        try:
            yield hall
        finally:
            await hall.board.close()
