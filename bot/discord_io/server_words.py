"""A server's settings in words: what is set, what cannot be, which tiers there are."""

from collections.abc import Iterable, Sequence

from discord import ui

from bot.discord_io.phrases import duration, shorten
from bot.errors import BadSetting
from bot.locale import Words
from bot.servers.settings import ServerSettings
from bot.servers.tiers import Tier

#: From two minutes on a pause is told in minutes, where it is that many.
_ROUNDED_FROM_S = 120
#: Characters of one tier in the list, so that all of them fit on a page.
_TIER_LINE = 300


def bad_settings(words: Words, problems: Iterable[BadSetting]) -> str:
    """Every setting that cannot be as asked for, and what to do."""
    lines = [f"- {_problem_line(words, problem)}" for problem in problems]
    return "\n".join([words("settings-refused"), *lines])


def _problem_line(words: Words, problem: BadSetting) -> str:
    name = words(f"setting-name-{problem.name}") if problem.name else "-"
    return words(f"setting-problem-{problem.code}", name=name, limit=problem.limit or 0)


def approval_words(settings: ServerSettings, words: Words) -> str:
    """Which requests wait for a moderator's yes."""
    if settings.approve_everything:
        return words("setting-approval-everything")
    some = []
    if settings.approve_first:
        some.append(words("setting-approval-first", count=settings.approve_first))
    if settings.approve_above is not None:
        some.append(words("setting-approval-above", count=settings.approve_above))
    return "; ".join(some) or words("setting-approval-off")


def number_words(name: str, value: int | None, words: Words) -> str:
    """One of the settings that are numbers; None where there is no such limit."""
    return words(f"setting-{name}-none") if value is None else words(f"setting-{name}", count=value)


def language_words(language: str | None, words: Words) -> str:
    """The language of public cards, in itself."""
    return words("setting-language-none") if language is None else Words(language)("language-name")


def page(text: str) -> ui.LayoutView:
    """A page of text, of up to 4,000 characters: a plain message takes half of that."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    view.stop()
    return view


def tier_list(tiers: Sequence[Tier], words: Words) -> str:
    """The tiers, the best first, short enough for a page."""
    if not tiers:
        return words("tiers-none")
    lines = [f"{place}. {tier_words(tier, words)}" for place, tier in enumerate(tiers, start=1)]
    return "\n".join([words("tiers-title"), *(shorten(line, _TIER_LINE) for line in lines)])


def tier_words(tier: Tier, words: Words) -> str:
    """One tier: whose it is and what it gives. A role is shown by mention: its name may have changed."""
    role = words("tier-everyone") if tier.role_id is None else f"<@&{tier.role_id}>"
    return f"{role}: {' · '.join(_gifts(tier, words))}"


def _gifts(tier: Tier, words: Words) -> list[str]:
    gifts = []
    if tier.allowance:
        gifts.append(words(f"tier-allowance-{tier.period}", count=tier.allowance, cap=tier.cap))
    gifts.append(words("tier-jobs", count=tier.jobs_at_once))
    if tier.cooldown_s:
        gifts.append(words("tier-cooldown", time=_pause(tier.cooldown_s, words)))
    if tier.priority:
        gifts.append(words("tier-priority", count=f"{tier.priority:+d}"))
    if tier.models is not None:
        gifts.append(words("tier-models", models=", ".join(f"/{model}" for model in tier.models)))
    if tier.max_resolution is not None:
        gifts.append(words("tier-resolution", limit=tier.max_resolution))
    if tier.max_duration_s is not None:
        gifts.append(words("tier-duration", count=tier.max_duration_s))
    return gifts


def _pause(seconds: int, words: Words) -> str:
    exact = seconds < _ROUNDED_FROM_S or seconds % 60
    return words("duration-seconds", count=seconds) if exact else duration(words, seconds)
