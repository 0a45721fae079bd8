"""Attachments that are not what they say, or not where they should be."""

import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.media.files import claiming_png
from tests.stories.community import Community
from tests.stories.media import clip, picture

PNG = b"\x89PNG\r\n\x1a\n"
FILES = {
    "nothing at all": b"",
    "a page": b"<html><script>alert(1)</script></html>",
    "a program": b"\x7fELF" + bytes(4000),
    "the beginning of a picture": picture()[1][:20],
    "a picture as large as a city": claiming_png(50_000, 50_000),
    "a picture of a gigabyte, packed": PNG + b"\0\0\0\rIHDR" + bytes(4) + zlib.compress(bytes(50_000_000)),
    "another kind of file": b"PK\x03\x04" + bytes(100),
    "a film without an end": clip()[1][:400],
}


@pytest.mark.parametrize("kind", FILES)
async def test_a_file_that_is_no_picture_costs_nothing(club: Community, kind: str) -> None:
    answer = await club.ask(prompt="Gulls over the bay", image1=("picture.png", FILES[kind]))

    assert answer.ephemeral
    assert "**image1**" in answer.text
    assert await club.nothing_happened(balance=100)
    assert [path for path in club.stage.data_dir.glob("inputs/*/*") if path.is_file()] == []
    # And the next request is as welcome as ever.
    await club.ask(prompt="Gulls over the bay", image1=picture())
    await club.everything_ends()
    assert len(club.posts()) == 1


ADDRESSES = (
    "http://169.254.169.254/latest/meta-data",
    "http://127.1:{port}/attachments/x.png",
    "http://2130706433:{port}/attachments/x.png",
    "http://0x7f.0.0.1:{port}/attachments/x.png",
    "http://0177.0.0.1:{port}/attachments/x.png",
    "http://[::ffff:127.0.0.1]:{port}/attachments/x.png",
    "http://[64:ff9b::7f00:1]:{port}/attachments/x.png",
    "http://127.0.0.1:{port}@evil.example/x.png",
    "https://evil.example/x.png",
    "file:///etc/passwd",
    "x",
    "",
)


@pytest.fixture
def elsewhere(club: Community) -> Iterator[list[str]]:
    """Attachments are at this address, whatever Discord would have said."""
    store, address = club.env.backend.cdn.store_attachment, ["x"]

    def stored(
        attachment_id: int, channel_id: int, filename: str, data: bytes, description: str | None
    ) -> dict[str, Any]:
        return store(attachment_id, channel_id, filename, data, description) | {"url": address[0]}

    club.env.backend.cdn.store_attachment = stored  # type: ignore[method-assign]  # the seam
    yield address
    club.env.backend.cdn.store_attachment = store  # type: ignore[method-assign]  # the seam


async def test_an_address_elsewhere_is_not_even_asked(club: Community, elsewhere: list[str]) -> None:
    port = club.stage.files.base.rpartition(":")[2]
    await club.ask("credits balance")
    for address in ADDRESSES:
        elsewhere[0] = address.replace("{port}", port)

        answer = await club.ask(prompt="Gulls over the bay", image1=picture())

        assert "**image1**" in answer.text, address
        assert "Your request is in." not in answer.text, address
    assert club.stage.files.asked == []
    assert await club.nothing_happened(balance=100)
