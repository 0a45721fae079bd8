"""The audit trail as a file for a spreadsheet. Pure."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from bot.moderation.audit import Entry

COLUMNS = ("id", "time", "actor", "action", "target", "job", "reason", "detail")
#: What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection"), also in full width. Where
#: lists are written with semicolons, programs cut cells there, and mind no quotes in the middle of one.
_FORMULA = re.compile(r"""((?:^|[;\t\r\n|])[\s"']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")
#: At the very beginning these are taken for one even by themselves.
_OPENING = ("\t", "\r", "\n")


def as_csv(entries: Iterable[Entry]) -> bytes:
    """The entries as CSV in UTF-8, with the mark that spreadsheets know it by; times in UTC, people by id."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([_safe(cell) for cell in _cells(entry)])
    return text.getvalue().encode("utf-8-sig")


def _cells(entry: Entry) -> list[str]:
    detail = dict(entry.detail)
    reason = str(detail.pop("reason", None) or "")
    return [
        str(entry.id),
        datetime.fromtimestamp(entry.at / 1000, tz=UTC).isoformat(timespec="seconds"),
        str(entry.actor_id),
        entry.action,
        "" if entry.target_id is None else str(entry.target_id),
        entry.job_id or "",
        reason,
        json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else "",
    ]


def _safe(cell: str) -> str:
    """Members type some of it: a cell that would be a formula is made a text."""
    text = _FORMULA.sub(r"\1'", cell)
    return f"'{text}" if text.startswith(_OPENING) else text
