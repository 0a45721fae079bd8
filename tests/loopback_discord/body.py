"""Reading a request: JSON, or multipart with `payload_json` and `files[n]`."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.loopback_discord.errors import ApiError, JsonObject, Refusal

_FILE_FIELD = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file part of a multipart body."""

    filename: str
    data: bytes


@dataclass(slots=True)
class Call:
    """One request as the server read it, with its answer's status; `discord.requests` is a list of these.

    Attributes:
        path: below the API base, or from `/cdn` on.
        json: the JSON body, of multipart the `payload_json`; None without a body.
        files: of multipart, by the number in `files[n]`.
        status: None while it is not answered, and where the connection was cut instead.
    """

    method: str
    path: str
    template: str
    params: dict[str, str]
    query: dict[str, str]
    json: Any = None
    files: dict[int, SentFile] = field(default_factory=dict)
    status: int | None = None

    @property
    def body(self) -> JsonObject:
        """The JSON body where an object is expected."""
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise ApiError(Refusal.INVALID_FORM)
        return self.json

    def snowflake(self, name: str) -> int:
        """A path parameter that is an id."""
        try:
            return int(self.params[name])
        except ValueError:
            raise ApiError(Refusal.NOT_FOUND) from None


async def read_call(request: web.Request, template: str, path: str) -> Call:
    """Read a request whole.

    Raises:
        ApiError: the body is not JSON.
    """
    call = Call(
        method=request.method,
        path=path,
        template=template,
        params=dict(request.match_info),
        query=dict(request.query),
    )
    if request.content_type == "multipart/form-data":
        await _read_multipart(request, call)
    elif request.can_read_body:
        call.json = _parsed(await request.read())
    return call


async def _read_multipart(request: web.Request, call: Call) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read())
        numbered = _FILE_FIELD.fullmatch(part.name)
        if part.name == "payload_json":
            call.json = _parsed(data)
        elif numbered is not None:
            call.files[int(numbered[1])] = SentFile(part.filename or "", data)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        raise ApiError(Refusal.INVALID_JSON) from None
