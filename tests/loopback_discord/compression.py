"""Encoding gateway messages: plain, or one compression context for a whole connection."""

import importlib
import json
import zlib
from typing import Any, Protocol

from tests.loopback_discord.errors import JsonObject


class Encoder(Protocol):
    """Turns payloads into websocket messages; text stays text."""

    def encode(self, payload: JsonObject) -> str | bytes: ...


class Plain:
    def encode(self, payload: JsonObject) -> str | bytes:
        return json.dumps(payload)


class ZlibEach:
    """Payload compression, asked for in IDENTIFY: each message by itself."""

    def encode(self, payload: JsonObject) -> str | bytes:
        return zlib.compress(json.dumps(payload).encode())


class ZlibStream:
    """Transport compression: one context, each message ended by a sync flush."""

    def __init__(self) -> None:
        self._context = zlib.compressobj()

    def encode(self, payload: JsonObject) -> str | bytes:
        data = self._context.compress(json.dumps(payload).encode())
        return data + self._context.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """Transport compression by Zstandard, for clients that have the `zstandard` package (then so have we)."""

    def __init__(self) -> None:
        zstandard: Any = importlib.import_module("zstandard")
        self._context = zstandard.ZstdCompressor().compressobj()
        self._block_flush: int = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def encode(self, payload: JsonObject) -> str | bytes:
        data: bytes = self._context.compress(json.dumps(payload).encode())
        flushed: bytes = self._context.flush(self._block_flush)
        return data + flushed


def encoder_for(compress: str | None) -> Encoder:
    """The encoder for the gateway URL's `compress`."""
    encoders: dict[str | None, type[Encoder]] = {"zlib-stream": ZlibStream, "zstd-stream": ZstdStream}
    return encoders.get(compress, Plain)()
