"""A host of files on loopback that can answer anything, properly or not: it writes its answers itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Script = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"", *, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    """One HTTP answer; `length` is what it claims, where that is not the truth."""
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class FileHost:
    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, dict[str, str]]] = []
        self._scripts: dict[str, Script] = {}

    def serve(self, path: str, content: bytes) -> str:
        """Answer with these bytes, then hang up."""

        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(content)
            await writer.drain()

        return self.script(path, write)

    def hang(self, path: str, content: bytes) -> str:
        """Answer with these bytes, then say nothing for ever."""

        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(content)
            await writer.drain()
            await asyncio.Event().wait()

        return self.script(path, write)

    def pour(self, path: str) -> str:
        """Answer without a length and without an end."""

        async def write(writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                writer.write(bytes(65_536))
                await writer.drain()

        return self.script(path, write)

    def script(self, path: str, script: Script) -> str:
        self._scripts[path] = script
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    @asynccontextmanager
    async def run(self) -> AsyncIterator["FileHost"]:
        tasks: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            tasks.add(asyncio.ensure_future(self._talk(reader, writer)))

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            path = head[0].split(" ")[1]
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            self.requests.append((path, {name.lower(): value for name, value in headers.items()}))
            await self._scripts[path](writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
