"""Entries of the audit trail in words: for the moderators' channel, and for the list they can ask for."""

from collections.abc import Iterable

from bot.discord_io.messages import card_link, video_link
from bot.discord_io.phrases import escape, shorten
from bot.jobs.job import Job
from bot.locale import MessageMissing, Words
from bot.moderation.audit import Action, Entry

_REASON_LENGTH = 500
_FILTER_LENGTH = 100
#: What was done to a posted video is shown by the video, everything else by the card.
_ABOUT_VIDEOS = frozenset({Action.REPORTED, Action.REFUNDED})


def audit_line(entry: Entry, job: Job | None, words: Words) -> str:
    """What happened, on one line, and why on a second one where somebody said so; `job` is the entry's."""
    detail = entry.detail
    until = detail.get("until")
    line = words(
        f"audit-{entry.action}",
        actor=f"<@{entry.actor_id}>",
        member=f"<@{entry.target_id}>",
        job=_job_words(entry, job, words),
        until="never" if until is None else f"<t:{until // 1000}:f>",
        credits=detail.get("credits", 0),
        settlement=detail.get("settlement", ""),
        text=escape(shorten(str(detail.get("text", "")), _FILTER_LENGTH)),
        verdict=detail.get("verdict", ""),
        changed=_settings_words(detail.get("changed") or (), words),
        percent=detail.get("percent", 0),
        limit=detail.get("limit") or 0,
        month=detail.get("month", ""),
    )
    reason = shorten(str(detail.get("reason") or ""), _REASON_LENGTH)
    return f"{line}\n{words('audit-reason', reason=escape(reason))}" if reason else line


def _settings_words(changed: Iterable[str], words: Words) -> str:
    """The names of settings as their panel has them."""
    return ", ".join(_setting_words(name, words) for name in changed) or "-"


def _setting_words(name: str, words: Words) -> str:
    try:
        return words(f"setting-name-{name}")
    except MessageMissing:
        return escape(name)


def audit_row(entry: Entry, words: Words) -> str:
    """The same with its time, for a list; jobs by their ids."""
    when = f"<t:{entry.at // 1000}:f>"
    return words("audit-row", when=when, line=audit_line(entry, None, words))


def _job_words(entry: Entry, job: Job | None, words: Words) -> str:
    link = None
    if job is not None:
        link = (video_link(job) if entry.action in _ABOUT_VIDEOS else None) or card_link(job)
    if link is None:
        return words("audit-plain-job", job=entry.job_id or "-")
    return words("audit-link", job=entry.job_id or "-", link=link)
