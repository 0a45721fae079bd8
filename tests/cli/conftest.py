"""The command line on a store of its own, run in this process."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot.__main__ import main
from bot.database import Database
from bot.settings import StoreSettings
from tests.conftest import url_of

T = TypeVar("T")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class CommandLine:
    """`showreel`, with the store it works on."""

    def __init__(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.path = path
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *words: object) -> Ended:
        self._monkeypatch.setattr("sys.argv", ["showreel", *(str(word) for word in words)])
        status: object = 0
        try:
            main()
        except SystemExit as end:
            status = end.code
        printed = self._capsys.readouterr()
        assert isinstance(status, int)
        assert "Traceback" not in printed.err
        return Ended(status, printed.out, printed.err)

    def on_the_store(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Do something to the store, as the bot would."""

        async def run() -> T:
            database = Database(url_of(self.path))
            try:
                return await database.run(function, *args, **kwargs)
            finally:
                await database.close()

        return asyncio.run(run())


@pytest.fixture
def showreel(
    store_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    for name in StoreSettings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(store_path.parent)
    monkeypatch.setenv("DATABASE_URL", url_of(store_path))
    monkeypatch.setenv("COLUMNS", "200")
    return CommandLine(store_path, monkeypatch, capsys)
