"""The desk where requests are taken: accepted in one transaction, or refused before anything is spent."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from weakref import WeakValueDictionary

from bot.catalog import Catalogue, VideoModel
from bot.catalog.media import MediaFacts
from bot.catalog.problems import Problem
from bot.clock import Now
from bot.credits import ledger
from bot.database import Database
from bot.errors import DownloadFailed, InvalidRequest, RequestRefused
from bot.jobs import admission, quotes, store
from bot.jobs.admission import Outlook
from bot.jobs.inspection import Attached, Inspector, input_file
from bot.jobs.job import Job, NewJob, OptionValue
from bot.jobs.workshop import inputs_dir


@dataclass(frozen=True, slots=True)
class Request:
    """What a member asked for, and where; `role_ids` are the member's roles.

    `parent_channel_id` is set in a thread: the channel it belongs to.
    """

    interaction_id: int
    guild_id: int
    channel_id: int
    user_id: int
    locale: str
    model: str
    values: Mapping[str, OptionValue]
    attachments: Mapping[str, Attached]
    role_ids: tuple[int, ...] = ()
    parent_channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted request: its job, the balance left (credits), its usual time (seconds), warnings."""

    job: Job
    balance: int
    usual_s: float
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Quoted:
    """A request that waits for its member's yes: what it comes to, its usual time (seconds), warnings."""

    new: NewJob
    outlook: Outlook
    usual_s: float
    warnings: tuple[Problem, ...]


