"""What every REST request goes through: log, faults, rate limits, token, judge, endpoint, headers."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from tests.loopback_discord.body import Call, read_call
from tests.loopback_discord.changes import Changes
from tests.loopback_discord.errors import ApiError, InvalidForm, JsonObject, Refusal, Violation
from tests.loopback_discord.faults import Faults, Misanswer, limited
from tests.loopback_discord.judge import Judge
from tests.loopback_discord.limits import RateLimits

API_PATH = "/api/v10"

RouteDef = web.AbstractRouteDef

Endpoint = Callable[[Call], Awaitable[Any]]
"""Answers with JSON, or with None for 204."""


class Pipeline:
    """Wraps endpoints, and keeps the log of requests and the violations."""

    def __init__(self, token: str, changes: Changes, judge: Judge | None) -> None:
        self.requests: list[Call] = []
        self.violations: list[Violation] = []
        self.faults = Faults(changes)
        self.limits = RateLimits()
        self.judge = judge
        self._changes = changes
        self._authorization = f"Bot {token}"

    def take_token(self, token: str) -> None:
        """Only this token is accepted from now on."""
        self._authorization = f"Bot {token}"

    def route(self, method: str, template: str, endpoint: Endpoint, *, with_token: bool = True) -> RouteDef:
        """A route below the API base; `with_token` where the bot's token is asked for."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, template, endpoint, with_token=with_token)

        return web.route(method, API_PATH + template, handle)

    def cdn_route(self, template: str, serve: Callable[[web.Request], Awaitable[web.Response]]) -> RouteDef:
        """A route of the CDN, open to faults like any other."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(request.method, request.path, template, dict(request.match_info), dict(request.query))
            self.requests.append(call)
            answer = await self.faults.strike(call)
            response = await serve(request) if answer is None else _misanswer(request, answer, {})
            return self._answered(call, response)

        return web.get(template, handle)

    async def _handle(
        self, request: web.Request, template: str, endpoint: Endpoint, *, with_token: bool
    ) -> web.StreamResponse:
        headers: dict[str, str] = {}
        call = Call(request.method, request.path, template, {}, {})
        try:
            call = await read_call(request, template, request.path.removeprefix(API_PATH))
            self.requests.append(call)
            fault = await self.faults.strike(call)
            headers, wait_s = self.limits.take(call)
            if fault is None and wait_s is not None:
                fault = limited(wait_s, "user")
            if fault is not None and not fault.after_effect:
                return self._answered(call, _misanswer(request, fault, headers))
            if with_token:
                self._check_token(request)
            self._judge(call)
            payload = await endpoint(call)
        except ApiError as error:
            self._collect(call, error)
            return self._answered(call, _json(error.status, error.payload(), headers))
        if fault is not None:
            return self._answered(call, _misanswer(request, fault, headers))
        return self._answered(call, _json(204 if payload is None else 200, payload, headers))

    def _check_token(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != self._authorization:
            raise ApiError(Refusal.UNAUTHORISED)

    def _judge(self, call: Call) -> None:
        if self.judge is None or call.json is None:
            return
        problems = self.judge.problems(call.method, call.template, call.json)
        if problems:
            raise InvalidForm(problems)

    def _collect(self, call: Call, error: ApiError) -> None:
        if error.is_violation:
            self.violations += [
                Violation(call.method, call.path, item.location, item.problem) for item in error.problems
            ]

    def _answered(self, call: Call, response: web.Response) -> web.Response:
        call.status = response.status
        self._changes.notify()
        return response


def _json(status: int, payload: JsonObject | list[Any] | None, headers: dict[str, str]) -> web.Response:
    """Discord's content type is exactly `application/json`, without a charset."""
    if payload is None:
        return web.Response(status=status, headers=headers)
    body = json.dumps(payload).encode()
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")


def _misanswer(request: web.Request, answer: Misanswer, headers: dict[str, str]) -> web.Response:
    if answer.cut:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)  # goes nowhere: the connection is gone
    return _json(answer.status, answer.payload, headers | answer.headers)
