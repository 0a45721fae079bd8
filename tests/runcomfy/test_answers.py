from decimal import Decimal
from typing import Any

import pytest

from bot.runcomfy import CancelOutcome, Phase
from bot.runcomfy.answers import (
    is_request_id,
    read_balance,
    read_cancel,
    read_model,
    read_models,
    read_result,
    read_status,
)

A = "https://files.runcomfy.net/acct/a.mp4"
B = "https://files.runcomfy.net/acct/b.mp4"


@pytest.mark.parametrize(
    ("answer", "phase"),
    [
        ({"status": "succeeded", "output": {"video": A}}, Phase.FINISHED),
        ({"status": "Succeeded", "output": {"video": A}, "error": None}, Phase.FINISHED),
        ({"status": "succeeded", "output": {"video": A}, "error": "a note"}, Phase.FINISHED),
        ({"status": "succeeded", "output": {}}, Phase.FINISHED),
        ({"status": "succeeded", "error": "nothing came out"}, Phase.FAILED),
        ({"status": "completed", "output": {"video": A}}, Phase.FINISHED),
        ({"status": "COMPLETED", "output": {"videos": [A]}, "error": ""}, Phase.FINISHED),
        ({"status": "completed", "output": {"video": A}, "error": "held back"}, Phase.FAILED),
        ({"status": "completed", "error": {"code": "X"}}, Phase.FAILED),
        ({"status": "completed", "output": {}}, Phase.FAILED),
        ({"status": "completed"}, Phase.FAILED),
        ({"status": "failed"}, Phase.FAILED),
        ({"status": "failed", "output": {"video": A}}, Phase.FAILED),
        ({"status": "canceled"}, Phase.CANCELLED),
        ({"status": "in_progress"}, Phase.RUNNING),
        ({"status": "in_queue"}, Phase.QUEUED),
        ({"status": "polishing", "output": {"video": A}}, Phase.UNKNOWN),
    ],
)
def test_the_result_decides_success(answer: dict[str, Any], phase: Phase) -> None:
    result = read_result(answer, secret="")
    assert result is not None
    assert result.phase is phase


@pytest.mark.parametrize(
    ("output", "urls"),
    [
        ({"video": A}, (A,)),
        ({"videos": [A, B]}, (A, B)),
        ({"videos": [B, A], "video": A}, (A, B)),
        ({"videos": [A, A, B, A]}, (A, B)),
        ({"videos": A}, (A,)),
        ({"video": None, "videos": [None, 3, "", "ftp://x/y", f" {A} "]}, (A,)),
        ({"image": "https://x/y.png"}, ()),
        ({"video": "https://x/a b.mp4"}, ()),
        ([A], ()),
        (A, ()),
        (None, ()),
    ],
)
def test_videos_come_in_order_once_each_and_video_first(output: Any, urls: tuple[str, ...]) -> None:
    result = read_result({"status": "succeeded", "output": output}, secret="")
    assert result is not None
    assert result.video_urls == urls
    assert result.without_video is (not urls)


@pytest.mark.parametrize(
    ("cost", "usd"),
    [
        (0.1, "0.1"),
        (0, "0"),
        ("0.75", "0.75"),
        (1e-7, "1E-7"),
        (-1, None),
        (True, None),
        (None, None),
        ("free", None),
        ("NaN", None),
        (float("inf"), None),
        (10**300, None),
        ({"usd": 1}, None),
    ],
)
def test_a_cost_is_an_exact_amount_or_nothing(cost: Any, usd: str | None) -> None:
    result = read_result({"status": "succeeded", "cost": cost}, secret="")
    assert result is not None
    assert result.cost_usd == (None if usd is None else Decimal(usd))


@pytest.mark.parametrize(
    ("position", "read"),
    [(3, 3), ("3", 3), (0, 0), (-1, None), (True, None), ("x", None), (1.5, None), ([], None)],
)
def test_a_queue_position_is_a_count_and_only_a_queued_request_has_one(
    position: Any, read: int | None
) -> None:
    queued = read_status({"status": "in_queue", "queue_position": position}, secret="")
    running = read_status({"status": "in_progress", "queue_position": position}, secret="")
    assert queued is not None
    assert running is not None
    assert (queued.queue_position, running.queue_position) == (read, None)


@pytest.mark.parametrize(
    "document", [None, [], "in_queue", {}, {"status": None}, {"status": 3}, {"status": ["x"]}]
)
def test_an_answer_without_a_state_is_no_answer(document: Any) -> None:
    assert read_status(document, secret="") is None
    assert read_result(document, secret="") is None


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"outcome": "cancelled"}, CancelOutcome.CANCELLED),
        ({"outcome": "CANCELED"}, CancelOutcome.CANCELLED),
        ({"outcome": "not_cancellable", "status": "in_progress"}, CancelOutcome.NOT_CANCELLABLE),
        ({"outcome": "not_cancellable", "status": "cancelled"}, CancelOutcome.CANCELLED),
        ({"status": "cancelled"}, CancelOutcome.CANCELLED),
        ({"status": "completed"}, CancelOutcome.NOT_CANCELLABLE),
        ({"outcome": "maybe"}, CancelOutcome.NOT_CANCELLABLE),
        ({}, None),
        ({"outcome": 1}, None),
        ([], None),
    ],
)
def test_a_cancel_is_only_believed_where_it_says_cancelled(
    answer: Any, outcome: CancelOutcome | None
) -> None:
    assert read_cancel(answer) is outcome


@pytest.mark.parametrize("value", ["a", "A-1_b.c:d", "x" * 200])
def test_ids_of_the_usual_shape_are_request_ids(value: str) -> None:
    assert is_request_id(value)


@pytest.mark.parametrize(
    "value", ["", ".", "..", "a/b", "a b", "a\n", "x" * 201, "\u00e9", "a?b", "%2e", None, 7]
)
def test_nothing_else_is_a_request_id(value: Any) -> None:
    assert not is_request_id(value)


def test_a_model_keeps_what_can_be_read_and_leaves_the_rest() -> None:
    model = read_model(
        {
            "model_id": "a/b",
            "display_name": None,
            "categories": "video",
            "input_schema": {"properties": {"x": {"minimum": 0.4}}},
            "base_price_usd": "0.05",
            "price_unit": "second",
            "pricing_note": 7,
        }
    )
    assert model is not None
    assert (model.display_name, model.categories, model.pricing_note) == ("", (), None)
    assert (model.base_price_usd, model.price_unit) == (Decimal("0.05"), "second")
    assert model.input_schema == {"properties": {"x": {"minimum": 0.4}}}
    assert read_model({"display_name": "no id"}) is None


@pytest.mark.parametrize("document", [[1], {"models": [1]}, {"data": [1]}, {"items": [1]}, {"results": [1]}])
def test_a_page_of_models_is_a_list_bare_or_named(document: Any) -> None:
    assert read_models(document) == [1]


@pytest.mark.parametrize(
    ("document", "usd"),
    [
        ({"balance_usd": 12.34, "balance_microdollars": 1}, "12.34"),
        ({"balance_usd": None, "balance_microdollars": 12_340_000}, "12.34"),
        ({"balance_usd": "-0.5"}, "-0.5"),
        ({"balance_microdollars": True}, None),
        ({}, None),
        ([], None),
    ],
)
def test_a_balance_is_dollars_or_else_microdollars(document: Any, usd: str | None) -> None:
    assert read_balance(document) == (None if usd is None else Decimal(usd))
