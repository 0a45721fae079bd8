"""Jobs as values, for what only reads them."""

from dataclasses import fields
from typing import Any

from bot.catalog import Catalogue
from bot.discord_io.cards import CardFacts, card
from bot.jobs.job import InputFile, Job
from bot.jobs.keeping import Keeping
from bot.jobs.poster import Progress
from bot.jobs.states import ENDED, JobState
from bot.locale import Words
from bot.rehearsal.screen import lines_of

CATALOGUE = Catalogue.load()
NOW = 1_800_000_000_000
MEMBER = 700_000_000_000_000_007


def a_job(state: JobState = JobState.QUEUED, *, model: str = "seedance-1-0-lite", **changes: Any) -> Job:
    """A job in a state; every column that is not named is empty."""
    values: dict[str, Any] = dict.fromkeys((field.name for field in fields(Job)), None)
    values |= {
        "id": "abcdefgh23",
        "interaction_id": 1,
        "guild_id": 100,
        "channel_id": 200,
        "user_id": MEMBER,
        "locale": "en-US",
        "model": model,
        "model_id": CATALOGUE[model].model_id,
        "options": CATALOGUE[model].complete({"prompt": "Gulls over the bay"}),
        "inputs": (),
        "price": 5,
        "state": state,
        "created_at": NOW - 60_000,
        "updated_at": NOW - 60_000,
        "fence": 1,
        "card_message_id": 300,
        "ended_at": NOW if state in ENDED else None,
    }
    return Job(**(values | changes))


def an_input(option: str, kind: str, suffix: str, *, attached: bool = True) -> InputFile:
    return InputFile(option, f"{option}.{suffix}", kind, "https://cdn.example/x", 10, attached)


def the_card(job: Job, *, now: int = NOW, progress: Progress | None = None) -> list[dict[str, Any]]:
    """The components of the job's card."""
    facts = CardFacts(job, CATALOGUE[job.model], progress or Progress(), now, Keeping().until(job))
    view = card(facts, Words(job.locale))
    components: list[dict[str, Any]] = view.to_components()  # type: ignore[no-untyped-call]  # discord.py's
    return components


def the_lines(job: Job, *, now: int = NOW, progress: Progress | None = None) -> list[str]:
    """The card's lines: title, prompt, settings, then how it stands."""
    return lines_of({"components": the_card(job, now=now, progress=progress)})