class RequestDesk:
    """Takes requests. Nothing is spent, and nothing is kept, on one that is refused."""

    def __init__(
        self,
        *,
        database: Database,
        catalogue: Catalogue,
        inspector: Inspector,
        data_dir: Path,
        starting_credits: int,
        now: Now,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._inspector = inspector
        self._data_dir = data_dir
        self._starting_credits = starting_credits
        self._now = now
        self._at_the_desk: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def ask(self, request: Request) -> Accepted | Quoted:
        """Check everything; then hold the credits and write the job, or quote where the server wants that.

        The same interaction, delivered twice, is the same job.

        Raises:
            RequestRefused: one of its kinds; nothing was spent and nothing is kept.
            DownloadFailed: `disk`, when there is no room for its files here; the same.
        """
        # An interaction delivered twice at the same moment would fetch into the same files.
        turn = self._at_the_desk.setdefault(request.interaction_id, asyncio.Lock())
        async with turn:
            known = await self._database.run(store.by_interaction, request.interaction_id)
            if known is not None:
                return await self._accepted(known, ())
            return await self._take(request)

    async def confirm(self, interaction_id: int, *, user_id: int) -> Accepted:
        """Accept a quoted request.

        Raises:
            QuoteGone: it was used, given up or too old, or is somebody else's.
            RequestRefused: what has become of the limits since the quote.
        """
        known = await self._database.run(store.by_interaction, interaction_id)
        if known is not None and known.user_id == user_id:
            return await self._accepted(known, ())
        job = await self._database.run(
            admission.confirm,
            interaction_id,
            user_id=user_id,
            opening_credits=self._starting_credits,
            at=self._now(),
            offered=self._catalogue.offered,
        )
        return await self._accepted(job, ())

    async def quoted_prompt(self, interaction_id: int, *, user_id: int) -> str:
        """The prompt of a quoted request.

        Raises:
            QuoteGone: as `confirm`.
        """
        new = await self._database.run(quotes.find, interaction_id, user_id=user_id, at=self._now())
        return str(new.options["prompt"])

    async def revise(self, interaction_id: int, *, user_id: int, prompt: str) -> Quoted:
        """Quote anew with another prompt.

        Raises:
            QuoteGone: as `confirm`.
            RequestRefused: as `ask`.
        """
        now = self._now()
        new = await self._database.run(quotes.find, interaction_id, user_id=user_id, at=now)
        model = self._catalogue.offered(new.model)
        options = {**new.options, "prompt": prompt}
        validation = model.validate(options, _facts_of_inputs(new))
        if validation.problems:
            raise InvalidRequest(validation.problems)
        changed = replace(new, options=options)
        outlook = await self._database.run(
            admission.requote, changed, opening_credits=self._starting_credits, at=now
        )
        return Quoted(changed, outlook, model.usual_seconds(options), validation.warnings)

    async def give_up(self, interaction_id: int, *, user_id: int) -> None:
        """Forget a quoted request, and its files.

        Raises:
            QuoteGone: as `confirm`.
        """
        await self._database.run(quotes.give_up, interaction_id, user_id=user_id, at=self._now())
        await self._forget_files(interaction_id)

    async def sweep(self) -> None:
        """Forget quotes that nobody answered, and their files."""
        for interaction_id in await self._database.run(quotes.sweep, at=self._now()):
            await self._forget_files(interaction_id)

    async def balance(self, guild_id: int, user_id: int, role_ids: tuple[int, ...] = ()) -> int:
        """A member's balance in credits; an opening grant or allowance that is due is given here too."""
        return await self._database.run(
            admission.open_wallet_of,
            guild_id,
            user_id,
            role_ids,
            opening_credits=self._starting_credits,
            at=self._now(),
        )

    # --- the way of a request ---------------------------------------------------------------------

    async def _take(self, request: Request) -> Accepted | Quoted:
        model = self._catalogue.offered(request.model)
        described = {name: item.as_described() for name, item in request.attachments.items()}
        first_look = model.validate(request.values, described)
        if not first_look.problems:
            # Limits and credits before any file is fetched; the transaction that holds the credits decides.
            await self._preview(_new_job(model, request, {}))
        folder = inputs_dir(self._data_dir, request.interaction_id)
        try:
            # What Discord's own words refuse is not fetched; everything else is looked at, even where the
            # request will be refused anyway: every problem is told at once.
            spoilt = {problem.option for problem in first_look.problems}
            wanted = {name: item for name, item in request.attachments.items() if name not in spoilt}
            looked_at, unusable = await self._inspector.look_at_all(model, wanted, folder)
            warnings = _refuse(model, request, {**described, **looked_at}, unusable)
            return await self._decide(_new_job(model, request, looked_at), warnings)
        except (RequestRefused, DownloadFailed):
            await self._forget_files(request.interaction_id)
            raise

    async def _preview(self, new: NewJob) -> None:
        outlook = await self._database.run(
            admission.preview, new, opening_credits=self._starting_credits, at=self._now()
        )
        outlook.check_affordable()

    async def _decide(self, new: NewJob, warnings: tuple[Problem, ...]) -> Accepted | Quoted:
        decision = await self._database.run(
            admission.quote_or_admit, new, opening_credits=self._starting_credits, at=self._now()
        )
        if isinstance(decision, Job):
            return await self._accepted(decision, warnings)
        usual_s = self._catalogue.offered(new.model).usual_seconds(new.options)
        return Quoted(new, decision, usual_s, warnings)

    async def _accepted(self, job: Job, warnings: tuple[Problem, ...]) -> Accepted:
        balance = await self._database.run(ledger.balance, ledger.member_account(job.guild_id, job.user_id))
        return Accepted(job, balance, self._catalogue.entry(job.model).usual_seconds(job.options), warnings)

    async def _forget_files(self, interaction_id: int) -> None:
        folder = inputs_dir(self._data_dir, interaction_id)
        await asyncio.to_thread(rmtree, folder, ignore_errors=True)


# --- pieces -----------------------------------------------------------------------------------------


def _refuse(
    model: VideoModel,
    request: Request,
    facts: Mapping[str, MediaFacts],
    unusable: tuple[Problem, ...],
) -> tuple[Problem, ...]:
    """Raise `InvalidRequest` with every problem, or return the warnings."""
    validation = model.validate(request.values, facts)
    spoilt = {problem.option for problem in unusable}
    problems = [item for item in validation.problems if item.option not in spoilt]
    if problems or unusable:
        raise InvalidRequest([*problems, *unusable])
    return validation.warnings


def _new_job(model: VideoModel, request: Request, facts: Mapping[str, MediaFacts]) -> NewJob:
    return NewJob(
        interaction_id=request.interaction_id,
        guild_id=request.guild_id,
        channel_id=request.channel_id,
        user_id=request.user_id,
        locale=request.locale,
        model=model.command,
        model_id=model.model_id,
        options=model.complete(request.values),
        inputs=tuple(input_file(name, request.attachments[name], facts[name]) for name in facts),
        price=model.price(request.values),
        role_ids=request.role_ids,
        parent_channel_id=request.parent_channel_id,
    )


def _facts_of_inputs(new: NewJob) -> dict[str, MediaFacts]:
    """What is kept of inputs that were looked at before: that they are there."""
    return {item.option: MediaFacts(size_bytes=item.size_bytes) for item in new.inputs}
