"""One stage for many examples of what a client may send, and what must hold after each."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from simcord.actors import MemberActor

from bot.credits.audit import audit
from tests.stories.community import Community
from tests.stories.quick_stage import NEVER_STARTS, quick_stage


class Complaints(logging.Handler):
    """What the library logs where one of our callbacks raises: nobody would be answered."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


class AnyInteraction:
    """Sends interactions as no client of Discord's would, in one club."""

    def __init__(self, runner: asyncio.Runner, club: Community, heard: list[str]) -> None:
        self.runner = runner
        self.club = club
        self._heard = heard

    def send(self, who: MemberActor, kind: int, data: dict[str, Any], **extra: Any) -> None:
        """Send it and look: nothing raised, nobody charged without a job, the books balance."""
        with structlog.testing.capture_logs() as events:
            self.runner.run(self._send(who, kind, data, extra))
        errors = [event for event in events if event["log_level"] in ("error", "critical")]
        assert errors == []
        assert self._heard == []

    async def _send(self, who: MemberActor, kind: int, data: dict[str, Any], extra: dict[str, Any]) -> None:
        await who._dispatch_interaction(kind, self.club.channel, data, extra=extra)
        assert self.club.stage.unexpected_errors() == []
        assert await self.club.stage.showreel.database.run(audit) == []
        # A job without its hold would be a complaint of the audit; a submit without a job is looked for here.
        assert len(self.club.stage.runcomfy.submits) <= len(await self.club.stage.jobs())


@contextmanager
def any_interaction(folder: Path) -> Iterator[AnyInteraction]:
    """Open the stage for as many examples as wanted."""
    complaints = Complaints()
    logging.getLogger("discord").addHandler(complaints)
    try:
        with asyncio.Runner() as runner:
            opened = quick_stage(folder, pace=NEVER_STARTS)
            stage = runner.run(opened.__aenter__())
            try:
                yield AnyInteraction(runner, Community(stage), complaints.heard)
            finally:
                runner.run(opened.__aexit__(None, None, None))
    finally:
        logging.getLogger("discord").removeHandler(complaints)
