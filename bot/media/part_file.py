"""A file that appears under its name only once it is whole."""

import os
from contextlib import suppress
from pathlib import Path

from bot.errors import DISK, DownloadFailed


class PartFile:
    """Bytes go to `<name>.part`; `finish` gives the file its name, `discard` leaves nothing behind.

    Everything here blocks on the disk: call `write` and `finish` from a thread. The buffer's lock makes
    `discard` wait for a `write` that a cancelled task has left running.

    Raises:
        DownloadFailed: `disk`, when the disk is full, read-only or gone.
    """

    def __init__(self, destination: Path) -> None:
        self._destination = destination
        self._part = destination.with_name(destination.name + ".part")
        try:
            self._file = self._part.open("wb")
        except OSError as error:
            raise DownloadFailed(DISK) from error

    def write(self, data: bytes | bytearray) -> None:
        """Append bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise DownloadFailed(DISK) from error

    def finish(self) -> None:
        """Bring the bytes to the disk, then give the file its name: a crash leaves the whole file or none."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._part.replace(self._destination)
        except OSError as error:
            raise DownloadFailed(DISK) from error

    def discard(self) -> None:
        """Remove what was not finished; after `finish` there is nothing to do."""
        # On a full disk closing fails for the bytes in the buffer, and closes all the same.
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
