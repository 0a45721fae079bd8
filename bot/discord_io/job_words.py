"""A member's own jobs in words: a line in a list, a choice to pick, everything about one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from discord import app_commands, ui

from bot.catalog import Catalogue, VideoModel
from bot.discord_io.cards import kept_line, settings_line
from bot.discord_io.messages import card_link, video_link
from bot.discord_io.phrases import escape, shorten
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.locale import Words

_CHOICE_LENGTH = 100
_PROMPT_LENGTH = 1000
#: A job that went back to the queue often has a long history: the latest lines tell enough.
_TIMELINE_LINES = 15


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a member may know of a job: its row, its events, whether it was refunded.

    `kept_until`: when (ms) the video is swept, where one is kept that could not be posted.

    The operator may have taken its model out of the catalogue since.
    """

    job: Job
    model: VideoModel | None
    events: tuple[Mapping[str, Any], ...]
    refunded: bool
    kept_until: int | None = None


def job_line(job: Job, catalogue: Catalogue, locale: str) -> str:
    """A job in a list: its id, model, state, price, age, and where it is to be seen."""
    words = Words(locale)
    line = words(
        "job-line",
        job=job.id,
        title=_title(job, catalogue.get(job.model), locale),
        state=words(f"job-state-{job.state}"),
        price=job.price,
        when=f"<t:{job.created_at // 1000}:R>",
    )
    link = _link(job, words)
    return line if link is None else f"{line} · {link}"


def job_story(story: Story, locale: str) -> ui.LayoutView:
    """Everything about one job."""
    job, words = story.job, Words(locale)
    box: ui.Container[ui.LayoutView] = ui.Container()
    request = [
        words("job-title", title=_title(job, story.model, locale), job=job.id),
        *(f"> {line}" for line in escape(shorten(job.prompt, _PROMPT_LENGTH)).splitlines()),
    ]
    if story.model is not None and (settings := settings_line(story.model, job, words)):
        request.append(words("card-settings", settings=settings))
    box.add_item(ui.TextDisplay("\n".join(request)))
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("\n".join(_timeline(story.events, words)[-_TIMELINE_LINES:])))
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("\n".join(_outcome(story, words))))
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    view.stop()
    return view


def _title(job: Job, model: VideoModel | None, locale: str) -> str:
    return job.model if model is None else model.title(locale)


def _timeline(events: Iterable[Mapping[str, Any]], words: Words) -> list[str]:
    """A line a state; events that changed no state are for staff."""
    return [
        f"<t:{event['at'] // 1000}:T> " + words(f"job-state-{event['after']}")
        for event in events
        if event["before"] != event["after"]
    ]


def _outcome(story: Story, words: Words) -> list[str]:
    """What became of the credits, why there is no video, and where to look."""
    job = story.job
    lines = [words(f"job-price-{_what_became_of_the_price(story)}", price=job.price)]
    if job.failure and job.state is not JobState.DELIVERED:
        lines.append(words(f"failure-{job.failure}"))
    if story.kept_until is not None:
        lines.append(kept_line(story.kept_until, words))
    if job.state is JobState.REJECTED and job.failure_detail:
        lines.append(words("job-rejected", reason=escape(job.failure_detail)))
    if job.taken_down_at is not None:
        lines.append(words("job-taken-down"))
    link = _link(job, words)
    return lines if link is None else [*lines, link]


def _what_became_of_the_price(story: Story) -> str:
    if not story.job.ended:
        return "held"
    if story.refunded:
        return "refunded"
    return "paid" if story.job.state is JobState.DELIVERED else "returned"


def _link(job: Job, words: Words) -> str | None:
    """The posted video, or the card while there is none."""
    video, card = video_link(job), card_link(job)
    if video is not None:
        return f"[{words('job-link-video')}]({video})"
    return None if card is None else f"[{words('job-link-card')}]({card})"


def job_choices(jobs: Iterable[Job], typed: str, words: Words) -> list[app_commands.Choice[str]]:
    """At most 25 choices (Discord's limit) whose id or prompt has what was typed."""
    wanted = typed.casefold().strip()
    fitting = [job for job in jobs if wanted in f"{job.id} {job.prompt}".casefold()]
    return [app_commands.Choice(name=_choice(job, words), value=job.id) for job in fitting[:25]]


def _choice(job: Job, words: Words) -> str:
    """A job to pick while typing; Discord shows 100 characters."""
    return shorten(f"{job.id} · {words(f'job-state-{job.state}')} · {job.prompt}", _CHOICE_LENGTH)
