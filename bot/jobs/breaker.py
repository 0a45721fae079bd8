"""The circuit breaker's row, and the transactions in which a submit begins and ends.

The row is in the store so that an outage costs no more with many workers or after a restart. Whoever decides
on it locks it, before any row of `jobs`: no two transactions can then wait for each other. Each function
takes the caller's transaction.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from bot.jobs import store
from bot.jobs.circuit import Cause, Circuit, CircuitState, Notice
from bot.jobs.failures import Failure
from bot.jobs.job import Job
from bot.jobs.states import JobState
from bot.schema import circuit_breakers, jobs

#: There is one circuit, before RunComfy's submits.
_NAME = "runcomfy"
#: How long (ms) after a probe is due the jobs that wait are looked at again, if it did not wake them.
_AFTER_PROBE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Gate:
    """What a job that wants to be submitted finds: itself, the circuit, and whether there is room."""

    job: Job
    circuit: Circuit
    room: bool


def read(connection: Connection) -> Circuit:
    """Where the circuit stands, without locking it; closed where nothing was ever submitted."""
    return _found(connection, _row()) or Circuit()


def look(connection: Connection, job: Job, *, at: int) -> Gate:
    """Whether there is room for the job's submit. If the circuit is open, the job is let go of until later.

    Raises:
        StaleJob: the job has ended or is in other hands.
    """
    circuit = _locked(connection)
    submitting = jobs.c.state == JobState.SUBMITTING
    under_way = connection.scalar(select(func.count()).select_from(jobs).where(submitting)) or 0
    if circuit.state is CircuitState.OPEN:
        job = store.give_back(connection, job, due_at=_due_at(circuit, at))
    return Gate(job, circuit, room=circuit.has_room(under_way))


def begin_submit(connection: Connection, job: Job, *, at: int) -> Gate:
    """Move the job to `submitting` if there is room for it, else do as `look` does.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    gate = look(connection, job, at=at)
    if not gate.room:
        return gate
    return replace(gate, job=store.move(connection, job, JobState.SUBMITTING, at=at, submitted_at=at))


def accepted(connection: Connection, job: Job, *, request_id: str, at: int) -> Job:
    """RunComfy has taken the job on: the circuit closes if it was half-open.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    before = _locked(connection)
    _write(connection, before, before.after_acceptance(at), at)
    return store.move(connection, job, JobState.IN_QUEUE, at=at, request_id=request_id)


def lost(connection: Connection, job: Job, *, reason: str, at: int) -> Job:
    """The answer to the job's submit was lost: the job is uncertain, and the circuit may open.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    before = _locked(connection)
    _write(connection, before, before.after_loss(at), at)
    return uncertain(connection, job, reason=reason, at=at)


def uncertain(connection: Connection, job: Job, *, reason: str, at: int) -> Job:
    """Nobody knows what RunComfy got of the job, for a reason of ours: that says nothing about RunComfy.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    return store.move(
        connection, job, JobState.UNCERTAIN, at=at, failure=Failure.UNCERTAIN, failure_detail=reason
    )


def refused(connection: Connection, job: Job, cause: Cause, *, at: int) -> Job:
    """RunComfy takes nothing from this account: the circuit opens, and the job waits with all others.

    Raises:
        StaleJob: the job has moved on or belongs to another worker.
    """
    before = _locked(connection)
    after = _write(connection, before, before.after_refusal(cause, at), at)
    return store.back_to_queue(connection, job, obstacle=cause, at=at, due_at=_due_at(after, at))


def claim_probe(connection: Connection, *, at: int) -> Circuit | None:
    """Take over the probe that is due; None where another worker has done so."""
    before = _locked(connection)
    if not before.probe_is_due(at):
        return None
    return _write(connection, before, before.while_probing(at), at)


def probed(connection: Connection, probing: Circuit, found: Cause | None, *, at: int) -> Circuit:
    """Keep what a probe found. Jobs that waited are due at once where the circuit lets one through again.

    An answer that comes after the circuit has changed, or after its turn, changes nothing.
    """
    before = _locked(connection)
    if before.cause is not probing.cause or before.probe_at != probing.probe_at:
        return before
    return _write(connection, before, before.after_probe(found, at), at)


def claim_notice(connection: Connection, *, at: int) -> Notice | None:
    """Take over what the operator has to be told; None where there is nothing, or another worker has it."""
    before = _locked(connection)
    _write(connection, before, before.after_telling(), at)
    return before.notice


def _write(connection: Connection, before: Circuit, after: Circuit, at: int) -> Circuit:
    if after != before:
        row = circuit_breakers.c.name == _NAME
        connection.execute(update(circuit_breakers).where(row).values(**_values(after)))
    if after.state is not before.state and after.state is not CircuitState.OPEN:
        waiting = (jobs.c.state == JobState.QUEUED) & jobs.c.worker.is_(None) & (jobs.c.due_at > at)
        connection.execute(update(jobs).where(waiting).values(due_at=at))
    return after


def _due_at(circuit: Circuit, at: int) -> int:
    return max(circuit.probe_at or 0, at) + _AFTER_PROBE_MS


def _row() -> Select[Any]:
    return select(circuit_breakers).where(circuit_breakers.c.name == _NAME)


def _locked(connection: Connection) -> Circuit:
    """The circuit, nobody else's until the transaction ends. SQLite's transactions are alone anyway."""
    statement = _row().with_for_update()
    circuit = _found(connection, statement)
    if circuit is not None:
        return circuit
    insert = insert_on_sqlite if connection.dialect.name == "sqlite" else insert_on_postgresql
    row = insert(circuit_breakers).values(name=_NAME, **_values(Circuit()))
    connection.execute(row.on_conflict_do_nothing())
    return _found(connection, statement) or Circuit()


def _found(connection: Connection, statement: Select[Any]) -> Circuit | None:
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    values = {field.name: row[field.name] for field in fields(Circuit)}
    values["state"] = CircuitState(row["state"])
    values["cause"] = None if row["cause"] is None else Cause(row["cause"])
    values["notice"] = None if row["notice"] is None else Notice(row["notice"])
    values["told"] = frozenset(row["told"])
    return Circuit(**values)


def _values(circuit: Circuit) -> dict[str, object]:
    values = {field.name: getattr(circuit, field.name) for field in fields(circuit)}
    return values | {"told": sorted(circuit.told)}
