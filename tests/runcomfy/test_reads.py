"""Status, result, cancel, catalogue and balance, against every shape and fault of the stand-in."""

import logging
import traceback
from decimal import Decimal

import aiohttp
import pytest
import structlog
import yarl
from pydantic import JsonValue, SecretStr

from bot.errors import OutOfFunds, Rejected, RequestNotFound, RunComfyError, Transient, Unauthorised
from bot.rehearsal.runcomfy import Fault, StandIn
from bot.rehearsal.runcomfy.words import UNKNOWN_WORD
from bot.runcomfy import CancelOutcome, Phase, RetryPolicy, RunComfyClient, Timeouts, open_client

from .conftest import FRAME_MODEL, MODEL, SCHEMAS, TOKEN, Clock, Sleeps

PAYLOAD: dict[str, JsonValue] = {"prompt": "a lighthouse at dusk", "duration": 4}
WAIT_S = 10.0
RENDER_S = 60.0
CALLS = ("status", "result", "cancel", "model", "models", "balance")
READ_FAULTS = [fault for fault in Fault if fault.startswith("read-") and fault is not Fault.READ_HANG]


async def test_a_request_is_followed_from_the_queue_to_its_video(
    client: RunComfyClient, stand_in: StandIn, clock: Clock
) -> None:
    first, second = [await client.submit(MODEL, PAYLOAD) for _ in range(2)]
    waiting = await client.status(second)
    assert (waiting.phase, waiting.queue_position, waiting.raw) == (Phase.QUEUED, 1, "in_queue")
    clock.now += WAIT_S
    assert (await client.status(first)).phase is Phase.RUNNING
    assert (await client.status(second)).queue_position == 0
    assert (await client.result(first)).phase is Phase.RUNNING
    clock.now += RENDER_S
    assert (await client.status(first)).phase is Phase.FINISHED
    result = await client.result(first)
    assert result.phase is Phase.FINISHED
    assert result.cost_usd == Decimal("0.08")
    assert [yarl.URL(url).origin() for url in result.video_urls] == [stand_in.origin]


async def ended(client: RunComfyClient, clock: Clock) -> str:
    """Submit, let it start, and let its time pass."""
    request_id = await client.submit(MODEL, PAYLOAD)
    clock.now += WAIT_S
    await client.status(request_id)
    clock.now += RENDER_S
    return request_id


@pytest.mark.parametrize("fault", [Fault.ODD_SPELLING, Fault.OTHER_SPELLING, Fault.UPPER_CASE])
async def test_every_spelling_of_the_states_is_understood(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, fault: Fault
) -> None:
    stand_in.faults.add(fault, times=None)
    request_id = await client.submit(MODEL, PAYLOAD)
    seen = [(await client.status(request_id)).phase]
    clock.now += WAIT_S
    seen.append((await client.status(request_id)).phase)
    clock.now += RENDER_S
    seen.append((await client.status(request_id)).phase)
    assert seen == [Phase.QUEUED, Phase.RUNNING, Phase.FINISHED]
    result = await client.result(request_id)
    assert (result.phase, result.without_video) == (Phase.FINISHED, False)


async def test_a_cancelled_request_is_cancelled_in_every_spelling(
    client: RunComfyClient, stand_in: StandIn
) -> None:
    for fault in (Fault.GONE, Fault.ODD_SPELLING, Fault.UPPER_CASE):
        stand_in.faults.clear()
        request_id = await client.submit(MODEL, PAYLOAD)
        assert await client.cancel(request_id) is CancelOutcome.CANCELLED
        if fault is not Fault.GONE:
            stand_in.faults.add(fault)
        assert (await client.status(request_id)).phase is Phase.CANCELLED
        assert (await client.result(request_id)).phase is Phase.CANCELLED


