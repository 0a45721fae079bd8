"""One stage for many examples of what a client may send, and what must hold after each."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from discord import app_commands, ui
from simcord.actors import MemberActor
from simcord.backend import serializers

from bot.credits.audit import audit
from bot.discord_io.errors import NotOffered
from tests.stories.community import Community
from tests.stories.quick_stage import NEVER_STARTS, quick_stage

#: Refused in words, without a sound.
NOT_AS_REGISTERED = (
    app_commands.CommandNotFound,
    app_commands.CommandSignatureMismatch,
    app_commands.TransformerError,
    NotOffered,
)


class Complaints(logging.Handler):
    """What the library logs where one of our callbacks raises: nobody would be answered."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], NOT_AS_REGISTERED):
            return  # the library's own word for an autocompletion that nobody has registered
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
        assert errors == [], errors
        assert self._heard == [], self._heard

    async def _send(self, who: MemberActor, kind: int, data: dict[str, Any], extra: dict[str, Any]) -> None:
        if "button" in extra:
            message = await self._message(extra.pop("button"))
            extra["message"] = message
            source = int(message["id"])
            await who._dispatch_interaction(
                kind, self.club.channel, data, extra=extra, source_message_id=source
            )
        else:
            await who._dispatch_interaction(kind, self.club.channel, data, extra=extra)
        raised = [
            f"{error!r} from {error.__cause__!r}"
            for error in self.club.stage.unexpected_errors()
            if not isinstance(error.__cause__ or error, NOT_AS_REGISTERED)
        ]
        assert raised == [], raised
        assert await self.club.stage.showreel.database.run(audit) == []
        # A job without its hold would be a complaint of the audit; a submit without a job is looked for here.
        assert len(self.club.stage.runcomfy.submits) <= len(await self.club.stage.jobs())

    async def _message(self, component: dict[str, Any]) -> dict[str, Any]:
        """A message of the bot's, of the kind that such ids are found on, as if it had the component."""
        channel = self.club.stage.showreel.bot.get_partial_messageable(self.club.channel.id)
        if component["custom_id"].startswith(("board:", "server:", "job:approve", "job:reject")):
            view = ui.LayoutView().add_item(ui.TextDisplay("What is asked."))
            sent = await channel.send(view=view)
        else:
            sent = await channel.send("What is asked.")
        stored = self.club.env.backend.get_message(self.club.channel.id, sent.id)
        payload = dict(serializers.message_payload(self.club.env.backend, stored))
        return payload | {"components": [{"type": 1, "components": [component]}]}


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
