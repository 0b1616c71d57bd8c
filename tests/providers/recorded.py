"""A real HTTP server on loopback that plays a vendor: recorded bytes out, requests remembered."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

STREAMS = Path(__file__).parent / "streams"
EVENT_STREAM = "text/event-stream"
PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the adapter sent. Header names are lower case; `path` includes the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `ending` says what follows the body: a proper end, a cut socket, or silence.

    `silent` and `dropped` send nothing at all, not even headers: the first waits until the client
    gives up, the second closes the connection.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    piece_bytes: int = 0
    ending: Literal["whole", "cut", "hang", "silent", "dropped"] = "whole"

    def byte_by_byte(self) -> "Reply":
        return replace(self, piece_bytes=1)


Script = Reply | Sequence[Reply] | Callable[[Request], Reply]


def recorded(name: str, **changes: Any) -> Reply:
    """The recorded stream `streams/<name>`, with the content type its ending tells."""
    path = STREAMS / name
    content_type = EVENT_STREAM if path.suffix == ".sse" else "application/json"
    if path.suffix in (".ndjson", ".jsonl"):
        content_type = "application/x-ndjson"
    return Reply(body=path.read_bytes(), content_type=content_type, **changes)


def json_reply(document: Any, status: int = 200, **headers: str) -> Reply:
    """Header names are written with underscores: `retry_after="7"`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(body=json.dumps(document).encode(), status=status, headers=named)


@dataclass
class Wire:
    """The running server. A list of replies is used up in order; its last one repeats."""

    script: Script
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    client_closed: asyncio.Event = field(default_factory=asyncio.Event)
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def wait_until_client_closed(self) -> None:
        """Returns once a client has dropped a reply that hangs; fails after five seconds."""
        async with asyncio.timeout(PATIENCE_S):
            await self.client_closed.wait()

    def reply_to(self, request: Request) -> Reply:
        if isinstance(self.script, Reply):
            return self.script
        if callable(self.script):
            return self.script(request)
        return self.script[min(len(self.requests), len(self.script)) - 1]

    async def serve_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        self._writers.add(writer)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while await self._answer_one(reader, writer):
                pass
        except ConnectionError:
            self.client_closed.set()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Whether the connection stays open for another request."""
        request = await _read_request(reader)
        if request is None:
            return False
        self.requests.append(request)
        reply = self.reply_to(request)
        if reply.ending not in ("silent", "dropped"):
            await _send(writer, reply)
        if reply.ending in ("hang", "silent"):
            while await reader.read(1024):
                pass
            self.client_closed.set()
        return reply.ending == "whole"

    async def stop(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    headers = {
        "content-type": reply.content_type,
        "transfer-encoding": "chunked",
        **reply.headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {reply.status} Recorded\r\n{lines}\r\n".encode("latin-1"))
    size = reply.piece_bytes or max(1, len(reply.body))
    for start in range(0, len(reply.body), size):
        piece = reply.body[start : start + size]
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    if reply.ending == "whole":
        writer.write(b"0\r\n\r\n")
    await writer.drain()


@asynccontextmanager
async def serve(script: Script) -> AsyncIterator[Wire]:
    wire = Wire(script)
    server = await asyncio.start_server(wire.serve_connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    wire.url = f"http://{host}:{port}"
    try:
        yield wire
    finally:
        server.close()
        await wire.stop()
        await server.wait_closed()
