"""The client of RunComfy's Model API: one method a call, typed answers, one tree of errors."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

import aiohttp
import structlog
import yarl
from pydantic import JsonValue, SecretStr

from bot.errors import Rejected, RunComfyError
from bot.runcomfy import answers
from bot.runcomfy.answers import CancelOutcome, LiveModel, RequestResult, RequestStatus
from bot.runcomfy.phases import Phase
from bot.runcomfy.refusals import Call, answer_error, read_json, says_error, unanswered_error
from bot.runcomfy.retry import RetryPolicy
from bot.runcomfy.wire import Answer, Timeouts, Unanswered, exchange

log = structlog.get_logger(__name__)

RUNCOMFY_BASE = yarl.URL("https://model-api.runcomfy.net/v1")
_RUNCOMFY_ACCOUNT = yarl.URL("https://api.runcomfy.net")
_MODEL_ID = re.compile(r"(?=.{1,200}$)[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)*")
_PAGE = 50
_MOST_PAGES = 40
_MOST_UNKNOWN_WORDS = 100
_DEFAULT_RETRY = RetryPolicy()
_DEFAULT_TIMEOUTS = Timeouts()

T = TypeVar("T")


class RunComfyClient:
    """Asks RunComfy, and raises `RunComfyError` for everything that is not the answer asked for.

    Args:
        session: for reads and cancels.
        base: the API with its version, `https://model-api.runcomfy.net/v1` for the real one.
        token: sent to `base` (and to RunComfy's own account host) alone.
        retry: how reads and cancels are repeated. A submit never is.
        timeouts: in seconds.
        submit_session: for submits; `open_client` gives one that never reuses a connection. With a
            shared one, a connection that the server had just closed turns a submit ambiguous for nothing.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base: yarl.URL,
        token: SecretStr,
        retry: RetryPolicy = _DEFAULT_RETRY,
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
        submit_session: aiohttp.ClientSession | None = None,
    ) -> None:
        self._session = session
        self._submit_session = submit_session or session
        self._base = base
        self._token = token
        self._retry = retry
        self._timeouts = timeouts
        self._unknown_words: set[str] = set()

    def __repr__(self) -> str:
        return f"RunComfyClient({str(self._base)!r})"

    @property
    def _secret(self) -> str:
        return self._token.get_secret_value()

    async def submit(self, model_id: str, payload: Mapping[str, JsonValue]) -> str:
        """Start a paid request with the model's input and return its id. Sent once, never repeated.

        A caller cancelled while waiting knows as little as one that gets `AmbiguousSubmit`.

        Raises:
            Transient: nothing was started (not even sent, or HTTP 429); safe to submit again later.
            Rejected, Unauthorised, OutOfFunds: RunComfy said no.
            AmbiguousSubmit: it may be running and billed.
        """
        url = self._model_url(model_id)
        body = json.dumps(dict(payload), allow_nan=False).encode()
        outcome = await self._exchange(Call.SUBMIT, "POST", url, body=body)
        if isinstance(outcome, Unanswered):
            raise unanswered_error(Call.SUBMIT, outcome)
        document = read_json(outcome)
        if _is_success(outcome) and isinstance(document, Mapping) and not says_error(document):
            request_id = document.get("request_id")
            if isinstance(request_id, str) and answers.is_request_id(request_id):
                return request_id
        raise self._error(Call.SUBMIT, outcome, document)

    async def status(self, request_id: str) -> RequestStatus:
        """Return where a request stands.

        Raises:
            RequestNotFound: unknown, deleted or expired.
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        url = self._request_url(request_id) / "status"
        found = await self._ask(Call.REQUEST, "GET", url, partial(answers.read_status, secret=self._secret))
        self._note_unknown(found.phase, found.raw)
        return found

    async def result(self, request_id: str) -> RequestResult:
        """Return how a request ended, with its cost.

        Raises:
            RequestNotFound: unknown, deleted or expired.
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        url = (self._request_url(request_id) / "result").with_query(include_cost="true")
        found = await self._ask(Call.REQUEST, "GET", url, partial(answers.read_result, secret=self._secret))
        self._note_unknown(found.phase, found.raw)
        return found

    async def cancel(self, request_id: str) -> CancelOutcome:
        """Ask to cancel a request that still waits at RunComfy. Repeating it is harmless.

        Raises:
            RequestNotFound: unknown, deleted or expired.
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        url = self._request_url(request_id) / "cancel"
        return await self._ask(Call.REQUEST, "POST", url, answers.read_cancel)

    async def model(self, model_id: str) -> LiveModel:
        """Return one model of the live catalogue.

        Raises:
            Rejected: no such model.
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        return await self._ask(Call.ACCOUNT, "GET", self._model_url(model_id), answers.read_model)

    async def models(
        self,
        *,
        search: str | None = None,
        category: str | None = None,
        kind: str | None = None,
        include_schema: bool = False,
    ) -> list[LiveModel]:
        """Return the live catalogue, page after page, at most 2,000 models.

        Raises:
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        wanted = {"search": search, "category": category, "kind": kind}
        query = {key: value for key, value in wanted.items() if value}
        if include_schema:
            query["include_schema"] = "true"
        found: dict[str, LiveModel] = {}
        offset = 0
        for _ in range(_MOST_PAGES):
            url = (self._base / "models").with_query({**query, "limit": str(_PAGE), "offset": str(offset)})
            page = await self._ask(Call.ACCOUNT, "GET", url, answers.read_models)
            models = [model for entry in page if (model := answers.read_model(entry)) is not None]
            fresh = {model.model_id: model for model in models if model.model_id not in found}
            if not fresh:  # the end, or a server that ignores the offset
                break
            found.update(fresh)
            offset += len(page)
        return list(found.values())

    async def balance(self) -> Decimal:
        """Return the account's balance in US dollars.

        Raises:
            RunComfyError: see its subclasses; Transient after the last repetition.
        """
        own = self._base.scheme == "https" and (self._base.host or "").endswith(".runcomfy.net")
        origin = _RUNCOMFY_ACCOUNT if own else self._base.origin()
        return await self._ask(Call.ACCOUNT, "GET", origin / "prod/v2/balance", answers.read_balance)

    async def _ask(self, call: Call, method: str, url: yarl.URL, read: Callable[[Any], T | None]) -> T:
        """Ask, and ask again as the retry policy says; return what `read` makes of the answer.

        Where a connection drops under a GET, aiohttp asks once more by itself, within the same attempt.
        """
        attempt = 1
        while True:
            outcome = await self._exchange(call, method, url)
            found = self._judge(call, outcome, read)
            if not isinstance(found, RunComfyError):
                return found
            delay_s = self._retry.delay_s(found, attempt=attempt)
            if delay_s is None:
                raise found
            log.debug("runcomfy.repeat", path=url.path, attempt=attempt, delay_s=delay_s, reason=found.reason)
            attempt += 1
            await self._retry.sleep(delay_s)

    def _judge(
        self, call: Call, outcome: Answer | Unanswered, read: Callable[[Any], T | None]
    ) -> T | RunComfyError:
        if isinstance(outcome, Unanswered):
            return unanswered_error(call, outcome)
        document = read_json(outcome)
        found = read(document) if _is_success(outcome) and not says_error(document) else None
        return self._error(call, outcome, document) if found is None else found

    async def _exchange(
        self, call: Call, method: str, url: yarl.URL, *, body: bytes | None = None
    ) -> Answer | Unanswered:
        total_s = self._timeouts.submit_s if call is Call.SUBMIT else self._timeouts.read_s
        timeout = aiohttp.ClientTimeout(total=total_s, connect=self._timeouts.connect_s)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # the size cap then counts what crosses the wire
            "Authorization": f"Bearer {self._secret}",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        session = self._submit_session if call is Call.SUBMIT else self._session
        return await exchange(session, method, url, headers=headers, body=body, timeout=timeout)

    def _error(self, call: Call, answer: Answer, document: Any) -> RunComfyError:
        return answer_error(call, answer, document, now=datetime.now(UTC), secret=self._secret)

    def _model_url(self, model_id: str) -> yarl.URL:
        if _MODEL_ID.fullmatch(model_id) is None:
            raise Rejected("malformed model id")
        return (self._base / "models").joinpath(*model_id.split("/"))

    def _request_url(self, request_id: str) -> yarl.URL:
        if not answers.is_request_id(request_id):
            raise Rejected("malformed request id")
        return self._base / "requests" / request_id

    def _note_unknown(self, phase: Phase, word: str) -> None:
        known = self._unknown_words
        if phase is not Phase.UNKNOWN or word in known or len(known) >= _MOST_UNKNOWN_WORDS:
            return
        known.add(word)
        log.warning("runcomfy.unknown_state", word=word)


def _is_success(answer: Answer) -> bool:
    return 200 <= answer.http_status <= 299  # noqa: PLR2004 - HTTP's success range


@asynccontextmanager
async def open_client(
    *,
    base: yarl.URL = RUNCOMFY_BASE,
    token: SecretStr,
    retry: RetryPolicy = _DEFAULT_RETRY,
    timeouts: Timeouts = _DEFAULT_TIMEOUTS,
) -> AsyncIterator[RunComfyClient]:
    """Open a client with its own sessions and close them after use.

    Submits get a connection each. A server may close a kept-alive connection at the very moment a request
    is written into it, which cannot be told from a request that arrived and whose answer was lost: with a
    reused connection, an idle minute would be enough to make a submit ambiguous. A handshake more
    is nothing beside a render.
    """
    # RunComfy needs no cookies, and none shall tie two requests together.
    reads = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    connector = aiohttp.TCPConnector(force_close=True)
    submits = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    async with reads, submits:
        yield RunComfyClient(
            reads, base=base, token=token, retry=retry, timeouts=timeouts, submit_session=submits
        )
