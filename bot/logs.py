"""Logging: one stream for our own events and those of the libraries, without a secret in it."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import Processor

MASK = "[secret]"

#: The least severe level let through from libraries. Below these they write down request bodies, SQL with its
#: values, or every turn of a loop: private to members, or noise.
LIBRARY_FLOORS = {
    "PIL": logging.INFO,
    "aiohttp.access": logging.WARNING,
    "aiosqlite": logging.INFO,
    "alembic": logging.INFO,
    "asyncio": logging.INFO,
    "discord": logging.INFO,
    "sqlalchemy": logging.WARNING,
}


def configure_logging(level: str, *, secrets: Iterable[str]) -> None:
    """Send every event to stderr: readable on a terminal, else one JSON object a line, with times in UTC.

    Called once by whoever builds the process; a second call replaces the first. Each of `secrets` is masked
    wherever it would appear, tracebacks included. `level` is a standard level name such as `INFO`.
    """
    mask = _masker(secrets)
    handler = _MaskedHandler(sys.stderr, mask)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*_shared(), structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_renderers(terminal=sys.stderr.isatty()),
                lambda _logger, _method, line: mask(str(line)),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, floor in LIBRARY_FLOORS.items():
        logging.getLogger(name).setLevel(max(floor, root.level))
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _renderers(*, terminal: bool) -> list[Processor]:
    if terminal:
        # The plain traceback: the decorated ones break lines inside a secret, or show local variables.
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _masker(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces each secret, also as it looks inside JSON, a Python literal or an address."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    if not forms:
        return lambda text: text
    # Longest first: of two secrets that begin alike, the whole longer one must go.
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(MASK, text)


def _forms(secret: str) -> set[str]:
    plain = {secret, repr(secret)[1:-1], quote(secret, safe=""), quote(secret), quote_plus(secret)}
    in_json = {json.dumps(form, ensure_ascii=False)[1:-1] for form in plain}
    return plain | in_json


class _MaskedHandler(logging.StreamHandler[TextIO]):
    """Masks its own failures as well: the standard handler would print the record's arguments."""

    def __init__(self, stream: TextIO, mask: Callable[[str], str]) -> None:
        super().__init__(stream)
        self._mask = mask

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say which line could not be logged, and why."""
        reason = f"not logged: {record.pathname}:{record.lineno}\n{traceback.format_exc()}"
        self.stream.write(self._mask(reason))