async def test_an_unknown_state_is_no_end_and_is_logged_once_a_word(
    client: RunComfyClient, stand_in: StandIn
) -> None:
    stand_in.faults.add(Fault.UNKNOWN_STATUS_WORD, times=3)
    request_id = await client.submit(MODEL, PAYLOAD)
    with structlog.testing.capture_logs() as logs:
        phases = [(await client.status(request_id)).phase for _ in range(2)]
        phases.append((await client.result(request_id)).phase)
    assert phases == [Phase.UNKNOWN] * 3
    assert [entry["word"] for entry in logs if entry["event"] == "runcomfy.unknown_state"] == [UNKNOWN_WORD]
    assert (await client.status(request_id)).phase is Phase.QUEUED


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.FAILS_WITH_TEXT, "the renderer gave up"),
        (Fault.FAILS_WITH_OBJECT, "InternalError: the renderer gave up"),
        (Fault.FAILS_WITHOUT_ERROR, None),
        (Fault.SENSITIVE_CONTENT, "OutputVideoSensitiveContentDetected: the video was held back"),
        (Fault.SENSITIVE_AUDIO, "OutputAudioSensitiveContentDetected: the sound was held back"),
    ],
)
@pytest.mark.parametrize("words", [Fault.UPPER_CASE, Fault.RESULT_SAYS_COMPLETED, Fault.STATUS_SAYS_FAILED])
async def test_a_failure_is_one_whatever_words_it_comes_in(
    stand_in: StandIn, clock: Clock, fault: Fault, error: str | None, words: Fault
) -> None:
    stand_in.faults.add(fault)
    stand_in.faults.add(words)
    async with open_client(base=stand_in.api_base, token=SecretStr(TOKEN)) as client:
        request_id = await ended(client, clock)
        status, result = await client.status(request_id), await client.result(request_id)
    assert status.phase is (Phase.FAILED if words is Fault.STATUS_SAYS_FAILED else Phase.FINISHED)
    assert (result.phase, result.error, result.video_urls) == (Phase.FAILED, error, ())
    assert result.cost_usd is None


async def test_a_refused_soundtrack_would_have_passed_without_sound(
    client: RunComfyClient, stand_in: StandIn, clock: Clock
) -> None:
    stand_in.faults.add(Fault.SENSITIVE_AUDIO)
    request_id = await client.submit(MODEL, {**PAYLOAD, "generate_audio": False})
    clock.now += WAIT_S + RENDER_S
    assert (await client.result(request_id)).phase is Phase.FINISHED


@pytest.mark.parametrize(
    ("fault", "videos"),
    [(None, 1), (Fault.RESULT_VIDEOS, 2), (Fault.RESULT_BOTH, 2), (Fault.RESULT_SAYS_COMPLETED, 1)],
)
async def test_videos_are_found_wherever_they_are_named(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, fault: Fault | None, videos: int
) -> None:
    if fault is not None:
        stand_in.faults.add(fault)
    result = await client.result(await ended(client, clock))
    assert result.phase is Phase.FINISHED
    assert [url.rpartition("/")[2] for url in result.video_urls] == ["video-1.mp4", "video-2.mp4"][:videos]


@pytest.mark.parametrize("fault", [Fault.RESULT_WITHOUT_VIDEO, Fault.RESULT_WITHOUT_OUTPUT])
async def test_a_success_without_a_video_can_be_told_apart(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, fault: Fault
) -> None:
    stand_in.faults.add(fault)
    result = await client.result(await ended(client, clock))
    assert (result.phase, result.without_video) == (Phase.FINISHED, True)


@pytest.mark.parametrize(
    ("fault", "cost"), [(Fault.COST_AS_TEXT, Decimal("0.08")), (Fault.COST_MISSING, None)]
)
async def test_a_cost_may_be_a_text_or_missing(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, fault: Fault, cost: Decimal | None
) -> None:
    stand_in.faults.add(fault)
    assert (await client.result(await ended(client, clock))).cost_usd == cost


