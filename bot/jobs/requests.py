"""The desk where requests are taken: accepted in one transaction, or refused before anything is spent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from bot.catalog import Catalogue, VideoModel
from bot.catalog.media import MediaFacts
from bot.catalog.problems import Problem, ProblemCode
from bot.clock import Now
from bot.credits import ledger
from bot.database import Database
from bot.errors import (
    DownloadFailed,
    DownloadRefused,
    InsufficientCredits,
    InvalidRequest,
    MediaTooLarge,
    MediaUnreadable,
)
from bot.jobs import store
from bot.jobs.job import InputFile, Job, NewJob, OptionValue
from bot.jobs.workshop import inputs_dir
from bot.media import Downloader, MediaWorker


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as Discord describes it; `width` and `height` (pixels) only where Discord says them."""

    url: str
    size_bytes: int
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a member asked for, and where."""

    interaction_id: int
    guild_id: int
    channel_id: int
    user_id: int
    locale: str
    model: str
    values: Mapping[str, OptionValue]
    attachments: Mapping[str, Attached]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted request: its job, the balance left (credits), its usual time (seconds), warnings."""

    job: Job
    balance: int
    usual_s: float
    warnings: tuple[Problem, ...]


class RequestDesk:
    """Takes requests. Nothing is spent, and nothing is kept, on one that is refused."""

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        attachments: Downloader,
        media: MediaWorker,
        data_dir: Path,
        starting_credits: int,
        now: Now,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._attachments = attachments
        self._media = media
        self._data_dir = data_dir
        self._starting_credits = starting_credits
        self._now = now

    async def accept(self, request: Request) -> Accepted:
        """Check everything, hold the credits and write the job.

        The same interaction, delivered twice, is the same job.

        Raises:
            InvalidRequest: with every problem found.
            InsufficientCredits: the balance does not cover the price.
        """
        model = self._catalogue[request.model]
        known = await self._database.run(store.by_interaction, request.interaction_id)
        if known is not None:
            return await self._accepted(known, ())
        by_word = {name: _as_discord_says(item) for name, item in request.attachments.items()}
        self._refuse(model, request, by_word, ())
        price = model.price(request.values)
        await self._refuse_if_poor(request, price)
        folder = inputs_dir(self._data_dir, request.interaction_id)
        try:
            facts, unusable = await self._look_at_all(model, request, folder)
            warnings = self._refuse(model, request, facts, unusable)
            return await self._write(model, request, facts, price, warnings)
        except (InvalidRequest, InsufficientCredits):
            await asyncio.to_thread(rmtree, folder, ignore_errors=True)
            raise

    async def balance(self, guild_id: int, user_id: int) -> int:
        """A member's balance in credits; the opening grant is given here too if it has not been."""
        return await self._database.run(
            ledger.open_wallet,
            guild_id=guild_id,
            user_id=user_id,
            grant=self._starting_credits,
            at=self._now(),
        )

    def _refuse(
        self,
        model: VideoModel,
        request: Request,
        facts: Mapping[str, MediaFacts],
        unusable: tuple[Problem, ...],
    ) -> tuple[Problem, ...]:
        validation = model.validate(request.values, facts)
        spoilt = {problem.option for problem in unusable}
        problems = [item for item in validation.problems if item.option not in spoilt]
        if problems or unusable:
            raise InvalidRequest([*problems, *unusable])
        return validation.warnings

    async def _refuse_if_poor(self, request: Request, price: int) -> None:
        """Before any file is fetched; the transaction that holds the credits decides."""
        available = await self.balance(request.guild_id, request.user_id)
        if available < price:
            raise InsufficientCredits(needed=price, available=available)

    async def _look_at_all(
        self, model: VideoModel, request: Request, folder: Path
    ) -> tuple[dict[str, MediaFacts], tuple[Problem, ...]]:
        """Fetch every attachment and look at its bytes: a name and a declared type can lie."""
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        names = list(request.attachments)
        looks = [self._look_at(model, name, request.attachments[name], folder) for name in names]
        found = dict(zip(names, await asyncio.gather(*looks), strict=True))
        facts = {name: look for name, look in found.items() if isinstance(look, MediaFacts)}
        return facts, tuple(look for look in found.values() if isinstance(look, Problem))

    async def _look_at(
        self, model: VideoModel, name: str, item: Attached, folder: Path
    ) -> MediaFacts | Problem:
        limit = _slot_limit(model, name)
        path = folder / name
        try:
            await self._attachments.fetch(item.url, path, max_bytes=limit)
            facts = await self._media.probe(path)
        except MediaTooLarge as error:
            return Problem(name, ProblemCode.TOO_LARGE, limit, error.found_bytes, "B")
        except (DownloadRefused, DownloadFailed):
            return Problem(name, ProblemCode.UNREACHABLE)
        except MediaUnreadable:
            return Problem(name, ProblemCode.UNREADABLE)
        await asyncio.to_thread(path.rename, folder / _input_name(name, facts))
        return facts

    async def _write(
        self,
        model: VideoModel,
        request: Request,
        facts: Mapping[str, MediaFacts],
        price: int,
        warnings: tuple[Problem, ...],
    ) -> Accepted:
        new = NewJob(
            interaction_id=request.interaction_id,
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            user_id=request.user_id,
            locale=request.locale,
            model=model.command,
            model_id=model.model_id,
            options=model.complete(request.values),
            inputs=tuple(_input_file(name, request.attachments[name], facts[name]) for name in facts),
            price=price,
        )
        job, _ = await self._database.run(
            store.create, new, opening_credits=self._starting_credits, at=self._now()
        )
        return await self._accepted(job, warnings)

    async def _accepted(self, job: Job, warnings: tuple[Problem, ...]) -> Accepted:
        balance = await self.balance(job.guild_id, job.user_id)
        return Accepted(job, balance, self._catalogue[job.model].usual_seconds(job.options), warnings)


def _as_discord_says(item: Attached) -> MediaFacts:
    return MediaFacts(size_bytes=item.size_bytes, width=item.width, height=item.height)


def _slot_limit(model: VideoModel, name: str) -> int:
    option = next(option for option in model.options if option.name == name)
    if option.slot is None:
        raise AssertionError(f"{name} takes no attachment")
    return option.slot.max_bytes


def _input_name(option: str, facts: MediaFacts) -> str:
    return f"{option}.{facts.format or 'bin'}"


def _input_file(option: str, item: Attached, facts: MediaFacts) -> InputFile:
    kind = "" if facts.kind is None else str(facts.kind)
    return InputFile(option, _input_name(option, facts), kind, item.url, facts.size_bytes)
