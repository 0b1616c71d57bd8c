"""A request's body: read within bounds of size and time, unpacked within bounds, and parsed."""

import asyncio
import zlib
from typing import Any

import zstandard

from orchestrator import json_input
from orchestrator.gateway.faults import Refused
from orchestrator.gateway.http import Exchange
from orchestrator.json_input import InvalidJson, JsonTooLarge

# As large as the vendors' own: text, pictures and files of one request together.
MAX_BYTES = 32 * 1024 * 1024
READ_S = 60.0
# Larger ones are parsed beside the loop, which others are served by.
PARSED_AT_ONCE_BYTES = 64 * 1024
CHUNK_BYTES = 256 * 1024


class ClientLeft(Exception):
    """Before its request was whole."""


async def read(exchange: Exchange) -> dict[str, Any]:
    """Raises `Refused`, and `ClientLeft` where nobody waits for an answer any more."""
    kind = exchange.header("content-type").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise Refused("not_taken", f"Send JSON: content-type is {kind[:80]!r}.")
    unpack = _unpacker(exchange.header("content-encoding").lower())
    try:
        async with asyncio.timeout(READ_S):
            packed = await _whole(exchange)
    except TimeoutError:
        raise Refused("too_slow", f"The body took longer than {READ_S:.0f} s.") from None
    if unpack is None and len(packed) <= PARSED_AT_ONCE_BYTES:
        return _parse(packed)
    return await asyncio.to_thread(lambda: _parse(unpack(packed) if unpack else packed))


async def _whole(exchange: Exchange) -> bytes:
    promised = exchange.header("content-length")
    if promised.isdigit() and int(promised) > MAX_BYTES:
        raise _too_large()
    pieces, size = [], 0
    while True:
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MAX_BYTES:
            raise _too_large()
        if not message.get("more_body", False):
            return b"".join(pieces)


def _too_large() -> Refused:
    return Refused("too_large", f"The request is larger than {MAX_BYTES // 1024 // 1024} MiB.")


def _unpacker(encoding: str) -> Any:
    known = {"": None, "identity": None, "gzip": _gunzip, "x-gzip": _gunzip, "zstd": _unzstd}
    if encoding not in known:
        raise Refused("not_taken", f"content-encoding {encoding[:40]!r} is not taken; use gzip.")
    return known[encoding]


def _gunzip(packed: bytes) -> bytes:
    """Stops when it has grown too large, however small it came."""
    unpacking = zlib.decompressobj(wbits=31)
    try:
        text = unpacking.decompress(packed, MAX_BYTES + 1)
    except zlib.error:
        raise Refused("invalid_request", "The body is not the gzip that it says it is.") from None
    if len(text) > MAX_BYTES:
        raise _too_large()
    if not unpacking.eof:
        raise Refused("invalid_request", "The gzip of the body ends in the middle.")
    return text


def _unzstd(packed: bytes) -> bytes:
    pieces, size = [], 0
    unpacking = zstandard.ZstdDecompressor(max_window_size=MAX_BYTES)
    try:
        with unpacking.stream_reader(packed) as stream:
            while piece := stream.read(CHUNK_BYTES):
                pieces.append(piece)
                size += len(piece)
                if size > MAX_BYTES:
                    raise _too_large()
    except zstandard.ZstdError:
        raise Refused("invalid_request", "The body is not the zstd that it says it is.") from None
    return b"".join(pieces)


def _parse(text: bytes) -> dict[str, Any]:
    try:
        document = json_input.parse(text, max_bytes=MAX_BYTES)
    except JsonTooLarge:
        raise _too_large() from None
    except InvalidJson as wrong:
        raise Refused("invalid_request", f"The body is not JSON: {wrong.reason}") from None
    if not isinstance(document, dict):
        raise Refused("invalid_request", "The body has to be a JSON object.")
    return document
