"""Cards: what everybody sees of a job, in every state it can be in."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog import Catalogue
from bot.discord_io.cards import CardFacts, card
from bot.jobs.failures import Failure
from bot.jobs.poster import Progress
from bot.jobs.states import JobState
from bot.locale import Words, known_locales
from bot.rehearsal.screen import buttons_of, lines_of
from tests.catalog.invented import invented_file, write_json
from tests.discord_io.a_job import CATALOGUE, MEMBER, NOW, a_job, an_input, the_card, the_lines
from tests.loopback_discord.components import ComponentType, walk
from tests.loopback_discord.rules_messages import Outcome, problems

#: The state's own line on the card.
SAYS = {
    JobState.AWAITING_APPROVAL: "Waits for a moderator\u2019s yes.",
    JobState.QUEUED: "Waits here for a free place.",
    JobState.SUBMITTING: "On its way to RunComfy.",
    JobState.IN_QUEUE: "Waits at RunComfy.",
    JobState.IN_PROGRESS: "Rendering ▱▱▱▱▱▱▱▱▱▱▱▱ 0 %",
    JobState.RENDERED: "Rendered. Bringing it here.",
    JobState.DELIVERED: "Done. The video is in the reply below.",
    JobState.UNDELIVERABLE: "The video is ready, but could not be posted here.",
    JobState.FAILED: "No video this time.",
    JobState.REJECTED: "A moderator said no.",
    JobState.CANCELLED: "Cancelled.",
    JobState.EXPIRED: "Given up after waiting too long.",
    JobState.UNCERTAIN: "The connection to RunComfy broke at the wrong moment.",
}
CANCELLABLE = {JobState.AWAITING_APPROVAL, JobState.QUEUED, JobState.SUBMITTING, JobState.IN_QUEUE}
STATE_LINE = 3
WORST_PROMPTS = [
    "x" * 6000,
    "*" * 6000,
    "@everyone " * 600,
    "<@!123456789012345678>" * 270,
    "🌊" * 6000,
    "> \n" * 2000,
]


@pytest.mark.parametrize("state", list(JobState))
def test_every_state_has_its_line_its_button_and_its_footer(state: JobState) -> None:
    job = a_job(state, started_at=NOW)

    lines = the_lines(job)

    assert lines[:3] == [f"Seedance 1.0 Lite for <@{MEMBER}>", "Gulls over the bay", "480p · 5 s · 16:9"]
    assert lines[STATE_LINE] == SAYS[state]
    assert buttons_of({"components": the_card(job)}) == (["Cancel"] if state in CANCELLABLE else [])
    if state is JobState.DELIVERED:
        assert lines[-1] == "5 credits spent · job abcdefgh23"
    elif job.ended:
        assert lines[-1] == "Not charged · job abcdefgh23"
    else:
        assert lines[-1] == "5 credits set aside · job abcdefgh23"


@pytest.mark.parametrize("state", list(JobState))
def test_the_card_of_a_kept_video_alone_tells_how_long_it_is_kept(state: JobState) -> None:
    shown = json.dumps(the_card(a_job(state, started_at=NOW)))

    until = NOW // 1000 + 7 * 24 * 3600
    assert (f"up to its deletion: <t:{until}:R>" in shown) == (state is JobState.UNDELIVERABLE)


@pytest.mark.parametrize("state", list(JobState))
@pytest.mark.parametrize("prompt", WORST_PROMPTS, ids=lambda prompt: prompt[:3])
@pytest.mark.parametrize("model", list(CATALOGUE))
def test_the_fullest_card_keeps_discords_limits(model: str, prompt: str, state: JobState) -> None:
    inputs = [an_input(f"image{n}", "image", "png") for n in range(1, 6)]
    inputs += [an_input(f"video{n}", "video", "mp4") for n in range(1, 3)]
    inputs += [an_input(f"audio{n}", "audio", "wav") for n in range(1, 4)]
    options = CATALOGUE[model].complete({"prompt": prompt, "seed": 2**53})
    failure = Failure.SENSITIVE if state is not JobState.DELIVERED else None
    job = a_job(state, model=model, options=options, inputs=tuple(inputs), failure=failure, price=10**9)

    for locale in known_locales():
        components = the_card(replace(job, locale=locale), progress=Progress(position=10**6))

        outcome = Outcome(content="", components=components, embeds=(), attachments=10, has_layout=True)
        assert problems(outcome) == []


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_is_explained(failure: Failure) -> None:
    lines = the_lines(a_job(JobState.FAILED, failure=failure))

    assert lines[STATE_LINE] == "No video this time."
    assert len(lines[STATE_LINE + 1]) > 20
    assert lines[-1].startswith("Not charged")


def test_a_video_that_was_free_is_not_called_spent() -> None:
    for state in (JobState.QUEUED, JobState.DELIVERED):
        assert the_lines(a_job(state, price=0))[-1] == "Not charged · job abcdefgh23"


# --- how far it has come ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("position", "says"),
    [
        (None, "Waits at RunComfy."),
        (0, "Waits at RunComfy, next in line."),
        (3, "Waits at RunComfy, position 3 in its queue."),
    ],
)
def test_the_place_in_the_queue(position: int | None, says: str) -> None:
    lines = the_lines(a_job(JobState.IN_QUEUE), progress=Progress(position=position))

    assert lines[STATE_LINE] == says


@pytest.mark.parametrize(
    ("obstacle", "says"),
    [
        ("no-funds", "needs topping up"),
        ("token", "does not accept my key"),
        ("unreachable", "does not answer right now"),
    ],
)
def test_what_holds_a_waiting_job_up(obstacle: str, says: str) -> None:
    line = the_lines(a_job(), progress=Progress(obstacle=obstacle))[STATE_LINE]

    assert says in line


def test_progress_is_told_in_steps_and_never_claims_to_be_done() -> None:
    usual_ms = int(CATALOGUE["seedance-1-0-lite"].usual_seconds(a_job().options) * 1000)
    job = a_job(JobState.IN_PROGRESS, started_at=NOW)

    told = [the_lines(job, now=NOW + usual_ms * share // 1000)[STATE_LINE] for share in range(0, 1000, 3)]

    percents = [int(re.findall(r"(\d+) %", line)[0]) for line in told]
    bars = [line.count("▰") for line in told]
    assert percents == sorted(percents)
    assert bars == sorted(bars)
    assert set(percents) == set(range(0, 100, 5))
    assert (bars[0], bars[-1]) == (0, 11)
    assert all(line.count("▰") + line.count("▱") == 12 for line in told)


def test_a_late_render_says_so_and_promises_nothing() -> None:
    usual_ms = int(CATALOGUE["seedance-1-0-lite"].usual_seconds(a_job().options) * 1000)
    job = a_job(JobState.IN_PROGRESS, started_at=NOW)

    early, late = the_lines(job, now=NOW + usual_ms - 1), the_lines(job, now=NOW + usual_ms + 1)

    assert "Usually ready soon" in early
    assert late[STATE_LINE] == "Rendering ▰▰▰▰▰▰▰▰▰▰▰▱ Taking longer than usual."
    assert not any("ready" in line for line in late)


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_no_clock_makes_a_card_fail(elapsed_ms: int) -> None:
    line = the_lines(a_job(JobState.IN_PROGRESS, started_at=NOW), now=NOW + elapsed_ms)[STATE_LINE]

    assert line.startswith("Rendering ")


def test_a_render_whose_start_was_not_seen_counts_from_the_last_change() -> None:
    job = a_job(JobState.IN_PROGRESS, started_at=None, updated_at=NOW)

    assert the_lines(job)[STATE_LINE] == "Rendering ▱▱▱▱▱▱▱▱▱▱▱▱ 0 %"


# --- what was asked for ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "chosen", "settings"),
    [
        ("seedance-1-0-lite", {"seed": 7, "ratio": "1:1"}, "480p · 5 s · 1:1 · seed 7"),
        ("seedance-1-0-pro", {"resolution": "1080p", "duration": 12}, "1080p · 12 s · adaptive"),
        ("seedance-1-5-pro", {}, "480p · 5 s · adaptive · sound"),
        (
            "seedance-1-5-pro",
            {"sound": False, "camera_fixed": False},
            "480p · 5 s · adaptive · no sound · camera free",
        ),
        (
            "seedance-2-pro",
            {"web_search": True, "seed": 0},
            "720p · 5 s · adaptive · sound · seed 0 · web search",
        ),
    ],
)
def test_the_settings_tell_what_describes_the_video_and_what_was_changed(
    model: str, chosen: dict[str, str | int | bool], settings: str
) -> None:
    options = CATALOGUE[model].complete({"prompt": "Gulls over the bay", **chosen})

    assert the_lines(a_job(model=model, options=options))[2] == settings


def test_settings_that_nobody_has_words_for_are_shown_by_their_names(tmp_path: Path) -> None:
    write_json(tmp_path / "lantern.json", invented_file())
    model = Catalogue.load(directory=tmp_path)["lantern-3"]
    lines = []
    for loop in (True, False):
        options = model.complete({"prompt": "Glow", "loop": loop})
        facts = CardFacts(replace(a_job(), model="lantern-3", options=options), model, Progress(), NOW)
        components = card(facts, Words("en")).to_components()  # type: ignore[no-untyped-call]  # discord.py's
        lines.append(lines_of({"components": components})[2])

    assert lines == ["loop ✓ · fps 30 · strength 2", "fps 30 · strength 2"]


def test_pictures_and_clips_are_shown_and_sounds_can_be_played() -> None:
    inputs = (
        an_input("image1", "image", "png"),
        an_input("image2", "image", "png", attached=False),
        an_input("video1", "video", "mp4"),
        an_input("audio1", "audio", "wav"),
    )

    parts = list(walk(the_card(a_job(model="seedance-2-pro", inputs=inputs))))

    [gallery] = [part for part in parts if part["type"] == ComponentType.MEDIA_GALLERY]
    shown = [item["media"]["url"] for item in gallery["items"]]
    assert shown == ["attachment://image1.png", "attachment://video1.mp4"]
    [file] = [part for part in parts if part["type"] == ComponentType.FILE]
    assert file["file"]["url"] == "attachment://audio1.wav"


def test_the_cancel_button_carries_the_job_in_its_id() -> None:
    [button] = [part for part in walk(the_card(a_job())) if part["type"] == ComponentType.BUTTON]

    assert button["custom_id"] == "job:cancel:abcdefgh23"
