import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rehearsal.runcomfy.pricing import Order, read_order
from bot.rehearsal.runcomfy.queue import Duration, Queue, Render, State

from .conftest import SCHEMAS, Clock

ORDER = Order(seconds=5, resolution="480p", ratio="16:9", sound=False)


def queue_of(clock: Clock, *, slots: int = 1, queue_s: Duration = 0.0, render_s: Duration = 60.0) -> Queue:
    return Queue(clock=clock, slots=slots, queue_s=queue_s, render_s=render_s, rng=random.Random(1))


def join(queue: Queue, name: str) -> Render:
    return queue.join(request_id=name, model_id="m", payload={}, order=ORDER)


def advance(queue: Queue) -> None:
    queue.advance(starting=lambda render: render.render_s)


def test_a_place_is_taken_by_the_first_and_handed_on_when_it_ends(clock: Clock) -> None:
    queue = queue_of(clock)
    first, second, third = (join(queue, name) for name in "abc")
    advance(queue)
    assert [render.state for render in (first, second, third)] == [State.RUNNING, State.QUEUED, State.QUEUED]
    assert [queue.position(render) for render in (second, third)] == [0, 1]
    clock.now += 60
    advance(queue)
    assert [render.state for render in (first, second, third)] == [State.ENDED, State.RUNNING, State.QUEUED]


def test_looking_late_gives_the_same_history_as_looking_often() -> None:
    histories = []
    for step in (1, 500):
        clock = Clock()
        queue = queue_of(clock, slots=2, queue_s=(5.0, 50.0), render_s=(10.0, 90.0))
        renders = [join(queue, str(number)) for number in range(6)]
        for _ in range(0, 500, step):
            clock.now += step
            advance(queue)
        histories.append([(render.started_at, render.ended_at, render.state) for render in renders])
    assert histories[0] == histories[1]
    assert {state for _, _, state in histories[0]} == {State.ENDED}


def test_a_cancelled_request_leaves_its_turn_to_the_next(clock: Clock) -> None:
    queue = queue_of(clock, queue_s=10.0)
    first, second = join(queue, "a"), join(queue, "b")
    assert queue.cancel(first)
    assert not queue.cancel(first)
    clock.now += 10
    advance(queue)
    assert (first.state, second.state) == (State.CANCELLED, State.RUNNING)
    assert not queue.cancel(second)


def test_a_render_that_never_ends_keeps_its_place(clock: Clock) -> None:
    queue = queue_of(clock)
    first, second = join(queue, "a"), join(queue, "b")
    queue.advance(starting=lambda _: float("inf"))
    clock.now += 1e9
    advance(queue)
    assert (first.state, second.state) == (State.RUNNING, State.QUEUED)


@given(st.integers(1, 4), st.lists(st.floats(0, 40), min_size=1, max_size=12))
def test_there_are_never_more_renders_than_places(slots: int, pauses: list[float]) -> None:
    clock = Clock()
    queue = queue_of(clock, slots=slots, queue_s=lambda rng: rng.uniform(0, 20), render_s=(1.0, 50.0))
    for number, pause in enumerate(pauses):
        clock.now += pause
        advance(queue)
        join(queue, str(number))
    clock.now += 10_000
    advance(queue)
    spans = [(render.started_at or 0.0, render.ended_at or 0.0) for render in queue.renders.values()]
    busiest = max(sum(begun <= start < over for begun, over in spans) for start, _ in spans)
    assert busiest <= slots
    assert all(render.state is State.ENDED for render in queue.renders.values())


@pytest.mark.parametrize(
    ("payload", "order", "cost"),
    [
        ({"prompt": "x"}, Order(5, "480p", "adaptive", sound=True), "0.10"),
        (
            {"duration": 8, "resolution": "720p", "aspect_ratio": "9:16"},
            Order(8, "720p", "9:16", sound=True),
            "0.40",
        ),
        ({"generate_audio": False}, Order(5, "480p", "adaptive", sound=False), "0.10"),
    ],
)
def test_an_order_is_read_with_the_defaults_of_its_schema(
    payload: dict[str, Any], order: Order, cost: str
) -> None:
    found = read_order(SCHEMAS["bytedance/seedance-v2/pro"], payload)
    assert found == order
    assert found.cost_usd == Decimal(cost)


@pytest.mark.parametrize(
    ("resolution", "ratio", "picture", "size"),
    [
        ("480p", "16:9", None, (854, 480)),
        ("480p", "9:16", None, (480, 854)),
        ("720p", "1:1", None, (720, 720)),
        ("480p", "21:9", None, (1120, 480)),
        ("480p", "adaptive", None, (854, 480)),
        ("480p", "adaptive", (300, 400), (480, 640)),
    ],
)
def test_a_video_has_the_size_asked_for(
    resolution: str, ratio: str, picture: tuple[int, int] | None, size: tuple[int, int]
) -> None:
    assert Order(5, resolution, ratio, sound=False).size(picture=picture, scale=1.0) == size