async def test_a_queue_position_may_be_a_text(client: RunComfyClient, stand_in: StandIn) -> None:
    stand_in.faults.add(Fault.POSITION_AS_TEXT)
    assert (await client.status(await client.submit(MODEL, PAYLOAD))).queue_position == 0


async def test_a_render_that_never_finishes_keeps_running(
    client: RunComfyClient, stand_in: StandIn, clock: Clock
) -> None:
    stand_in.faults.add(Fault.NEVER_FINISHES)
    request_id = await ended(client, clock)
    clock.now += 1_000_000
    assert (await client.status(request_id)).phase is Phase.RUNNING


# aiohttp asks a second time by itself where a connection drops under a GET (and only then: no POST).
DROPPED = {Fault.READ_RESET_BEFORE, Fault.READ_RESET_AFTER}
# What is a fault for other calls is a good answer for these.
NO_FAULT = {("models", Fault.READ_NOT_AN_OBJECT)} | {
    (call, Fault.READ_404_HTML) for call in ("model", "models", "balance")
}
PASSING = [(call, fault) for call in CALLS for fault in READ_FAULTS if (call, fault) not in NO_FAULT]


@pytest.mark.parametrize(("call", "fault"), PASSING)
async def test_a_passing_fault_is_overcome_by_asking_again(
    client: RunComfyClient, stand_in: StandIn, sleeps: Sleeps, fault: Fault, call: str
) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    stand_in.faults.add(fault)
    await ask(client, call, request_id)
    assert stand_in.faults.hits == {fault: 1}
    if fault in DROPPED and call != "cancel":
        assert sleeps.seconds == []
    else:
        assert sleeps.seconds == [1.0 if fault is Fault.READ_429_RETRY_AFTER else 0.5]


async def ask(client: RunComfyClient, call: str, request_id: str) -> object:
    match call:
        case "status":
            return await client.status(request_id)
        case "result":
            return await client.result(request_id)
        case "cancel":
            return await client.cancel(request_id)
        case "model":
            return await client.model(MODEL)
        case "models":
            return await client.models()
        case _:
            return await client.balance()


@pytest.mark.parametrize("fault", READ_FAULTS)
async def test_a_lasting_fault_is_transient_after_a_bounded_number_of_attempts(
    client: RunComfyClient, stand_in: StandIn, sleeps: Sleeps, fault: Fault
) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    stand_in.faults.add(fault, times=None)
    with pytest.raises(Transient):
        await client.status(request_id)
    assert stand_in.calls["status"] == (6 if fault in DROPPED else 3)
    assert len(sleeps.seconds) == 2


async def test_a_read_that_is_never_answered_is_transient(stand_in: StandIn, retry: RetryPolicy) -> None:
    stand_in.faults.add(Fault.READ_HANG, times=None)
    timeouts = Timeouts(read_s=0.1)
    async with open_client(
        base=stand_in.api_base, token=SecretStr(TOKEN), retry=retry, timeouts=timeouts
    ) as client:
        with pytest.raises(Transient):
            await client.balance()
    assert stand_in.calls["balance"] == 3


async def test_a_long_retry_after_is_handed_to_the_caller_at_once(
    client: RunComfyClient, stand_in: StandIn, sleeps: Sleeps
) -> None:
    stand_in.faults.retry_after = "600"
    stand_in.faults.add(Fault.READ_429_RETRY_AFTER, times=None)
    with pytest.raises(Transient) as caught:
        await client.balance()
    assert caught.value.retry_after_s == 600.0
    assert (stand_in.calls["balance"], sleeps.seconds) == (1, [])


async def test_a_server_that_is_away_for_a_moment_is_found_again(stand_in: StandIn, sleeps: Sleeps) -> None:
    async def come_back(delay_s: float) -> None:
        await sleeps(delay_s)
        await stand_in.accept_connections()

    policy = RetryPolicy(sleep=come_back)
    async with open_client(base=stand_in.api_base, token=SecretStr(TOKEN), retry=policy) as client:
        await client.balance()
        await stand_in.refuse_connections()
        assert await client.balance() == Decimal(100)
    assert len(sleeps.seconds) == 1


