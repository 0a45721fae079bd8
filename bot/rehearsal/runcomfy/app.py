"""The stand-in's HTTP surface: RunComfy's calls, in RunComfy's shapes."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web

from bot.catalog.schema_check import schema_problems
from bot.rehearsal.runcomfy.backend import Backend
from bot.rehearsal.runcomfy.faults import Fault
from bot.rehearsal.runcomfy.misbehaviour import Misbehaviour
from bot.rehearsal.runcomfy.outputs import OutputFiles
from bot.rehearsal.runcomfy.pricing import BASE_PRICE_USD
from bot.rehearsal.runcomfy.queue import Render, State
from bot.rehearsal.runcomfy.refusals import refusal
from bot.rehearsal.runcomfy.words import cost_of, moment, output_of, result_word, status_word

_MOST_PAYLOAD_BYTES = 1024 * 1024
_BARE_REFUSALS = {
    Fault.UNAUTHORISED_401: 401,
    Fault.FORBIDDEN_403: 403,
    Fault.PAYMENT_REQUIRED_402: 402,
}
Answer = Callable[[web.Request], Awaitable[web.Response]]


class Api:
    """The calls. Each answer is made by a method of the call's name, and may then be bent by a fault."""

    def __init__(self, backend: Backend, outputs: OutputFiles, misbehaviour: Misbehaviour) -> None:
        self._backend = backend
        self._outputs = outputs
        self._misbehaviour = misbehaviour

    def app(self) -> web.Application:
        """Return the application with every route."""
        app = web.Application(client_max_size=_MOST_PAYLOAD_BYTES)
        model = "/v1/models/{model_id:.+}"
        request = "/v1/requests/{request_id}"
        app.router.add_post(model, self._call("submit", self._submit))
        app.router.add_get("/v1/models", self._call("models", self._models))
        app.router.add_get(model, self._call("model", self._model))
        app.router.add_get(f"{request}/status", self._call("status", self._about_render(self._status)))
        app.router.add_get(f"{request}/result", self._call("result", self._about_render(self._result)))
        app.router.add_post(f"{request}/cancel", self._call("cancel", self._about_render(self._cancel)))
        app.router.add_get("/prod/v2/balance", self._call("balance", self._balance))
        app.router.add_get(
            r"/outputs/{account}/{request_id}/video-{part:[12]}.mp4", self._outputs.serve, allow_head=False
        )
        return app

    def _call(self, endpoint: str, answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Count a call, check its token, and let faults bend the exchange."""

        async def answered(request: web.Request) -> web.StreamResponse:
            self._backend.calls[endpoint] += 1

            async def handle() -> web.Response:
                return self._unauthorised(request) or await answer(request)

            return await self._misbehaviour.exchange(request, handle, submit=endpoint == "submit")

        return answered

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        faults = self._backend.faults
        for fault, status in _BARE_REFUSALS.items():
            if faults.take(fault):
                return web.Response(status=status)
        good = request.headers.get("Authorization") == f"Bearer {self._backend.token}"
        if faults.take(Fault.TOKEN_EXPIRED) or not good:
            return refusal(faults, 400004, "the API token is missing or expired")
        return None

    async def _submit(self, request: web.Request) -> web.Response:
        backend, faults = self._backend, self._backend.faults
        model_id = request.match_info["model_id"]
        schema = backend.schemas.get(model_id)
        if faults.take(Fault.UNKNOWN_MODEL) or schema is None:
            return refusal(faults, 400001, "no such model")
        try:
            payload = json.loads(await request.read())
        except ValueError:
            return refusal(faults, 422001, "the body is not JSON")
        problems = schema_problems(schema, payload)
        if faults.take(Fault.INPUT_REFUSED):
            problems.append("input refused")
        if problems:
            detail = [{"loc": ["body"], "msg": problem, "type": "value_error"} for problem in problems]
            return refusal(faults, 422001, "the input breaks the model's rules", detail=detail)
        await backend.catch_up()
        if faults.take(Fault.OUT_OF_FUNDS) or not backend.affords(model_id, payload):
            return refusal(faults, 400002, "the balance does not cover this request")
        render = backend.accept(model_id, payload)
        return web.json_response({"request_id": render.request_id, **_links(request, render)})

    def _about_render(self, answer: Callable[[web.Request, Render], Awaitable[web.Response]]) -> Answer:
        """Find the render a call is about, brought to where it stands now."""

        async def answered(request: web.Request) -> web.Response:
            backend, faults = self._backend, self._backend.faults
            render = backend.queue.renders.get(request.match_info["request_id"])
            if render is None or faults.holds(render.request_id, Fault.GONE):
                return refusal(faults, 404001, "no such request")
            if faults.take(Fault.SOMEBODY_ELSES):
                return refusal(faults, 403001, "the request belongs to another account")
            await backend.catch_up(render)
            return await answer(request, render)

        return answered

    async def _status(self, request: web.Request, render: Render) -> web.Response:
        body: dict[str, Any] = {
            "request_id": render.request_id,
            "status": status_word(render, self._backend.faults),
            **_links(request, render),
        }
        if render.state is State.QUEUED:
            position = self._backend.queue.position(render)
            as_text = self._backend.faults.holds(render.request_id, Fault.POSITION_AS_TEXT)
            body["queue_position"] = str(position) if as_text else position
        return web.json_response(body)

    async def _result(self, request: web.Request, render: Render) -> web.Response:
        faults = self._backend.faults
        if faults.holds(render.request_id, Fault.RESULT_GONE):
            return refusal(faults, 404001, "no such request")
        body: dict[str, Any] = {
            "request_id": render.request_id,
            "model_id": render.model_id,
            "status": result_word(render, faults),
            "created_at": moment(render.submitted_at),
            "finished_at": moment(render.ended_at) if render.state is State.ENDED else None,
        }
        if render.outcome is not None and render.outcome.succeeded:
            urls = [f"{request.url.origin()}{path}" for path in self._outputs.paths(render)]
            body["output"] = output_of(render, faults, urls)
        elif render.outcome is not None:
            error = render.outcome.error
            body["error"] = f"{error} {faults.quoted}".strip() if isinstance(error, str) else error
        if request.query.get("include_cost") == "true":
            body |= cost_of(render, faults)
        return web.json_response({key: value for key, value in body.items() if value is not None})

    async def _cancel(self, _request: web.Request, render: Render) -> web.Response:
        faults = self._backend.faults
        kept = faults.holds(render.request_id, Fault.NOT_CANCELLABLE)
        done = not kept and self._backend.queue.cancel(render)
        body = {
            "request_id": render.request_id,
            "status": status_word(render, faults),
            "outcome": "cancelled" if done else "not_cancellable",
        }
        if faults.take(Fault.CANCEL_WITHOUT_OUTCOME):
            del body["outcome"]
        return web.json_response(body, status=202)

    async def _models(self, request: web.Request) -> web.Response:
        limit, offset = _count(request, "limit", 20), _count(request, "offset", 0)
        search = request.query.get("search", "").lower()
        found = [model_id for model_id in sorted(self._backend.schemas) if search in model_id.lower()]
        with_schema = request.query.get("include_schema") == "true"
        page = [self._entry(model_id, with_schema=with_schema) for model_id in found[offset : offset + limit]]
        if self._backend.faults.take(Fault.MODELS_BARE_LIST):
            return web.json_response(page)
        return web.json_response({"models": page, "total": len(found), "limit": limit, "offset": offset})

    async def _model(self, request: web.Request) -> web.Response:
        model_id = request.match_info["model_id"]
        if self._backend.faults.take(Fault.UNKNOWN_MODEL) or model_id not in self._backend.schemas:
            return refusal(self._backend.faults, 400001, "no such model")
        return web.json_response(self._entry(model_id, with_schema=True))

    def _entry(self, model_id: str, *, with_schema: bool) -> Mapping[str, Any]:
        entry = {
            "model_id": model_id,
            "display_name": model_id.rpartition("/")[2],
            "description": "A model of the stand-in.",
            "categories": ["video"],
            "base_price_usd": float(BASE_PRICE_USD),
            "price_unit": "second",
            "pricing_note": "Invented for rehearsals.",
            "model_url": f"https://www.runcomfy.com/models/{model_id}",
        }
        return entry | {"input_schema": self._backend.schemas[model_id]} if with_schema else entry

    async def _balance(self, _request: web.Request) -> web.Response:
        await self._backend.catch_up(*self._backend.queue.renders.values())
        dollars = self._backend.balance_usd
        body: dict[str, Any] = {"balance_microdollars": int(dollars.scaleb(6)), "currency": "USD"}
        if not self._backend.faults.take(Fault.BALANCE_IN_MICRODOLLARS):
            body["balance_usd"] = float(dollars)
        return web.json_response(body)


def _count(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() else default


def _links(request: web.Request, render: Render) -> dict[str, str]:
    base = f"{request.url.origin()}/v1/requests/{render.request_id}"
    return {f"{name}_url": f"{base}/{name}" for name in ("status", "result", "cancel")}
