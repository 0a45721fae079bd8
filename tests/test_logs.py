"""Logging: one stream, two forms, and no secret in either."""

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import structlog

from bot.logs import LIBRARY_FLOORS, MASK, configure_logging

SECRET = 'MTI3.s3"cr\\et/é'

Lines = Callable[[], str]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """What was written to stderr since the last look; logging is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in LIBRARY_FLOORS}
    yield lambda: capsys.readouterr().err
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_an_event_is_one_json_line_with_a_time_in_utc(logged: Lines) -> None:
    configure_logging("INFO", secrets=[])
    structlog.get_logger("bot.jobs").info("submitted", job="j1", credits=3)

    [line] = logged().splitlines()
    event = json.loads(line)
    assert (event["event"], event["logger"], event["level"]) == ("submitted", "bot.jobs", "info")
    assert (event["job"], event["credits"]) == ("j1", 3)
    assert datetime.fromisoformat(event["timestamp"]).utcoffset() == timedelta(0)


def test_a_library_event_has_the_same_form(logged: Lines) -> None:
    configure_logging("INFO", secrets=[])
    logging.getLogger("discord.client").warning("shard %d is late", 3, extra={"latency": 0.5})

    event = json.loads(logged())
    assert (event["event"], event["logger"], event["level"]) == (
        "shard 3 is late",
        "discord.client",
        "warning",
    )
    assert event["latency"] == 0.5


def test_a_terminal_gets_readable_lines(logged: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    configure_logging("INFO", secrets=[])
    structlog.get_logger("bot.jobs").info("submitted", job="j1")

    line = terminal.getvalue()
    assert "submitted" in line
    assert "j1" in line
    assert not line.startswith("{")


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_no_secret_is_written_whatever_carries_it(
    stream: type[io.StringIO], logged: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr", output := stream())
    configure_logging("DEBUG", secrets=[SECRET, "other-token"])
    log = structlog.get_logger("bot")
    log.info("event", value=SECRET, nested={"list": [SECRET]}, address=f"wss://x/?t={SECRET}")
    log.info("argument %s", SECRET)
    logging.getLogger("discord.http").info("sent %s", SECRET, extra={"header": "Bot other-token"})
    try:
        int(SECRET)
    except ValueError:
        log.exception("ours")
        logging.getLogger("aiohttp.server").exception("theirs")

    written = output.getvalue()
    assert written.count("Traceback") == 2
    assert written.count(MASK) >= 7
    assert 's3"cr' not in written
    assert "et/é" not in written
    assert "other-token" not in written


def test_a_secret_is_masked_inside_an_address(logged: Lines) -> None:
    configure_logging("INFO", secrets=["a/b+c d"])
    structlog.get_logger("bot").info("GET", url="https://host/?token=a%2Fb%2Bc%20d", form="token=a%2Fb%2Bc+d")

    event = json.loads(logged())
    assert (event["url"], event["form"]) == (f"https://host/?token={MASK}", f"token={MASK}")


def test_the_longer_of_two_secrets_goes_as_a_whole(logged: Lines) -> None:
    configure_logging("INFO", secrets=["token", "token-and-more"])
    structlog.get_logger("bot").info("token-and-more")

    assert json.loads(logged())["event"] == MASK


def test_an_empty_secret_masks_nothing(logged: Lines) -> None:
    configure_logging("INFO", secrets=["", "real"])
    structlog.get_logger("bot").info("a real event")

    assert json.loads(logged())["event"] == f"a {MASK} event"


def test_a_record_that_cannot_be_formatted_is_told_without_its_arguments(logged: Lines) -> None:
    configure_logging("INFO", secrets=["other-token"])
    logging.getLogger("discord").warning("%d pieces", "other-token")
    logging.getLogger("discord").warning("still here")

    written = logged()
    assert "not logged" in written
    assert "other-token" not in written
    assert "still here" in written


def test_events_below_the_level_are_left_out(logged: Lines) -> None:
    configure_logging("WARNING", secrets=[])
    structlog.get_logger("bot").info("detail")
    logging.getLogger("discord").info("detail")
    structlog.get_logger("bot").error("trouble")

    assert [json.loads(line)["event"] for line in logged().splitlines()] == ["trouble"]


def test_libraries_never_write_bodies_or_sql(logged: Lines) -> None:
    configure_logging("DEBUG", secrets=[])
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT a prompt")
    logging.getLogger("discord.http").debug("a body")
    logging.getLogger("aiosqlite").debug("executing")

    assert logged() == ""


def test_configuring_again_replaces_the_first(logged: Lines) -> None:
    configure_logging("DEBUG", secrets=[])
    configure_logging("INFO", secrets=["hidden"])
    structlog.get_logger("bot").debug("detail")
    structlog.get_logger("bot").info("once, hidden")

    [line] = logged().splitlines()
    assert json.loads(line)["event"] == f"once, {MASK}"


def test_a_warning_becomes_an_event(logged: Lines) -> None:
    configure_logging("INFO", secrets=["hidden"])
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old and hidden", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)

    event = json.loads(logged())
    assert event["logger"] == "py.warnings"
    assert f"old and {MASK}" in event["event"]
