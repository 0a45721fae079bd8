"""A server's usage in words: credits against dollars by model and month, and who made most."""

from collections.abc import Iterable, Sequence

from bot.credits.budget import Standing
from bot.credits.usage import ModelCosts, Report
from bot.locale import Words

#: Earlier months that are shown, newest first.
_MONTHS = 6
#: Models in the table, most used first: all have to fit on a page.
_MODELS = 30


def usage_text(report: Report, words: Words) -> str:
    """The report as one page."""
    lines = [words("usage-title", month=report.month), _budget(report.standing, words)]
    found = report.of_month
    if found:
        lines.append(f"```\n{_table(found, words)}\n```")
        unpriced = sum(item.jobs - item.priced for item in found)
        if unpriced:
            lines.append(words("usage-unpriced", count=unpriced))
    else:
        lines.append(words("usage-none"))
    if report.top:
        lines.append(words("usage-top"))
    for place, who in enumerate(report.top, start=1):
        member = f"<@{who.user_id}>"
        lines.append(
            words("usage-member", place=place, member=member, videos=who.videos, credits=who.credits)
        )
    return "\n".join([*lines, *_months(report.costs, words)])


def _budget(standing: Standing, words: Words) -> str:
    if standing.limit is None:
        return words("usage-no-budget", spent=standing.spent, held=standing.held)
    return words(
        "usage-budget",
        limit=standing.limit,
        spent=standing.spent,
        held=standing.held,
        left=standing.left or 0,
        percent=standing.percent,
    )


def _table(found: Sequence[ModelCosts], words: Words) -> str:
    most_used = sorted(found, key=lambda item: -item.jobs)[:_MODELS]
    rows = [words("usage-columns").split(","), *(_row(item.model, [item]) for item in most_used)]
    if len(found) > 1:
        rows.append(_row(words("usage-total"), found))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_padded(row, widths) for row in rows)


def _padded(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest])


def _row(name: str, items: Sequence[ModelCosts]) -> list[str]:
    jobs, delivered = sum(item.jobs for item in items), sum(item.delivered for item in items)
    dollars, paid = sum(item.dollars for item in items), sum(item.priced_credits for item in items)
    return [
        name,
        str(delivered),
        f"{delivered * 100 // jobs}%",
        str(sum(item.credits for item in items)),
        f"{dollars:.2f}",
        f"{dollars / paid:.4f}" if paid else "-",
    ]


def _months(found: Iterable[ModelCosts], words: Words) -> list[str]:
    by_month: dict[str, list[ModelCosts]] = {}
    for item in found:
        by_month.setdefault(item.month, []).append(item)
    newest = sorted(by_month, reverse=True)[:_MONTHS]
    lines = [
        words(
            "usage-month",
            month=month,
            videos=sum(item.delivered for item in by_month[month]),
            credits=sum(item.credits for item in by_month[month]),
            dollars=f"{sum(item.dollars for item in by_month[month]):.2f}",
        )
        for month in newest
    ]
    return [words("usage-earlier"), *lines] if lines else []
