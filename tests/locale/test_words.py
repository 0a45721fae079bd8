"""Every word the bot says exists, is said somewhere, and gets the arguments it needs."""

import re
from collections.abc import Iterable
from importlib.resources import files

import pytest
from fluent.syntax import FluentParser
from fluent.syntax.ast import Message, Resource, VariableReference
from fluent.syntax.visitor import Visitor

from bot import locale
from bot.catalog import Catalogue, OptionKind
from bot.catalog.problems import ProblemCode
from bot.jobs.cancelling import CancelOutcome
from bot.jobs.circuit import Cause, Notice
from bot.jobs.failures import Failure
from bot.jobs.states import JobState
from bot.locale import DEFAULT_LOCALE, MessageMissing, Words, known_locales
from bot.moderation.approvals import Reason
from tests.locale.calls import Asked, every_call, families, strings_given_to


class Variables(Visitor):
    """Collects the arguments a message needs."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_VariableReference(self, node: VariableReference) -> None:  # noqa: N802 - the visitor's own naming
        self.names.add(node.id.name)


def resource(name: str) -> Resource:
    return FluentParser().parse(files(locale).joinpath(f"{name}.ftl").read_text("utf-8"))


def messages(name: str = DEFAULT_LOCALE) -> dict[str, frozenset[str]]:
    """Every message of a language with the arguments it needs."""
    found = {}
    for entry in resource(name).body:
        if isinstance(entry, Message):
            variables = Variables()
            variables.visit(entry)
            found[entry.id.name] = frozenset(variables.names)
    return found


ENGLISH = messages()
CALLS = every_call(frozenset(ENGLISH))


def switches() -> set[str]:
    """The on-off options that a card speaks of."""
    return {
        f"{option.name.replace('_', '-')}-{word}"
        for model in Catalogue.load().values()
        for option in model.options
        if option.kind is OptionKind.BOOLEAN
        for word in ("on", "off")
    }


#: Ids that are put together from pieces, and what the pieces can be. A family that is not named here is only
#: asked to lead to some words; named, it has to have words for every piece, with the right arguments.
FAMILIES: dict[str, Iterable[str]] = {
    "problem-*": ProblemCode,
    "failure-*": Failure,
    # Rendering has a bar to fill, and a call of its own.
    "state-*": set(JobState) - {JobState.IN_PROGRESS},
    "state-queued-*": Cause,
    "operator-*": Notice,
    "cancel-*": CancelOutcome,
    "card-*-*": switches(),
    "limit-*": strings_given_to("Limit"),
    "approval-*": Reason,
    "button-result-*": {"again", "edit", "delete", "delete-now", "report"},
    "job-state-*": JobState,
    "movement-*": {"hold", "release", "refund"},
    "job-price-*": {"held", "paid", "refunded", "returned"},
    "button-quote-*": {"go", "change", "drop"},
}


def ids_of(asked: Asked) -> set[str]:
    """Every message that a call is known to ask for."""
    return {name for pattern in asked.ids for name in expanded(pattern)}


def expanded(pattern: str) -> set[str]:
    if "*" not in pattern:
        return {pattern}
    first, _, rest = pattern.partition("*")
    return {first + piece + rest.replace("-*", "") for piece in FAMILIES.get(pattern, ())}


def relatives(pattern: str) -> set[str]:
    """Every message that looks like one of a family."""
    return {message for message in ENGLISH if re.fullmatch(pattern.replace("*", ".+"), message)}


def test_the_files_have_no_mistakes_in_them() -> None:
    for name in known_locales():
        junk = [entry for entry in resource(name).body if type(entry).__name__ == "Junk"]
        assert junk == [], name


def test_no_message_is_there_twice() -> None:
    for name in known_locales():
        ids = [entry.id.name for entry in resource(name).body if isinstance(entry, Message)]
        assert len(ids) == len(set(ids)), name


def test_something_asks_for_words() -> None:
    assert len(CALLS) > 20


@pytest.mark.parametrize("family", sorted(families()))
def test_every_id_put_together_from_pieces_leads_to_words(family: str) -> None:
    assert relatives(family), families()[family]
    assert expanded(family) - ENGLISH.keys() == set()


def test_every_state_of_a_job_has_words() -> None:
    assert {f"state-{state}" for state in JobState} <= ENGLISH.keys()


def test_everything_that_is_asked_for_is_there() -> None:
    for asked in CALLS:
        assert asked.ids, f"{asked.place}: nobody can tell what is asked for"
        assert ids_of(asked) <= ENGLISH.keys(), asked.place


def test_everything_that_is_there_is_asked_for() -> None:
    asked_for = set().union(*map(ids_of, CALLS))
    asked_for |= set().union(*(relatives(family) for family in families() if family not in FAMILIES))

    assert set(ENGLISH) - asked_for == set()


def test_a_message_gets_all_the_arguments_it_needs() -> None:
    lacking = [
        (asked.place, message, set(ENGLISH[message] - asked.arguments))
        for asked in CALLS
        for message in ids_of(asked) & ENGLISH.keys()
        if not ENGLISH[message] <= asked.arguments
    ]

    assert lacking == []


@pytest.mark.parametrize("value", [0, 1, 2, 21, 1.5, "text", "<@1>"])
def test_every_message_can_be_said_with_any_arguments(value: float | str) -> None:
    for name in known_locales():
        words = Words(name)
        for message, needed in messages(name).items():
            said = words(message, **dict.fromkeys(needed, value))
            assert said.strip(), message
            assert "{" not in said, message


def test_a_missing_argument_is_an_error_and_not_a_gap() -> None:
    message = next(message for message, needed in ENGLISH.items() if needed)

    with pytest.raises(MessageMissing, match=message):
        Words("en")(message)


def test_a_message_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(MessageMissing, match="no-such-message"):
        Words("en")("no-such-message")


@pytest.mark.parametrize("name", ["en-US", "en-GB", "xx", "", "xx-YY"])
def test_an_unknown_language_speaks_english(name: str) -> None:
    assert Words(name)("button-cancel") == Words("en")("button-cancel")


def test_other_languages_say_what_english_says_with_the_same_arguments() -> None:
    for name in known_locales():
        for message, needed in messages(name).items():
            assert needed <= ENGLISH[message], f"{name}: {message}"
