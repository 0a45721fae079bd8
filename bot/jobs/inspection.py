"""Inspection: every attachment of a request is fetched and looked at. A name and a declared type can lie."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.catalog import VideoModel
from bot.catalog.media import MediaFacts
from bot.catalog.problems import Problem, ProblemCode
from bot.errors import DISK, DownloadFailed, DownloadRefused, MediaTooLarge, MediaUnreadable
from bot.jobs.job import InputFile
from bot.media import Downloader, MediaWorker


@dataclass(frozen=True, slots=True)
class Attached:
    """An attachment as Discord describes it; `width` and `height` (pixels) only where Discord says them."""

    url: str
    size_bytes: int
    width: int | None = None
    height: int | None = None

    def as_described(self) -> MediaFacts:
        """What Discord says, as facts: enough to refuse much, not enough to accept anything."""
        return MediaFacts(size_bytes=self.size_bytes, width=self.width, height=self.height)


class Inspector:
    """Looks at attachments."""

    def __init__(self, attachments: Downloader, media: MediaWorker) -> None:
        """`attachments` fetches from Discord's hosts alone; `media` looks in a process of its own."""
        self._attachments = attachments
        self._media = media

    async def look_at_all(
        self, model: VideoModel, attachments: Mapping[str, Attached], folder: Path
    ) -> tuple[dict[str, MediaFacts], tuple[Problem, ...]]:
        """Fetch every attachment into `folder` and look at it: facts by option, and what is unusable.

        Raises:
            DownloadFailed: `disk`, when there is no room for them here.
        """
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise DownloadFailed(DISK) from error
        names = list(attachments)
        looks = [self._look_at(model, name, attachments[name], folder) for name in names]
        found = dict(zip(names, await asyncio.gather(*looks), strict=True))
        facts = {name: look for name, look in found.items() if isinstance(look, MediaFacts)}
        return facts, tuple(look for look in found.values() if isinstance(look, Problem))

    async def _look_at(
        self, model: VideoModel, name: str, item: Attached, folder: Path
    ) -> MediaFacts | Problem:
        limit = _slot_limit(model, name)
        path = folder / name
        try:
            await self._attachments.fetch(item.url, path, max_bytes=limit)
            facts = await self._media.probe(path)
        except MediaTooLarge as error:
            return Problem(name, ProblemCode.TOO_LARGE, limit, error.found_bytes, "B")
        except (DownloadRefused, DownloadFailed) as error:
            if error.reason == DISK:
                raise  # nothing is wrong with the file
            return Problem(name, ProblemCode.UNREACHABLE)
        except MediaUnreadable:
            return Problem(name, ProblemCode.UNREADABLE)
        await asyncio.to_thread(path.rename, folder / _input_name(name, facts))
        return facts


def input_file(option: str, item: Attached, facts: MediaFacts) -> InputFile:
    """The attachment as the job keeps it."""
    kind = "" if facts.kind is None else str(facts.kind)
    return InputFile(option, _input_name(option, facts), kind, item.url, facts.size_bytes)


def _slot_limit(model: VideoModel, name: str) -> int:
    option = next(option for option in model.options if option.name == name)
    if option.slot is None:
        raise AssertionError(f"{name} takes no attachment")
    return option.slot.max_bytes


def _input_name(option: str, facts: MediaFacts) -> str:
    return f"{option}.{facts.format or 'bin'}"
