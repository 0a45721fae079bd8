"""The audience: prints, as it happens, what each person in the channel sees."""

from collections.abc import Mapping
from typing import Any

import simcord
from rich.console import Console
from rich.markup import escape

from bot.rehearsal.screen import attachments_of, buttons_of, lines_of

_EPHEMERAL = 1 << 6


class Audience:
    """Listens to a simulated Discord and prints new and changed messages."""

    def __init__(self, env: simcord.Env, console: Console) -> None:
        """`env` is the simulated Discord; its names are shown instead of ids."""
        self._env = env
        self._console = console
        self._seen: dict[str, list[str]] = {}
        env.backend.subscribers.append(self._hear)

    def act(self, who: str, what: str) -> None:
        """Print what a person does."""
        self._console.print(f"\n[bold cyan]{escape(who)}[/] {escape(what)}")

    def answer(self, who: str, result: simcord.InteractionResult) -> None:
        """Print what the bot answered to one person alone."""
        response = result.response
        for line in (response.content if response else "(no answer)").splitlines():
            self._console.print(f"   [dim]only {escape(who)} sees:[/] {escape(self._named(line))}")

    def _hear(self, event: str, payload: Mapping[str, Any]) -> None:
        if event not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or payload.get("flags", 0) & _EPHEMERAL:
            return
        before = self._seen.get(payload["id"])
        now = lines_of(payload) + [f"[file] {name}" for name in attachments_of(payload)]
        buttons = buttons_of(payload)
        if buttons:
            now.append(" ".join(f"( {label} )" for label in buttons))
        self._seen[payload["id"]] = now
        fresh = now if before is None else [line for line in now if line not in before]
        job = next((line.rsplit(" ", 1)[-1] for line in now if " · job " in line), "")
        for line in fresh:
            self._print(line, job, is_new=before is None)

    def _print(self, line: str, job: str, *, is_new: bool) -> None:
        style = "green" if "[file]" in line else "yellow" if "▰" in line or "▱" in line else "white"
        head = "┃ " if is_new else f"┊ {job} " if job else "┊ "
        self._console.print(f"   [magenta]{head}[/][{style}]{escape(self._named(line))}[/]", highlight=False)

    def _named(self, line: str) -> str:
        for user in self._env.backend.users.values():
            line = line.replace(f"<@{user.id}>", f"@{user.name}")
        return line
