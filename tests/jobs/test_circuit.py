"""The circuit breaker's decisions, one event at a time."""

from dataclasses import replace

import pytest

from bot.jobs.circuit import LONGEST_PAUSE_S, MOST_LOST, PAUSE_S, Cause, Circuit, CircuitState, Notice

AT = 1_000_000
PAUSE_MS = int(PAUSE_S * 1000)
CLOSED = Circuit()


def opened(cause: Cause = Cause.NO_FUNDS) -> Circuit:
    return CLOSED.after_refusal(cause, AT)


def half_open(cause: Cause = Cause.NO_FUNDS) -> Circuit:
    return opened(cause).after_telling().after_probe(None, AT)


def after_losses(times: int, circuit: Circuit = CLOSED) -> Circuit:
    for _ in range(times):
        circuit = circuit.after_loss(AT)
    return circuit


def test_it_opens_with_the_last_loss_that_is_allowed_and_not_before() -> None:
    assert after_losses(MOST_LOST - 1).state is CircuitState.CLOSED
    full = after_losses(MOST_LOST)

    assert (full.state, full.cause, full.probe_at) == (
        CircuitState.OPEN,
        Cause.UNREACHABLE,
        AT + PAUSE_MS,
    )
    assert full.notice is Notice.UNREACHABLE


@pytest.mark.parametrize("lost", range(MOST_LOST))
def test_submits_under_way_and_lost_ones_share_one_bound(lost: int) -> None:
    circuit = after_losses(lost)

    assert [circuit.has_room(under_way) for under_way in range(MOST_LOST + 1)] == [
        under_way + lost < MOST_LOST for under_way in range(MOST_LOST + 1)
    ]


def test_an_acceptance_begins_the_row_anew() -> None:
    assert after_losses(MOST_LOST - 1).after_acceptance(AT) == CLOSED


def test_an_open_circuit_has_no_room_and_a_half_open_one_has_room_for_one() -> None:
    assert not opened().has_room(0)
    assert half_open().has_room(0)
    assert not half_open().has_room(1)


@pytest.mark.parametrize("cause", [Cause.NO_FUNDS, Cause.TOKEN])
def test_one_refusal_for_the_operators_sake_opens_it(cause: Cause) -> None:
    circuit = CLOSED.after_refusal(cause, AT)

    assert (circuit.state, circuit.cause, circuit.notice) == (CircuitState.OPEN, cause, Notice(cause))


def test_more_refusals_of_the_same_kind_do_not_put_off_the_probe() -> None:
    assert opened().after_refusal(Cause.NO_FUNDS, AT + 500) == opened()


def test_a_refusal_does_not_make_up_for_losses() -> None:
    assert after_losses(2).after_refusal(Cause.TOKEN, AT).lost == 2


def test_an_answer_that_was_under_way_when_it_opened_neither_closes_it_nor_puts_off_the_probe() -> None:
    circuit = opened()

    assert circuit.after_acceptance(AT + 1) == circuit
    assert circuit.after_loss(AT + 1) == replace(circuit, lost=1)


def test_a_probe_that_finds_nothing_wrong_lets_one_through_and_the_cause_stays_until_it_is_accepted() -> None:
    trial = opened().after_telling().after_probe(None, AT)
    assert (trial.state, trial.cause, trial.probe_at) == (CircuitState.HALF_OPEN, Cause.NO_FUNDS, None)
    closed = trial.after_acceptance(AT + 7)

    assert closed == Circuit(changed_at=AT + 7, notice=Notice.RESUMED)


def test_a_probe_that_finds_another_cause_says_so() -> None:
    circuit = opened(Cause.UNREACHABLE).after_telling().after_probe(Cause.TOKEN, AT + 5)

    assert (circuit.state, circuit.cause, circuit.notice) == (
        CircuitState.OPEN,
        Cause.TOKEN,
        Notice.TOKEN,
    )


def test_a_probe_of_a_circuit_that_is_not_open_any_more_changes_nothing() -> None:
    assert CLOSED.after_probe(Cause.TOKEN, AT) == CLOSED
    assert half_open().after_probe(Cause.TOKEN, AT) == half_open()


def test_a_loss_while_half_open_opens_it_at_once() -> None:
    assert half_open().after_loss(AT).state is CircuitState.OPEN


def test_each_further_loss_doubles_the_pause_up_to_a_cap() -> None:
    """Reads may succeed all the while: then each trial may cost a video."""
    circuit, pauses = after_losses(MOST_LOST), []
    for _ in range(10):
        circuit = circuit.after_probe(None, AT).after_loss(AT)
        pauses.append((circuit.probe_at or 0) - AT)

    assert pauses[:3] == [PAUSE_MS * 2, PAUSE_MS * 4, PAUSE_MS * 8]
    assert pauses[-1] == LONGEST_PAUSE_S * 1000


def test_the_next_probe_is_due_a_pause_after_the_last_one_began() -> None:
    circuit = opened()
    assert not circuit.probe_is_due(AT + PAUSE_MS - 1)
    assert circuit.probe_is_due(AT + PAUSE_MS)

    assert circuit.while_probing(AT + PAUSE_MS).probe_at == AT + 2 * PAUSE_MS


# --- what the operator is told ------------------------------------------------------------------------


def test_a_cause_is_told_once_an_episode_however_often_it_comes_back() -> None:
    circuit = opened().after_telling()
    for _ in range(3):
        circuit = circuit.after_probe(None, AT).after_refusal(Cause.NO_FUNDS, AT)
        assert circuit.notice is None
    circuit = circuit.after_probe(None, AT).after_refusal(Cause.TOKEN, AT)
    assert circuit.notice is Notice.TOKEN
    circuit = circuit.after_telling().after_refusal(Cause.NO_FUNDS, AT)
    assert circuit.notice is None

    over = circuit.after_probe(None, AT).after_acceptance(AT).after_telling()
    assert over.notice is None
    assert over.after_refusal(Cause.NO_FUNDS, AT).notice is Notice.NO_FUNDS


def test_of_an_episode_that_nobody_heard_of_the_end_is_not_told_either() -> None:
    assert opened().after_probe(None, AT).after_acceptance(AT).notice is None
