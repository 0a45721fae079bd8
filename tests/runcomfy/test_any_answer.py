"""Whatever a server answers, a call gives a typed answer or a RunComfyError, and nothing else."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, TypeAlias

import yarl
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.errors import AmbiguousSubmit, RunComfyError
from bot.runcomfy import (
    CancelOutcome,
    LiveModel,
    RequestResult,
    RequestStatus,
    RetryPolicy,
    RunComfyClient,
    open_client,
)

from .conftest import MODEL

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
WORDS = st.sampled_from(["in_queue", "in_progress", "completed", "succeeded", "Failed", "cancelled", "odd"])
URLS = st.just("https://files.runcomfy.net/a.mp4") | ANY_JSON
# Answers that nearly make sense get further than arbitrary ones.
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "request_id": st.sampled_from(["r-1", "../x", ""]) | ANY_JSON,
        "status": WORDS | ANY_JSON,
        "outcome": st.sampled_from(["cancelled", "not_cancellable"]) | ANY_JSON,
        "queue_position": ANY_JSON,
        "output": st.dictionaries(st.sampled_from(["video", "videos", "image"]), URLS) | ANY_JSON,
        "cost": ANY_JSON,
        "error": ANY_JSON,
        "error_code": st.sampled_from([400001, "400002", 500001]) | ANY_JSON,
        "detail": ANY_JSON,
        "models": st.lists(st.fixed_dictionaries({"model_id": st.text(max_size=5)}), max_size=3) | ANY_JSON,
        "model_id": st.text(max_size=5) | ANY_JSON,
        "input_schema": ANY_JSON,
        "base_price_usd": ANY_JSON,
        "balance_usd": ANY_JSON,
        "balance_microdollars": ANY_JSON,
    },
)
BODIES = (ANY_JSON | LIKELY).map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40)
STATUSES = st.sampled_from([200, 200, 200, 202, 204, 302, 400, 401, 402, 404, 408, 422, 429, 500, 503])


class Parrot:
    """A server that gives every call the same answer and counts the calls by method."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        self.posts = 0

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        self.posts += request.method == "POST"
        return web.Response(status=self.status, body=self.body)


Ask: TypeAlias = Callable[[], Awaitable[Any]]


async def answer_or_error(ask: Ask) -> Any:
    """Return what a call gives, be it an answer or an error of the tree."""
    try:
        return await ask()
    except RunComfyError as error:
        return error


async def ask_everything(client: RunComfyClient, parrot: Parrot) -> None:
    calls: list[tuple[Ask, type[Any]]] = [
        (lambda: client.status("r-1"), RequestStatus),
        (lambda: client.result("r-1"), RequestResult),
        (lambda: client.cancel("r-1"), CancelOutcome),
        (lambda: client.model(MODEL), LiveModel),
        (client.models, list),
        (client.balance, Decimal),
    ]
    for call, kind in calls:
        found = await answer_or_error(call)
        assert isinstance(found, (kind, RunComfyError))
        assert not isinstance(found, AmbiguousSubmit)
        assert str(found).encode("utf-8", "surrogatepass")
    parrot.posts = 0
    submitted = await answer_or_error(lambda: client.submit(MODEL, {"prompt": "x"}))
    assert submitted == "r-1" or isinstance(submitted, RunComfyError)
    assert str(submitted).encode()
    assert parrot.posts == 1


def test_any_answer_is_a_typed_answer_or_an_error_of_the_tree_and_a_submit_is_sent_once() -> None:
    parrot = Parrot()
    ready = asyncio.Event()
    done = asyncio.Event()

    async def serve(found: list[RunComfyClient]) -> None:
        server = web.ServerRunner(web.Server(parrot, access_log=None))
        await server.setup()
        site = web.TCPSite(server, "127.0.0.1", 0)
        await site.start()
        base = yarl.URL.build(scheme="http", host="127.0.0.1", port=server.addresses[0][1]) / "v1"
        once = RetryPolicy(attempts=1)
        async with open_client(base=base, token=SecretStr("tok"), retry=once) as client:
            found.append(client)
            ready.set()
            await done.wait()
        await server.cleanup()

    async def begin(found: list[RunComfyClient]) -> asyncio.Task[None]:
        task = asyncio.create_task(serve(found))
        await ready.wait()
        return task

    async def end(task: asyncio.Task[None]) -> None:
        done.set()
        await task

    with asyncio.Runner() as runner:
        found: list[RunComfyClient] = []
        task = runner.run(begin(found))

        @settings(max_examples=150, deadline=None)
        @given(STATUSES, BODIES)
        def answered(status: int, body: bytes) -> None:
            parrot.status, parrot.body = status, body if status != 204 else b""
            runner.run(ask_everything(found[0], parrot))

        try:
            answered()
        finally:
            runner.run(end(task))
