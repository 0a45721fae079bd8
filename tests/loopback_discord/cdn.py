"""The files: what was uploaded, and the signed links they are served under."""

import hashlib
import io
import mimetypes
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from PIL import Image, UnidentifiedImageError
from yarl import URL

from tests.loopback_discord.errors import JsonObject

if TYPE_CHECKING:
    from tests.loopback_discord.ids import Snowflakes

_LINK_LIFETIME_S = 86_400


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a member attaches. Discord tells width and height of images and videos, if it read them."""

    filename: str
    data: bytes
    content_type: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(eq=False, slots=True)
class StoredAttachment:
    """A file on the CDN."""

    id: int
    channel_id: int
    filename: str
    data: bytes
    content_type: str | None
    width: int | None
    height: int | None
    cdn: "Cdn"
    description: str | None = None
    ephemeral: bool = False
    gone: bool = False

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def url(self) -> str:
        """The present link; `Cdn.expire_links` makes it another."""
        return self.cdn.link(self)

    def media_payload(self) -> JsonObject:
        payload: JsonObject = {
            "url": self.url,
            "proxy_url": self.url,
            "attachment_id": str(self.id),
            "loading_state": 2,
        }
        return payload | self._kind()

    def payload(self) -> JsonObject:
        payload: JsonObject = {
            "id": str(self.id),
            "filename": self.filename,
            "size": self.size,
            "url": self.url,
            "proxy_url": self.url,
        }
        if self.description is not None:
            payload["description"] = self.description
        if self.ephemeral:
            payload["ephemeral"] = True
        return payload | self._kind()

    def _kind(self) -> JsonObject:
        known = {"content_type": self.content_type, "width": self.width, "height": self.height}
        return {key: value for key, value in known.items() if value is not None}


class Cdn:
    """Keeps files and serves them; links can expire, files can vanish."""

    def __init__(self, ids: "Snowflakes") -> None:
        self.base_url = ""
        self.files: dict[int, StoredAttachment] = {}
        self._ids = ids
        self._signing_key = 0

    def take(
        self, channel_id: int, upload: Upload, *, description: str | None = None, ephemeral: bool = False
    ) -> StoredAttachment:
        """Read a file in, under the name Discord would give it; it is served once it is in `keep`."""
        content_type = upload.content_type or mimetypes.guess_type(upload.filename)[0]
        width, height = upload.width, upload.height
        if width is None and (content_type or "").startswith("image/"):
            width, height = _image_size(upload.data)
        return StoredAttachment(
            id=self._ids.next(),
            channel_id=channel_id,
            filename=safe_filename(upload.filename),
            data=upload.data,
            content_type=content_type,
            width=width,
            height=height,
            cdn=self,
            description=description,
            ephemeral=ephemeral,
        )

    def keep(self, *attachments: StoredAttachment) -> None:
        """Serve these files from now on."""
        self.files.update({item.id: item for item in attachments})

    def link(self, attachment: StoredAttachment) -> str:
        path = f"/cdn/attachments/{attachment.channel_id}/{attachment.id}/{attachment.filename}"
        issued_s = (attachment.id >> 22) // 1000
        query = {
            "ex": f"{issued_s + _LINK_LIFETIME_S:x}",
            "is": f"{issued_s:x}",
            "hm": self._signature(attachment),
        }
        return str(URL(self.base_url).with_path(path).with_query(query))

    def expire_links(self) -> None:
        """Every link given out so far stops working; fetching the message again gives a new one."""
        self._signing_key += 1

    async def serve(self, request: web.Request) -> web.Response:
        """GET a file, whole or a range of bytes."""
        attachment = self.files.get(int(request.match_info["attachment_id"]))
        if attachment is None or attachment.gone or request.query.get("hm") != self._signature(attachment):
            return web.Response(status=404, text="This content is no longer available.")
        headers = {
            "Content-Type": attachment.content_type or "application/octet-stream",
            "Accept-Ranges": "bytes",
        }
        try:
            wanted = request.http_range
        except ValueError:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{attachment.size}"})
        start, stop, _ = wanted.indices(attachment.size)
        if wanted.start is None and wanted.stop is None:
            return web.Response(body=attachment.data, headers=headers)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{attachment.size}"
        return web.Response(status=206, body=attachment.data[start:stop], headers=headers)

    def _signature(self, attachment: StoredAttachment) -> str:
        return hashlib.sha256(f"{self._signing_key}:{attachment.id}".encode()).hexdigest()


def safe_filename(filename: str) -> str:
    """Discord keeps letters, digits, dots, dashes and underscores; spaces become underscores."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "", filename.replace(" ", "_")) or "unknown"


def _image_size(data: bytes) -> tuple[int, int] | tuple[None, None]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except UnidentifiedImageError:
        return None, None
