"""The circuit breaker's decisions. Pure: no clock, no store, no network.

closed -> open -> half-open -> closed, as the field calls them: closed, submits go out; open, none does until
a probe has found that it makes sense; half-open, one at a time until one is accepted. An *episode* lasts from
the first opening to that acceptance.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

#: Submits whose answer is lost (each may be running and billed), in a row, before nothing more is sent.
MOST_LOST = 3
#: How long (s) an open circuit waits for its next probe.
PAUSE_S = 30.0
#: The longest such wait (s): it doubles with each further lost submit, for each may cost a video.
LONGEST_PAUSE_S = 1800.0


class CircuitState(StrEnum):
    """Whether submits may go out."""

    CLOSED = "closed"  # as many as the bound on lost ones allows
    OPEN = "open"  # none
    HALF_OPEN = "half-open"  # one at a time


class Cause(StrEnum):
    """Why nothing is submitted: the `obstacle` that cards show."""

    UNREACHABLE = "unreachable"  # answers to submits are lost
    NO_FUNDS = "no-funds"  # RunComfy's account is empty
    TOKEN = "token"  # noqa: S105 - RunComfy refuses the operator's token; this is no token


class Notice(StrEnum):
    """What the operator is told."""

    UNREACHABLE = "unreachable"
    NO_FUNDS = "no-funds"
    TOKEN = "token"  # noqa: S105 - a name
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class Circuit:
    """Where the circuit stands; each method returns where it stands after something has happened.

    Attributes:
        cause: why it is not closed.
        lost: submits in a row whose answer was lost.
        probe_at: when (ms) the next probe is due; only while open.
        changed_at: when (ms) the cause last changed, to or from none at all too.
        notice: what the operator has to be told and nobody has told yet.
        told: what the operator has been told in this episode.
    """

    state: CircuitState = CircuitState.CLOSED
    cause: Cause | None = None
    lost: int = 0
    probe_at: int | None = None
    changed_at: int = 0
    notice: Notice | None = None
    told: frozenset[str] = frozenset()

    def has_room(self, under_way: int) -> bool:
        """Whether one more submit may go out beside those `under_way`, even if every answer is lost."""
        match self.state:
            case CircuitState.CLOSED:
                return under_way + self.lost < MOST_LOST
            case CircuitState.HALF_OPEN:
                return under_way == 0
            case CircuitState.OPEN:
                return False

    def probe_is_due(self, at: int) -> bool:
        """Whether somebody has to probe now."""
        return self.probe_at is not None and self.probe_at <= at

    def after_loss(self, at: int) -> "Circuit":
        """A submit's answer was lost."""
        lost = self.lost + 1
        few = self.state is CircuitState.CLOSED and lost < MOST_LOST
        # An open circuit hears the last of those that were under way when it opened.
        if few or self.state is CircuitState.OPEN:
            return replace(self, lost=lost)
        pause_s = min(PAUSE_S * 2.0 ** min(max(lost - MOST_LOST, 0), 16), LONGEST_PAUSE_S)
        return replace(self._opened(Cause.UNREACHABLE, at, pause_s), lost=lost)

    def after_refusal(self, cause: Cause, at: int) -> "Circuit":
        """RunComfy takes nothing from this account now. One answer is enough: it holds for every submit.

        What was lost stays counted: a refusal comes before the work whose answers are lost.
        """
        if self.state is CircuitState.OPEN and self.cause is cause:
            return self
        return self._opened(cause, at, PAUSE_S)

    def after_acceptance(self, at: int) -> "Circuit":
        """A submit was accepted.

        An open circuit stays open: the submit went out before it opened. If money is left for a small video
        and not for the others, their answers cross; closing at each would tell the operator again and again.
        """
        match self.state:
            case CircuitState.CLOSED:
                return replace(self, lost=0)
            case CircuitState.OPEN:
                return self
            case CircuitState.HALF_OPEN:
                # Of an episode that ended before anybody told the operator there is nothing to take back.
                return Circuit(changed_at=at, notice=Notice.RESUMED if self.told else None)

    def after_probe(self, found: Cause | None, at: int) -> "Circuit":
        """A probe found a reason not to submit, or none. Cards go on saying why until one is accepted."""
        if self.state is not CircuitState.OPEN or found is self.cause:
            return self
        if found is not None:
            return self._opened(found, at, PAUSE_S)
        return replace(self, state=CircuitState.HALF_OPEN, probe_at=None)

    def while_probing(self, at: int) -> "Circuit":
        """Somebody probes now; the next one has its turn after a pause."""
        return replace(self, probe_at=at + int(PAUSE_S * 1000))

    def after_telling(self) -> "Circuit":
        """The operator is being told the notice."""
        if self.notice is None or self.notice is Notice.RESUMED:
            return replace(self, notice=None)
        return replace(self, notice=None, told=self.told | {self.notice})

    def _opened(self, cause: Cause, at: int, pause_s: float) -> "Circuit":
        return replace(
            self,
            state=CircuitState.OPEN,
            cause=cause,
            probe_at=at + int(pause_s * 1000),
            changed_at=self.changed_at if cause is self.cause else at,
            notice=None if cause in self.told else Notice(cause),
        )
