"""A job's card: what everybody in the channel sees of it, from accepted to ended."""

from dataclasses import dataclass

import discord
from discord import ui

from bot.catalog import MediaKind, Option, OptionKind, VideoModel
from bot.catalog.options import DURATION, SOUND
from bot.discord_io.buttons import CancelButton
from bot.discord_io.phrases import escape, shorten
from bot.jobs.job import Job
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.locale import MessageMissing, Words

_BAR_LENGTH = 12
_PROMPT_LENGTH = 600
_REASON_LENGTH = 300
#: While RunComfy renders, the bar never claims more than this share of the usual time.
_ALMOST = 0.95

_COLOURS = {
    JobState.DELIVERED: discord.Colour.green(),
    JobState.UNDELIVERABLE: discord.Colour.orange(),
    JobState.UNCERTAIN: discord.Colour.orange(),
    JobState.FAILED: discord.Colour.red(),
    JobState.REJECTED: discord.Colour.red(),
    JobState.EXPIRED: discord.Colour.red(),
    JobState.CANCELLED: discord.Colour.light_grey(),
}
#: States in which it makes sense to offer the Cancel button.
_CANCELLABLE = frozenset(
    {JobState.AWAITING_APPROVAL, JobState.QUEUED, JobState.SUBMITTING, JobState.IN_QUEUE}
)


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card shows: the job, its model, what is known beyond its row, and the time (ms).

    `kept_until`: when (ms) the video is swept, where one is kept that could not be posted.
    """

    job: Job
    model: VideoModel
    progress: Progress
    now: int
    kept_until: int | None = None


def card(facts: CardFacts, words: Words) -> ui.LayoutView:
    """The card as a layout."""
    job = facts.job
    box: ui.Container[ui.LayoutView] = ui.Container(
        accent_colour=_COLOURS.get(job.state, discord.Colour.blurple())
    )
    box.add_item(ui.TextDisplay(_heading(facts, words)))
    if settings := settings_line(facts.model, job, words):
        box.add_item(ui.TextDisplay(words("card-settings", settings=settings)))
    _add_inputs(box, facts)
    box.add_item(ui.Separator())
    box.add_item(ui.TextDisplay("\n".join(_status(facts, words))))
    if job.state in _CANCELLABLE:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        row.add_item(CancelButton(job.id, label=words("button-cancel")))
        box.add_item(row)
    view = ui.LayoutView(timeout=None)
    view.add_item(box)
    # The buttons are found by their ids, by any process: the library need not remember the view.
    view.stop()
    return view


def _heading(facts: CardFacts, words: Words) -> str:
    job = facts.job
    lines = [
        words("card-title", title=facts.model.title(job.locale), member=f"<@{job.user_id}>"),
        "\n".join(f"> {line}" for line in escape(shorten(job.prompt, _PROMPT_LENGTH)).splitlines()),
    ]
    return "\n".join(lines)


def settings_line(model: VideoModel, job: Job, words: Words) -> str:
    """What describes the video, and what the member chose differently from the default."""
    shown = []
    for option in model.options:
        if option.kind in (OptionKind.MEDIA, OptionKind.TEXT) or option.name not in job.options:
            continue
        shown.append(_setting(option, job, words))
    return " · ".join(text for text in shown if text)


def _setting(option: Option, job: Job, words: Words) -> str:
    value = job.options[option.name]
    unchanged = value == option.default
    if option.kind is OptionKind.BOOLEAN:
        return "" if unchanged and option.name != SOUND else _switch(option.name, words, on=bool(value))
    if option.name == "seed":
        return "" if unchanged else words("card-seed", seed=str(value))
    if option.name == DURATION:
        return words("unit-s", count=int(value))
    # A bare number would say nothing.
    return escape(f"{option.name} {value}" if isinstance(value, int) else str(value))


def _switch(name: str, words: Words, *, on: bool) -> str:
    """A setting that is on or off; a model of the operator's own may have some that nobody has words for."""
    try:
        return words(f"card-{name.replace('_', '-')}-{'on' if on else 'off'}")
    except MessageMissing:
        return escape(f"{name} {'✓' if on else '✗'}")


