"""A submit is sent once, and its errors say truly whether something may be running."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
import yarl
from pydantic import JsonValue, SecretStr

from bot.errors import AmbiguousSubmit, OutOfFunds, Rejected, RunComfyError, Transient, Unauthorised
from bot.rehearsal.runcomfy import Fault, StandIn
from bot.runcomfy import RetryPolicy, RunComfyClient, Timeouts, open_client

from .conftest import MODEL, TOKEN, Sleeps

PAYLOAD: dict[str, JsonValue] = {"prompt": "a lighthouse at dusk", "duration": 2}
FAST = Timeouts(connect_s=5.0, read_s=0.2, submit_s=0.2)

AMBIGUOUS = [fault for fault in Fault if fault.startswith("submit-") and "429" not in fault]
AMBIGUOUS.remove(Fault.SUBMIT_200_ERROR_CODE)
AMBIGUOUS.remove(Fault.SUBMIT_HANG)
NEVER_STARTED = {Fault.SUBMIT_RESET_BEFORE, Fault.SUBMIT_REDIRECT}
REFUSALS = {
    Fault.SUBMIT_200_ERROR_CODE: Rejected,
    Fault.SUBMIT_429: Transient,
    Fault.SUBMIT_429_RETRY_AFTER: Transient,
    Fault.TOKEN_EXPIRED: Unauthorised,
    Fault.UNAUTHORISED_401: Unauthorised,
    Fault.FORBIDDEN_403: Unauthorised,
    Fault.PAYMENT_REQUIRED_402: OutOfFunds,
    Fault.OUT_OF_FUNDS: OutOfFunds,
    Fault.UNKNOWN_MODEL: Rejected,
    Fault.INPUT_REFUSED: Rejected,
}


async def test_a_submit_sends_the_input_as_it_is_and_returns_the_id(
    client: RunComfyClient, stand_in: StandIn
) -> None:
    request_id = await client.submit(MODEL, PAYLOAD)
    assert stand_in.submits == [(request_id, MODEL, PAYLOAD)]
    assert stand_in.calls == {"submit": 1}


@pytest.mark.parametrize("fault", AMBIGUOUS)
async def test_a_submit_whose_answer_is_lost_or_unreadable_is_ambiguous_and_sent_once(
    client: RunComfyClient, stand_in: StandIn, sleeps: Sleeps, fault: Fault
) -> None:
    stand_in.faults.add(fault, times=None)
    with pytest.raises(AmbiguousSubmit):
        await client.submit(MODEL, PAYLOAD)
    assert stand_in.calls == {"submit": 1}
    assert len(stand_in.submits) == (fault not in NEVER_STARTED)
    assert sleeps.seconds == []


async def test_a_submit_that_is_never_answered_is_ambiguous_and_sent_once(stand_in: StandIn) -> None:
    stand_in.faults.add(Fault.SUBMIT_HANG)
    async with open_client(base=stand_in.api_base, token=SecretStr(TOKEN), timeouts=FAST) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(MODEL, PAYLOAD)
    assert (stand_in.calls["submit"], len(stand_in.submits)) == (1, 1)


@pytest.mark.parametrize(("fault", "kind"), REFUSALS.items())
async def test_a_clear_no_is_told_as_such_and_nothing_was_started(
    client: RunComfyClient, stand_in: StandIn, fault: Fault, kind: type[RunComfyError]
) -> None:
    stand_in.faults.add(fault, times=None)
    with pytest.raises(RunComfyError) as caught:
        await client.submit(MODEL, PAYLOAD)
    assert type(caught.value) is kind
    assert stand_in.calls == {"submit": 1}
    assert stand_in.submits == []


async def test_a_busy_server_says_when_to_come_back(client: RunComfyClient, stand_in: StandIn) -> None:
    stand_in.faults.retry_after = "42"
    stand_in.faults.add(Fault.SUBMIT_429_RETRY_AFTER)
    with pytest.raises(Transient) as caught:
        await client.submit(MODEL, PAYLOAD)
    assert (caught.value.retry_after_s, caught.value.http_status) == (42.0, 429)


@pytest.mark.parametrize("key", ["error_message", "message", "error", "detail"])
@pytest.mark.parametrize("http_status", [None, 200, 400])
@pytest.mark.parametrize("code_as", [int, str])
async def test_an_error_is_understood_in_every_shape_it_has_been_seen_in(
    client: RunComfyClient, stand_in: StandIn, key: str, code_as: type, http_status: int | None
) -> None:
    stand_in.faults.error_key = key
    stand_in.faults.error_code_as_text = code_as is str
    stand_in.faults.error_http_status = http_status
    stand_in.faults.add(Fault.OUT_OF_FUNDS)
    with pytest.raises(OutOfFunds) as caught:
        await client.submit(MODEL, PAYLOAD)
    assert caught.value.code == 400002
    assert caught.value.reason == "the balance does not cover this request"


async def test_a_refused_input_comes_with_the_list_of_what_is_wrong(
    client: RunComfyClient, stand_in: StandIn
) -> None:
    with pytest.raises(Rejected) as caught:
        await client.submit(MODEL, {"prompt": 7, "duration": 99})
    assert caught.value.code == 422001
    assert stand_in.submits == []


async def test_a_server_that_is_not_there_was_sent_nothing(client: RunComfyClient, stand_in: StandIn) -> None:
    await stand_in.refuse_connections()
    with pytest.raises(Transient):
        await client.submit(MODEL, PAYLOAD)
    await stand_in.accept_connections()
    await client.submit(MODEL, PAYLOAD)
    assert stand_in.calls["submit"] == 1


async def test_a_host_without_an_address_was_sent_nothing() -> None:
    class NoResolver(aiohttp.abc.AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[aiohttp.abc.ResolveResult]:
            raise OSError("no such host")

        async def close(self) -> None:
            """Nothing to close."""

    connector = aiohttp.TCPConnector(resolver=NoResolver())
    async with aiohttp.ClientSession(connector=connector) as session:
        base = yarl.URL("http://nowhere.invalid/v1")
        client = RunComfyClient(session, base=base, token=SecretStr(TOKEN))
        with pytest.raises(Transient):
            await client.submit(MODEL, PAYLOAD)


async def test_a_server_that_does_not_speak_tls_was_sent_nothing(stand_in: StandIn) -> None:
    base = stand_in.api_base.with_scheme("https")
    async with open_client(base=base, token=SecretStr(TOKEN)) as client:
        with pytest.raises(Transient):
            await client.submit(MODEL, PAYLOAD)
    assert stand_in.calls["submit"] == 0


async def test_a_handshake_that_never_ends_was_sent_nothing() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(silent) as origin:
        base = origin.with_scheme("https") / "v1"
        timeouts = Timeouts(connect_s=0.1, submit_s=5.0)
        async with open_client(base=base, token=SecretStr(TOKEN), timeouts=timeouts) as client:
            with pytest.raises(Transient):
                await client.submit(MODEL, PAYLOAD)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[yarl.URL]:
    """A server below HTTP; yields its origin."""
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield yarl.URL.build(scheme="http", host="127.0.0.1", port=server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        await server.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        ),
        0,
    )
    return head + await reader.readexactly(length)


@pytest.mark.parametrize(
    "answer",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{}{}",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 999\r\n\r\n{",
        b"",
    ],
    ids=[
        "garbage",
        "half a status line",
        "short body",
        "bad chunk",
        "bad gzip",
        "long header",
        "half a no",
        "nothing",
    ],
)
async def test_an_answer_that_is_no_whole_http_answer_is_ambiguous(answer: bytes) -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(answer)
        await writer.drain()

    async with raw_server(talk) as origin, open_client(base=origin / "v1", token=SecretStr(TOKEN)) as client:
        with pytest.raises(AmbiguousSubmit):
            await client.submit(MODEL, PAYLOAD)
    assert len(seen) == 1


class Forgetful:
    """Keeps each connection alive after its first answer and drops it on the second request, unanswered."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await read_request(reader))
        body = b'{"request_id": "r-1", "status": "in_queue"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        self.requests.append(await read_request(reader))

    @property
    def submits(self) -> int:
        return sum(request.startswith(b"POST") for request in self.requests)


