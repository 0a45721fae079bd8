"""The stand-in's error answers, in whichever of the seen shapes is switched on."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.rehearsal.runcomfy.faults import Faults


def refusal(
    faults: Faults, code: int, text: str, *, http_status: int | None = None, detail: Sequence[Any] = ()
) -> web.Response:
    """Return the answer for an error code; its HTTP status is the code's first three digits."""
    body: dict[str, Any] = {
        "error_code": str(code) if faults.error_code_as_text else code,
        faults.error_key: f"{text} {faults.quoted}".strip(),
    }
    if detail:
        body["detail"] = list(detail)
    status = faults.error_http_status or http_status or code // 1000
    return web.json_response(body, status=status)