def _add_inputs(box: ui.Container[ui.LayoutView], facts: CardFacts) -> None:
    """Pictures and clips as a gallery, sounds as files; all of them attached to the card's own message."""
    attached = [item for item in facts.job.inputs if item.attached]
    seen = [item.filename for item in attached if item.kind != MediaKind.AUDIO]
    heard = [item.filename for item in attached if item.kind == MediaKind.AUDIO]
    if seen:
        items = [discord.MediaGalleryItem(f"attachment://{name}") for name in seen]
        box.add_item(ui.MediaGallery(*items))
    for name in heard:
        box.add_item(ui.File(f"attachment://{name}"))


def _status(facts: CardFacts, words: Words) -> list[str]:
    job = facts.job
    lines = [_state_line(facts, words)]
    if job.failure and job.state is not JobState.DELIVERED:
        lines.append(words(f"failure-{job.failure}"))
    if facts.kept_until is not None:
        lines.append(kept_line(facts.kept_until, words))
    if job.state is JobState.AWAITING_APPROVAL and job.approval_reason:
        lines.append(words(f"card-waits-{job.approval_reason}"))
    if job.state is JobState.REJECTED and job.failure_detail:
        # A moderator typed it.
        reason = escape(shorten(job.failure_detail, _REASON_LENGTH))
        lines.append(words("card-rejected-because", reason=reason))
    if job.state is JobState.IN_PROGRESS and (ready := _ready_at(facts)) > facts.now:
        lines.append(words("state-in_progress-ready", when=f"<t:{ready // 1000}:R>"))
    lines.append(_footer(job, words))
    return lines


def kept_line(until: int, words: Words) -> str:
    """How its member gets a video that could not be posted, and until when (ms)."""
    return words("kept-for-resend", when=f"<t:{until // 1000}:R>")


def _state_line(facts: CardFacts, words: Words) -> str:
    job, progress = facts.job, facts.progress
    if job.taken_down_at is not None:
        return words("state-taken-down")
    if job.state in (JobState.QUEUED, JobState.RENDERED) and progress.obstacle:
        return words(f"state-{job.state}-{progress.obstacle}")
    if job.state is JobState.IN_QUEUE and progress.position is not None:
        return words("state-in_queue-position", position=progress.position)
    if job.state is JobState.IN_PROGRESS:
        return _rendering(facts, words)
    return words(f"state-{job.state}")


def _rendering(facts: CardFacts, words: Words) -> str:
    share = _share(facts)
    # Steps of five, for the bar as well: a card is not edited for less.
    percent = round(min(share, _ALMOST) * 20) * 5
    filled = round(percent * _BAR_LENGTH / 100)
    bar = "▰" * filled + "▱" * (_BAR_LENGTH - filled)
    if share >= 1:
        return words("state-in_progress-late", bar=bar)
    return words("state-in_progress", bar=bar, percent=percent)


def _share(facts: CardFacts) -> float:
    """Elapsed time as a share of the usual time."""
    usual_ms = facts.model.usual_seconds(facts.job.options) * 1000
    return max(0.0, (facts.now - _started(facts.job)) / usual_ms)


def _ready_at(facts: CardFacts) -> int:
    return _started(facts.job) + int(facts.model.usual_seconds(facts.job.options) * 1000)


def _started(job: Job) -> int:
    return job.started_at if job.started_at is not None else job.updated_at


def _footer(job: Job, words: Words) -> str:
    if job.taken_down_at is not None:
        return words("card-footer-plain", job=job.id)  # the credits may have gone back
    if job.state is JobState.DELIVERED:
        name = "card-footer-paid" if job.price else "card-footer-free"
    elif job.ended or not job.price:
        name = "card-footer-free"
    else:
        name = "card-footer-held"
    return words(name, price=job.price, job=job.id)
