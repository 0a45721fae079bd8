import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import DownloadFailed, DownloadRefused, MediaTooLarge
from bot.media import AllowedHosts, DownloadedFile, Downloader, DownloadTimeouts
from tests.media.file_host import FileHost, answer, names_in

MEGABYTE = 1_000_000


@pytest.fixture
async def downloader() -> AsyncIterator[Downloader]:
    timeouts = DownloadTimeouts(connect_s=2, idle_s=0.2, total_s=5)
    running = Downloader(AllowedHosts.parse(["127.0.0.1"]), timeouts=timeouts)
    yield running
    await running.aclose()


async def failure(
    downloader: Downloader, url: str, folder: Path, *, max_bytes: int = MEGABYTE
) -> DownloadFailed:
    """Fetch what cannot be fetched; nothing may be left behind."""
    with pytest.raises(DownloadFailed) as caught:
        await downloader.fetch(url, folder / "file", max_bytes=max_bytes)
    assert names_in(folder) == []
    return caught.value


async def refusal(downloader: Downloader, url: str, folder: Path) -> str:
    with pytest.raises(DownloadRefused) as caught:
        await downloader.fetch(url, folder / "file", max_bytes=MEGABYTE)
    assert names_in(folder) == []
    return caught.value.reason


async def too_large(downloader: Downloader, url: str, folder: Path) -> MediaTooLarge:
    with pytest.raises(MediaTooLarge) as caught:
        await downloader.fetch(url, folder / "file", max_bytes=MEGABYTE)
    assert names_in(folder) == []
    return caught.value


