"""The state diagram, arrow by arrow."""

from itertools import product

import pytest

from bot.errors import InvalidTransition
from bot.jobs.states import AT_RUNCOMFY, ENDED, JobState, check_transition

#: The diagram as a person would draw it.
ARROWS = {
    "awaiting_approval": "queued rejected cancelled expired failed",
    "queued": "submitting cancelled failed expired",
    "submitting": "in_queue queued failed uncertain",
    "in_queue": "in_progress rendered failed cancelled expired",
    "in_progress": "in_queue rendered failed cancelled expired",
    "rendered": "delivered undeliverable failed cancelled",
}
DRAWN = {(JobState(before), JobState(after)) for before in ARROWS for after in ARROWS[before].split()}


@pytest.mark.parametrize(("before", "after"), sorted(DRAWN))
def test_an_arrow_of_the_diagram_may_be_gone_along(before: JobState, after: JobState) -> None:
    check_transition(before, after)


@pytest.mark.parametrize(("before", "after"), sorted(set(product(JobState, JobState)) - DRAWN))
def test_there_is_no_other_way(before: JobState, after: JobState) -> None:
    with pytest.raises(InvalidTransition) as refused:
        check_transition(before, after)

    assert (refused.value.before, refused.value.after) == (before, after)


def test_a_job_that_has_ended_never_changes_again() -> None:
    assert {before for before, _ in DRAWN}.isdisjoint(ENDED)
    assert {before for before, _ in DRAWN} | ENDED == set(JobState)


def test_every_state_can_be_reached_and_every_job_can_end() -> None:
    reached = {JobState.AWAITING_APPROVAL}
    while more := {after for before, after in DRAWN if before in reached} - reached:
        reached |= more
    assert reached == set(JobState)

    ends = set(ENDED)
    while more := {before for before, after in DRAWN if after in ends} - ends:
        ends |= more
    assert ends == set(JobState)


def test_a_video_is_posted_only_after_it_was_submitted_and_rendered() -> None:
    for goal, gate in ((JobState.DELIVERED, JobState.RENDERED), (JobState.IN_QUEUE, JobState.SUBMITTING)):
        reached = {JobState.AWAITING_APPROVAL}
        while more := {after for before, after in DRAWN if before in reached and after != gate} - reached:
            reached |= more
        assert goal not in reached


def test_a_place_at_runcomfy_is_taken_from_the_submit_until_the_end_of_the_render() -> None:
    assert {JobState.SUBMITTING, JobState.IN_QUEUE, JobState.IN_PROGRESS} == AT_RUNCOMFY