async def test_a_connection_dropped_under_a_submit_is_not_tried_again_by_the_http_library() -> None:
    forgetful = Forgetful()
    async with raw_server(forgetful) as origin, aiohttp.ClientSession() as shared:
        client = RunComfyClient(shared, base=origin / "v1", token=SecretStr(TOKEN))
        await client.status("r-1")
        with pytest.raises(AmbiguousSubmit):
            await client.submit(MODEL, PAYLOAD)
    assert forgetful.submits == 1


async def test_an_opened_client_submits_on_a_connection_of_its_own() -> None:
    forgetful = Forgetful()
    async with (
        raw_server(forgetful) as origin,
        open_client(base=origin / "v1", token=SecretStr(TOKEN)) as client,
    ):
        await client.status("r-1")
        for _ in range(3):
            assert await client.submit(MODEL, PAYLOAD) == "r-1"
    assert forgetful.submits == 3


@pytest.mark.parametrize(
    "model_id", ["", "/", "a//b", "../requests", "a/../b", "a b", "a?b", "a#b", "a%2fb", "a\n"]
)
async def test_a_malformed_model_id_is_refused_before_anything_is_sent(
    client: RunComfyClient, stand_in: StandIn, model_id: str
) -> None:
    with pytest.raises(Rejected):
        await client.submit(model_id, PAYLOAD)
    with pytest.raises(Rejected):
        await client.model(model_id)
    assert stand_in.calls.total() == 0


async def test_a_retry_policy_is_never_asked_about_a_submit(stand_in: StandIn) -> None:
    def alarm() -> float:
        raise AssertionError("a submit was about to be repeated")

    policy = RetryPolicy(attempts=5, jitter=alarm)
    async with open_client(base=stand_in.api_base, token=SecretStr(TOKEN), retry=policy) as client:
        await stand_in.refuse_connections()
        with pytest.raises(Transient):
            await client.submit(MODEL, PAYLOAD)