async def test_a_file_arrives_whole(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    content = bytes(range(256)) * 12_000  # several of the pieces that are written at once
    url = host.serve("/film", answer(content, Content_Type="Video/MP4; x=y"))
    found = await downloader.fetch(url, tmp_path / "film.mp4", max_bytes=len(content))
    assert found == DownloadedFile(tmp_path / "film.mp4", len(content), "video/mp4")
    assert names_in(tmp_path) == ["film.mp4"]
    assert found.path.read_bytes() == content


async def test_an_empty_file_arrives_too(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    found = await downloader.fetch(host.serve("/none", answer()), tmp_path / "none", max_bytes=0)
    assert found.path.read_bytes() == b""


async def test_a_signed_address_is_asked_for_to_the_letter(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    path = "/a%2Fb/c+d?sig=%2F%3d&x=%7E"
    await downloader.fetch(host.serve(path, answer(b"x")), tmp_path / "file", max_bytes=10)
    assert host.paths == [path]


async def test_an_address_with_odd_characters_is_quoted(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    host.serve("/caf%C3%A9%20x", answer(b"x"))
    await downloader.fetch(host.url("/café x\r\n"), tmp_path / "file", max_bytes=10)
    assert host.paths == ["/caf%C3%A9%20x"]


async def test_nobody_is_told_who_asks(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    url = host.serve("/a", answer(b"x", Set_Cookie="id=1; Path=/"))
    await downloader.fetch(url, tmp_path / "a", max_bytes=10)
    await downloader.fetch(url, tmp_path / "a", max_bytes=10)
    assert len(host.requests) == 2
    for _, headers in host.requests:
        assert headers["accept-encoding"] == "identity"
        assert not {"authorization", "cookie", "referer"} & headers.keys()


async def test_a_declared_length_over_the_cap_is_refused_at_once(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    error = await too_large(downloader, host.hang("/big", answer(length=MEGABYTE + 1)), tmp_path)
    assert (error.limit_bytes, error.found_bytes) == (MEGABYTE, MEGABYTE + 1)


async def test_an_endless_file_is_cut_at_the_cap(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    error = await too_large(downloader, host.pour("/endless"), tmp_path)
    assert (error.limit_bytes, error.found_bytes) == (MEGABYTE, None)


async def test_a_file_shorter_than_declared_is_no_file(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    error = await failure(downloader, host.serve("/short", answer(b"abc", length=1000)), tmp_path)
    assert (error.reason, error.permanent) == ("cut_short", False)


async def test_a_host_that_sends_more_than_it_declared_is_not_believed(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    url = host.serve("/long", answer(b"abcdef", length=3))
    assert (await failure(downloader, url, tmp_path)).reason == "connection"


async def test_a_packed_answer_is_not_unpacked_into_a_bomb(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    packed = gzip.compress(bytes(50 * MEGABYTE))
    url = host.serve("/packed", answer(packed, Content_Encoding="gzip"))
    assert (await failure(downloader, url, tmp_path)).reason == "content_encoding"


async def test_a_host_that_falls_silent_is_left(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    error = await failure(downloader, host.hang("/silent", answer(b"abc", length=1000)), tmp_path)
    assert (error.reason, error.permanent) == ("timeout", False)


async def test_a_host_that_drips_is_left_when_the_time_for_all_is_up(host: FileHost, tmp_path: Path) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(length=1000))
        while True:
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    timeouts = DownloadTimeouts(idle_s=5, total_s=0.3)
    downloader = Downloader(AllowedHosts.parse(["127.0.0.1"]), timeouts=timeouts)
    assert (await failure(downloader, host.script("/drip", drip), tmp_path)).reason == "timeout"
    await downloader.aclose()


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(status, False) for status in (204, 206, 304, 400, 429, 500, 503)]
    + [(status, True) for status in (403, 404, 410)],
)
async def test_only_a_plain_success_is_a_file(
    host: FileHost, downloader: Downloader, tmp_path: Path, status: int, *, permanent: bool
) -> None:
    error = await failure(downloader, host.serve("/a", answer(status=status)), tmp_path)
    assert (error.reason, error.permanent) == (f"http_{status}", permanent)


@pytest.mark.parametrize(
    "noise", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"]
)
async def test_what_is_no_answer_is_a_failed_connection(
    host: FileHost, downloader: Downloader, tmp_path: Path, noise: bytes
) -> None:
    error = await failure(downloader, host.serve("/a", noise), tmp_path)
    assert (error.reason, error.permanent) == ("connection", False)


async def test_a_closed_port_is_a_failed_connection(downloader: Downloader, tmp_path: Path) -> None:
    async with FileHost().run() as gone:
        url = gone.url("/a")
    assert (await failure(downloader, url, tmp_path)).reason == "connection"


async def test_three_redirects_are_followed(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    host.serve("/1", answer(status=302, Location="/x/2"))
    host.serve("/x/2", answer(status=307, Location="3?a=%2F"))
    host.serve("/x/3?a=%2F", answer(status=301, Location=host.url("/4")))
    host.serve("/4", answer(b"found"))
    found = await downloader.fetch(host.url("/1"), tmp_path / "file", max_bytes=10)
    assert found.path.read_bytes() == b"found"
    assert host.paths == ["/1", "/x/2", "/x/3?a=%2F", "/4"]


async def test_a_fourth_redirect_is_refused(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    url = host.serve("/round", answer(status=308, Location="/round"))
    assert await refusal(downloader, url, tmp_path) == "redirects"
    assert len(host.requests) == 4


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("https://evil.example/a", "host"),
        ("//evil.example/a", "host"),
        ("http://169.254.169.254/", "host"),
        ("http://u:p@127.0.0.1/a", "user_info"),
        ("file:///etc/passwd", "scheme"),
        ("http://127.0.0.1:99999/", "address"),
    ],
)
async def test_each_redirect_is_checked(
    host: FileHost, downloader: Downloader, tmp_path: Path, location: str, reason: str
) -> None:
    url = host.serve("/a", answer(status=302, Location=location))
    assert await refusal(downloader, url, tmp_path) == reason
    assert host.paths == ["/a"]


async def test_a_redirect_to_nowhere_failed(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    assert (await failure(downloader, host.serve("/a", answer(status=302)), tmp_path)).reason == "redirect"


@pytest.mark.parametrize(
    ("url", "reason"), [("", "scheme"), ("http://[", "address"), ("http://h:x/", "address")]
)
async def test_what_is_no_address_is_refused(
    downloader: Downloader, tmp_path: Path, url: str, reason: str
) -> None:
    assert await refusal(downloader, url, tmp_path) == reason


async def test_a_full_disk_is_our_own_fault(host: FileHost, downloader: Downloader, tmp_path: Path) -> None:
    (tmp_path / "file.part").symlink_to("/dev/full")
    url = host.serve("/a", answer(bytes(300_000)))
    assert (await failure(downloader, url, tmp_path)).reason == "disk"


async def test_a_missing_folder_is_our_own_fault(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    url = host.serve("/a", answer(b"x"))
    with pytest.raises(DownloadFailed, match="disk"):
        await downloader.fetch(url, tmp_path / "missing" / "file", max_bytes=10)


async def test_a_cancelled_download_leaves_nothing(host: FileHost, tmp_path: Path) -> None:
    downloader = Downloader(AllowedHosts.parse(["127.0.0.1"]))
    url = host.hang("/a", answer(bytes(100), length=1000))
    task = asyncio.create_task(downloader.fetch(url, tmp_path / "file", max_bytes=1000))
    while not (tmp_path / "file.part").exists():  # noqa: ASYNC110 - a file gives no event
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert names_in(tmp_path) == []
    await downloader.aclose()


async def test_a_failed_download_leaves_the_file_of_before(
    host: FileHost, downloader: Downloader, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"before")
    with pytest.raises(DownloadFailed):
        await downloader.fetch(
            host.serve("/a", answer(b"abc", length=9)), tmp_path / "file", max_bytes=MEGABYTE
        )
    assert (tmp_path / "file").read_bytes() == b"before"