REFUSALS: dict[Fault, type[RunComfyError]] = {
    Fault.TOKEN_EXPIRED: Unauthorised,
    Fault.UNAUTHORISED_401: Unauthorised,
    Fault.FORBIDDEN_403: Unauthorised,
    Fault.PAYMENT_REQUIRED_402: OutOfFunds,
    Fault.SOMEBODY_ELSES: Unauthorised,
    Fault.GONE: RequestNotFound,
}


@pytest.mark.parametrize(("fault", "kind"), REFUSALS.items())
@pytest.mark.parametrize("call", ["status", "result", "cancel"])
async def test_a_clear_no_is_not_asked_again(
    client: RunComfyClient, stand_in: StandIn, fault: Fault, kind: type[RunComfyError], call: str
) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    stand_in.faults.add(fault, times=None)
    with pytest.raises(RunComfyError) as caught:
        await ask(client, call, request_id)
    assert type(caught.value) is kind
    assert stand_in.calls[call] == 1


async def test_a_result_may_be_gone_while_the_status_is_still_there(
    client: RunComfyClient, stand_in: StandIn, clock: Clock
) -> None:
    stand_in.faults.add(Fault.RESULT_GONE)
    request_id = await ended(client, clock)
    assert (await client.status(request_id)).phase is Phase.FINISHED
    with pytest.raises(RequestNotFound) as caught:
        await client.result(request_id)
    assert caught.value.code == 404001


async def test_a_request_nobody_knows_is_not_found(client: RunComfyClient) -> None:
    with pytest.raises(RequestNotFound):
        await client.status("never-submitted")


@pytest.mark.parametrize("request_id", ["", "..", "a/b", "a?b", "x" * 201])
async def test_a_malformed_request_id_is_refused_before_anything_is_sent(
    client: RunComfyClient, stand_in: StandIn, request_id: str
) -> None:
    for ask_about in (client.status, client.result, client.cancel):
        with pytest.raises(Rejected):
            await ask_about(request_id)
    assert stand_in.calls.total() == 0


async def test_only_a_queued_request_is_cancelled(client: RunComfyClient, clock: Clock) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    clock.now += WAIT_S
    assert await client.cancel(request_id) is CancelOutcome.NOT_CANCELLABLE
    assert (await client.status(request_id)).phase is Phase.RUNNING


async def test_a_queued_request_may_be_past_cancelling_all_the_same(
    client: RunComfyClient, stand_in: StandIn
) -> None:
    stand_in.faults.add(Fault.NOT_CANCELLABLE)
    request_id = await client.submit(MODEL, PAYLOAD)
    assert await client.cancel(request_id) is CancelOutcome.NOT_CANCELLABLE


@pytest.mark.parametrize("fault", [Fault.READ_RESET_AFTER, Fault.CANCEL_WITHOUT_OUTCOME, Fault.READ_502_HTML])
async def test_a_cancel_whose_answer_was_lost_is_known_by_the_state(
    client: RunComfyClient, stand_in: StandIn, fault: Fault
) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    stand_in.faults.add(fault)
    assert await client.cancel(request_id) is CancelOutcome.CANCELLED


@pytest.mark.parametrize("fault", [None, Fault.MODELS_BARE_LIST])
async def test_the_catalogue_is_listed_in_full(
    client: RunComfyClient, stand_in: StandIn, fault: Fault | None
) -> None:
    if fault is not None:
        stand_in.faults.add(fault, times=None)
    models = await client.models(include_schema=True)
    assert {model.model_id: model.input_schema for model in models} == SCHEMAS
    assert {(model.base_price_usd, model.price_unit) for model in models} == {(Decimal("0.02"), "second")}
    assert [model.model_id for model in await client.models(search="v2")] == [MODEL]
    assert {model.input_schema for model in await client.models()} == {None}


