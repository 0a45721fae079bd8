"""Name resolution that leads nowhere but to the public internet.

A name can answer with a public address while it is checked and with a private one when it is used. Here the
answer that is checked is the answer that is connected to. aiohttp does not resolve literal addresses:
`AllowedHosts.check` judges those.
"""

import socket

from aiohttp import DefaultResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import DownloadRefused
from bot.media.hosts import AllowedHosts


class PublicResolver(AbstractResolver):
    """Wraps a resolver (aiohttp's default) and drops every address that the host may not be reached at."""

    def __init__(self, hosts: AllowedHosts, inner: AbstractResolver | None = None) -> None:
        self._hosts = hosts
        self._inner = inner if inner is not None else DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a host.

        Raises:
            DownloadRefused: `private_address`, when none of the answers is left.
            OSError: the name has no answer.
        """
        answers = await self._inner.resolve(host, port, family)
        kept = [answer for answer in answers if self._hosts.allows_address(host, answer["host"])]
        if answers and not kept:
            raise DownloadRefused("private_address")
        return kept

    async def close(self) -> None:
        """Close the resolver inside."""
        await self._inner.close()
