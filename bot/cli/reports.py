"""`showreel costs` and `showreel jobs`: what happened and what it cost."""

from collections.abc import Collection
from dataclasses import asdict

import typer

from bot.cli.output import moment, show_json, show_table
from bot.cli.store import read
from bot.credits.usage import ALWAYS, ModelCosts, Span
from bot.credits.usage import costs as costs_of
from bot.jobs.job import Job
from bot.jobs.overview import listed
from bot.jobs.states import JobState

#: Columns of a job that are shown as JSON: everything but what members typed and sent.
_TOLD = (
    "id",
    "state",
    "guild_id",
    "channel_id",
    "user_id",
    "model",
    "model_id",
    "price",
    "cost_microusd",
    "priority",
    "request_id",
    "created_at",
    "submitted_at",
    "rendered_at",
    "ended_at",
    "reconciled_at",
    "failure",
)
#: Discord's ids are text in JSON.
_IDS = ("guild_id", "channel_id", "user_id")
_MICROUSD = 1_000_000


def costs(server: int | None, month: str | None, *, as_json: bool) -> None:
    """Credits against dollars by server, month and model.

    Raises:
        typer.BadParameter: the month is not written like 2026-11.
    """
    try:
        span = ALWAYS if month is None else Span.of_month(month)
    except ValueError as error:
        raise typer.BadParameter("Months are written like 2026-11.", param_hint="--month") from error
    found = read(costs_of, server, span=span)
    if as_json:
        show_json([_costs_as_json(item) for item in found])
    elif found:
        columns = (
            "server",
            "month",
            "model",
            "ended",
            "delivered",
            "credits",
            "dollars",
            "priced",
            "$/credit",
        )
        show_table(columns, [_costs_row(item) for item in found])
    else:
        typer.echo("No request has ended in that time.")


def _costs_row(item: ModelCosts) -> tuple[object, ...]:
    rate = item.dollars_per_credit
    return (
        str(item.guild_id),
        item.month,
        item.model,
        item.jobs,
        f"{item.delivered} ({item.success_percent} %)",
        item.credits,
        f"{item.dollars:.4f}",
        f"{item.priced} of {item.jobs}",
        None if rate is None else f"{rate:.5f}",
    )


def _costs_as_json(item: ModelCosts) -> dict[str, object]:
    rate = item.dollars_per_credit
    return {**asdict(item), "guild_id": str(item.guild_id), "dollars_per_credit": rate}


def jobs(states: Collection[JobState], server: int | None, limit: int, *, as_json: bool) -> None:
    """Jobs, newest first; without any state, those that may need somebody."""
    found = read(listed, states=states, guild_id=server, limit=limit)
    if as_json:
        show_json([_job_as_json(job) for job in found])
    elif found:
        columns = ("job", "state", "since", "server", "member", "model", "price", "request", "failure")
        show_table(columns, [_job_row(job) for job in found])
    else:
        typer.echo("There are no such jobs.")


def _job_row(job: Job) -> tuple[object, ...]:
    return (
        job.id,
        str(job.state),
        moment(job.updated_at),
        str(job.guild_id),
        str(job.user_id),
        job.model,
        job.price,
        job.request_id,
        job.failure,
    )


def _job_as_json(job: Job) -> dict[str, object]:
    told = {name: getattr(job, name) for name in _TOLD}
    return told | {name: str(told[name]) for name in _IDS}