async def test_a_long_catalogue_is_read_page_after_page(retry: RetryPolicy) -> None:
    schemas = {f"maker/model-{number:03}": SCHEMAS[MODEL] for number in range(120)}
    async with (
        StandIn(schemas=schemas, token=TOKEN) as stand_in,
        open_client(base=stand_in.api_base, token=SecretStr(TOKEN), retry=retry) as client,
    ):
        assert [model.model_id for model in await client.models()] == sorted(schemas)
    assert stand_in.calls["models"] == 4


async def test_a_single_model_shows_its_schema_and_an_unknown_one_is_refused(client: RunComfyClient) -> None:
    assert (await client.model(FRAME_MODEL)).input_schema == SCHEMAS[FRAME_MODEL]
    with pytest.raises(Rejected) as caught:
        await client.model("maker/unheard-of")
    assert caught.value.code == 400001


@pytest.mark.parametrize("fault", [None, Fault.BALANCE_IN_MICRODOLLARS])
async def test_the_balance_goes_down_by_what_was_rendered(
    client: RunComfyClient, stand_in: StandIn, clock: Clock, fault: Fault | None
) -> None:
    await ended(client, clock)
    if fault is not None:
        stand_in.faults.add(fault)
    assert await client.balance() == Decimal("99.92")


async def test_an_empty_balance_refuses_the_next_submit(client: RunComfyClient, stand_in: StandIn) -> None:
    stand_in.balance_usd = Decimal("0.10")
    await client.submit(MODEL, PAYLOAD)
    with pytest.raises(OutOfFunds):
        await client.submit(MODEL, PAYLOAD)
    assert len(stand_in.submits) == 1


async def test_a_wrong_token_is_told_and_never_shown(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "wrong-token-9e107d9d372bb6826bd81d3542a419d6"
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as logs:
        async with open_client(base=stand_in.api_base, token=SecretStr(secret)) as client:
            shown = [repr(client), str(client), repr(vars(client))]
            for call in (client.balance(), client.submit(MODEL, PAYLOAD), client.status("r")):
                with pytest.raises(Unauthorised) as caught:
                    await call
                shown += traceback.TracebackException.from_exception(
                    caught.value, capture_locals=False
                ).format()
                shown += [repr(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__)]
    assert not any(secret in text for text in [*shown, caplog.text, repr(logs)])


@pytest.mark.parametrize("fault", [Fault.READ_RESET_AFTER, Fault.READ_RESET_MIDDLE, Fault.READ_OVERSIZED])
async def test_an_error_does_not_drag_the_http_exchange_and_its_token_along(
    client: RunComfyClient, stand_in: StandIn, fault: Fault
) -> None:
    stand_in.faults.add(fault, times=None)
    with pytest.raises(Transient) as caught:
        await client.balance()
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert TOKEN not in repr(vars(caught.value))


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ("https://model-api.runcomfy.net/v1", "https://api.runcomfy.net/prod/v2/balance"),
        ("http://model-api.runcomfy.net/v1", "http://model-api.runcomfy.net/prod/v2/balance"),
        ("https://runcomfy.net.example.org/v1", "https://runcomfy.net.example.org/prod/v2/balance"),
        ("http://127.0.0.1:8750/v1", "http://127.0.0.1:8750/prod/v2/balance"),
    ],
)
async def test_the_balance_is_asked_of_runcomfys_account_host_only_by_runcomfys_client(
    base: str, asked: str
) -> None:
    seen: list[str] = []

    async def stop(request: aiohttp.ClientRequest, _: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        seen.append(str(request.url))
        raise aiohttp.ClientError

    async with aiohttp.ClientSession(middlewares=[stop]) as session:
        once = RetryPolicy(attempts=1)
        client = RunComfyClient(session, base=yarl.URL(base), token=SecretStr(TOKEN), retry=once)
        with pytest.raises(Transient):
            await client.balance()
    assert seen == [asked]
