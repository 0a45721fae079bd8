import pytest

from bot.runcomfy.phases import Phase, phase_of

WORDS = {
    "in_queue": Phase.QUEUED,
    "pending": Phase.QUEUED,
    "waiting": Phase.QUEUED,
    "starting": Phase.RUNNING,
    "processing": Phase.RUNNING,
    "in_progress": Phase.RUNNING,
    "completed": Phase.FINISHED,
    "succeeded": Phase.FINISHED,
    "failed": Phase.FAILED,
    "cancelled": Phase.CANCELLED,
    "canceled": Phase.CANCELLED,
}


@pytest.mark.parametrize(("word", "phase"), WORDS.items())
def test_every_word_of_the_contract_has_its_phase_in_any_letter_case(word: str, phase: Phase) -> None:
    spellings = [
        word,
        word.upper(),
        word.title(),
        f" {word} ",
        word.replace("_", "-"),
        word.replace("_", " "),
    ]
    assert {phase_of(spelling) for spelling in spellings} == {phase}


@pytest.mark.parametrize(
    "word", ["", "done", "complete", "error", "fail", "finished", "inqueue", "\u0130n_queue"]
)
def test_any_other_word_is_unknown_and_so_never_an_end(word: str) -> None:
    assert phase_of(word) is Phase.UNKNOWN
