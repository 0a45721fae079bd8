"""From the text of an environment variable to its value.

Each function raises ValueError with words for the operator. They name the rule and never quote the text,
which may be a secret pasted into the wrong variable.
"""

import re
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

from pydantic import BeforeValidator
from yarl import URL

#: SQLAlchemy's name for SQLite behind asyncio; the three slashes say that no host follows, only a path.
SQLITE_PREFIX = "sqlite+aiosqlite:///"
POSTGRESQL = "postgresql+asyncpg"
#: What a PostgreSQL URL may say after its question mark: a socket's directory, another host, encryption.
_POSTGRESQL_OPTIONS = frozenset({"host", "port", "ssl"})
#: Discord's ids are 64-bit integers; the store keeps them signed.
MAX_SNOWFLAKE = 2**63 - 1
MAX_PORT = 2**16 - 1

_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# A suffix has two labels at least: ".com" would let in half of the internet.
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*|(\.{_LABEL}){{2,}}|\[[0-9a-f:.]+\]")
_VISIBLE_ASCII = re.compile(r"[!-~]+")


def from_text(parse: Callable[[str], object]) -> BeforeValidator:
    """A validator that parses stripped text; a value that is no text is left to the field's own type."""
    return BeforeValidator(lambda value: parse(value.strip()) if isinstance(value, str) else value)


def token(text: str) -> str:
    """A secret that goes into an HTTP header."""
    if not _VISIBLE_ASCII.fullmatch(text):
        raise ValueError("contains a space or another character that no token has")
    return text


def guild_ids(text: str) -> frozenset[int] | None:
    """Discord server ids with commas between them; None for `*`, every server."""
    if text == "*":
        return None
    ids = _items(text)
    if not ids or not all(_is_natural(item, MAX_SNOWFLAKE) for item in ids):
        raise ValueError("must be server ids with commas between them, or * for every server")
    return frozenset(map(int, ids))


def http_url(text: str) -> URL:
    """An https address without a slash at its end; http on this machine alone."""
    return _service_url(text, secure="https", plain="http")


def websocket_url(text: str) -> URL:
    """A wss address without a slash at its end; ws on this machine alone."""
    return _service_url(text, secure="wss", plain="ws")


def hosts(text: str) -> tuple[str, ...]:
    """Hosts with commas between them, in lower case: `host`, `host:port`, `.suffix` or `.suffix:port`."""
    entries = tuple(dict.fromkeys(item.lower() for item in _items(text)))
    if not entries or not all(_is_host(entry) for entry in entries):
        raise ValueError(
            "must be hosts with commas between them: host, host:port, or .example.com for its subdomains"
        )
    return entries


def store_url(text: str) -> str:
    """SQLAlchemy's URL of the store: a SQLite file or a PostgreSQL database."""
    if text.partition(":")[0] in {"postgres", "postgresql", POSTGRESQL}:
        return postgresql_url(text)
    return sqlite_url(text)


def postgresql_url(text: str) -> str:
    """SQLAlchemy's URL of a PostgreSQL database; how other programs write one is understood as well."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415 - the health check has no use for a store
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415 - as above

    wrong = f"must be {POSTGRESQL}://user:password@host/database, or {SQLITE_PREFIX} and the path of a file"
    try:
        url = make_url(text)
        named = bool(url.database) and bool(url.host or url.query.get("host"))
    except (ArgumentError, ValueError):
        raise ValueError(wrong) from None
    if not named or not set(url.query) <= _POSTGRESQL_OPTIONS or not _VISIBLE_ASCII.fullmatch(text):
        raise ValueError(wrong)
    return url.set(drivername=POSTGRESQL).render_as_string(hide_password=False)


def sqlite_url(text: str) -> str:
    """SQLAlchemy's URL of a SQLite file; a relative path starts at the working directory."""
    path = text.removeprefix(SQLITE_PREFIX)
    if path == text or not path or path.endswith("/") or path == ":memory:":
        raise ValueError(f"must be {SQLITE_PREFIX} and the path of a file, or {POSTGRESQL}:// and so on")
    absolute = str(_absolute(path))
    if "?" in absolute:
        # SQLAlchemy would read what follows as options of the connection.
        raise ValueError("must be a path without a question mark")
    return SQLITE_PREFIX + absolute


def directory(text: str) -> Path:
    """A directory, which may not exist yet."""
    path = _absolute(text)
    if _exists(path) and not path.is_dir():
        raise ValueError("is not a directory")
    return path


def existing_file(text: str) -> Path:
    """A file that is there."""
    path = _absolute(text)
    if not _exists(path) or not path.is_file():
        raise ValueError("names a file that does not exist")
    return path


def _service_url(text: str, *, secure: str, plain: str) -> URL:
    if not _VISIBLE_ASCII.fullmatch(text):
        raise ValueError("contains a space or another character that no address has")
    try:
        url = URL(text)
    except ValueError:
        raise ValueError("is not an address") from None
    if url.scheme not in {secure, plain} or not url.host or url.explicit_port == 0:
        raise ValueError(f"must be an address that begins with {secure}://")
    if "@" in url.raw_authority or "?" in text or "#" in text:
        raise ValueError("must be an address without a user, a password, a query or a fragment")
    if url.scheme == plain and not _is_loopback(url.host):
        raise ValueError(f"must begin with {secure}://; {plain}:// is for this machine alone")
    return url.with_path(url.raw_path.rstrip("/"), encoded=True)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_host(entry: str) -> bool:
    host, port = entry, "1"
    if ":" in entry and not entry.endswith("]"):
        host, _, port = entry.rpartition(":")
    return _HOST.fullmatch(host) is not None and _is_natural(port, MAX_PORT)


def _is_natural(text: str, most: int) -> bool:
    # Length first: Python refuses to turn thousands of digits into a number.
    return text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 0 < int(text) <= most


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _absolute(text: str) -> Path:
    if not text.isprintable():
        raise ValueError("contains a character that no path should have")
    return Path(text).absolute()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        raise ValueError("is a path that cannot be looked at") from None
