import socket
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import DownloadRefused
from bot.media import AllowedHosts, Downloader, PublicResolver
from tests.media.file_host import FileHost, answer, names_in


class ScriptedNames(AbstractResolver):
    """Names that lead where a test wants, one list of addresses after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        self.closed = True


HOSTS = AllowedHosts.parse(["cdn.example", "localhost"])


async def resolve(name: str, *addresses: str) -> list[str]:
    resolver = PublicResolver(HOSTS, ScriptedNames(list(addresses)))
    return [found["host"] for found in await resolver.resolve(name, 443)]


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:10.0.0.1"]
)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(DownloadRefused, match="private_address"):
        await resolve("cdn.example", address)


async def test_of_mixed_answers_only_the_public_ones_are_used() -> None:
    assert await resolve("cdn.example", "10.0.0.1", "1.1.1.1", "::1") == ["1.1.1.1"]


async def test_a_listed_host_of_this_machine_stays_on_this_machine() -> None:
    assert await resolve("localhost", "127.0.0.1", "1.1.1.1", "10.0.0.1") == ["127.0.0.1"]


async def test_an_unlisted_localhost_is_a_name_like_any_other() -> None:
    resolver = PublicResolver(AllowedHosts.parse(["cdn.example"]), ScriptedNames(["127.0.0.1"]))
    with pytest.raises(DownloadRefused):
        await resolver.resolve("localhost", 80)


async def test_closing_closes_the_resolver_inside() -> None:
    names = ScriptedNames([])
    await PublicResolver(HOSTS, names).close()
    assert names.closed


async def test_a_download_ends_where_its_name_leads_inside(tmp_path: Path) -> None:
    names = ScriptedNames(["127.0.0.1"])
    downloader = Downloader(HOSTS, resolver=names)
    with pytest.raises(DownloadRefused, match="private_address"):
        await downloader.fetch("https://cdn.example/a", tmp_path / "a", max_bytes=100)
    await downloader.aclose()
    assert names.asked == 1
    assert names_in(tmp_path) == []


async def test_a_download_from_a_listed_localhost_arrives(host: FileHost, tmp_path: Path) -> None:
    host.serve("/a", answer(b"here"))
    downloader = Downloader(HOSTS, resolver=ScriptedNames(["127.0.0.1"]))
    await downloader.fetch(f"http://localhost:{host.port}/a", tmp_path / "a", max_bytes=100)
    await downloader.aclose()
    assert (tmp_path / "a").read_bytes() == b"here"


async def test_a_name_that_changes_its_mind_is_judged_at_every_connection(
    host: FileHost, tmp_path: Path
) -> None:
    host.serve("/a", answer(b"here"))
    names = ScriptedNames(["127.0.0.1"], ["10.0.0.1"])
    downloader = Downloader(HOSTS, resolver=names)
    await downloader.fetch(f"http://localhost:{host.port}/a", tmp_path / "a", max_bytes=100)

    # What is checked is what is connected to: there is no second look-up in between that could differ.
    assert names.asked == 1
    with pytest.raises(DownloadRefused, match="private_address"):
        await downloader.fetch("http://localhost:1/a", tmp_path / "b", max_bytes=100)
    await downloader.aclose()
    assert names_in(tmp_path) == ["a"]
    assert names.asked == 2
