"""Every way a job can go, and everything a store holds."""

from typing import Any

from sqlalchemy import Connection, select

from bot.errors import InvalidTransition
from bot.jobs.states import ENDED, JobState, check_transition
from bot.schema import metadata


def everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the store."""
    return {
        table.name: [tuple(row) for row in connection.execute(select(table))]
        for table in metadata.sorted_tables
    }


def next_states(state: JobState) -> list[JobState]:
    def leads_to(after: JobState) -> bool:
        try:
            check_transition(state, after)
        except InvalidTransition:
            return False
        return True

    return [after for after in JobState if leads_to(after)]


def way_to(state: JobState, end: JobState) -> list[JobState]:
    """The shortest way to an end; to a failure where that end cannot be reached any more."""
    ways: list[list[JobState]] = [[after] for after in next_states(state)]
    for way in ways:
        if way[-1] is end:
            return way
        if len(way) < len(JobState):
            ways += [[*way, after] for after in next_states(way[-1]) if after not in way]
    return [] if state in ENDED else [JobState.FAILED]
