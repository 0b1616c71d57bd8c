"""One request over ASGI and its answer, as JSON or as a stream of events."""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

# Some clients take these for the end of a line, and of what they read as JSON.
LINE_ENDS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

JSON_HEADERS = {"content-type": "application/json", "cache-control": "no-store"}
STREAM_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
SAFE_HEADERS = {"x-content-type-options": "nosniff", "cross-origin-resource-policy": "same-origin"}


class Exchange:
    """Cookies and the query never say who asks, so nothing of a browser's session is read."""

    def __init__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.receive = receive
        self.has_begun = False
        self.id = f"req_{uuid.uuid4().hex}"
        self._send = send
        self._headers = [(name.lower(), value) for name, value in scope["headers"]]

    def values(self, name: str) -> list[str]:
        wanted = name.encode()
        return [value.decode("latin-1") for key, value in self._headers if key == wanted]

    def header(self, name: str) -> str:
        return next(iter(self.values(name)), "").strip()

    async def answer(
        self, status: int, document: Any, headers: Mapping[str, str] | None = None
    ) -> None:
        body = _text(document).encode(errors="replace")
        length = {"content-length": str(len(body))}
        await self._begin(status, {**JSON_HEADERS, **length, **(headers or {})})
        await self._send(
            {"type": "http.response.body", "body": b"" if self.method == "HEAD" else body}
        )

    async def begin_stream(self, headers: Mapping[str, str]) -> None:
        await self._begin(200, {**STREAM_HEADERS, **headers})

    async def write(self, piece: bytes) -> None:
        if piece:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end_stream(self) -> None:
        await self._send({"type": "http.response.body", "body": b""})

    async def until_gone(self) -> None:
        """Returns when the client has left; only to be called when the body was read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.has_begun = True
        told = {**SAFE_HEADERS, **headers, "x-request-id": self.id, "request-id": self.id}
        encoded = [
            (name.encode(), value.encode("latin-1", "replace")) for name, value in told.items()
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": encoded})


def _text(document: Any) -> str:
    """What a vendor sent as half a character is told as a question mark."""
    return json.dumps(document, ensure_ascii=False).translate(LINE_ENDS)


def frame(document: Any, event: str = "") -> bytes:
    """One server-sent event."""
    name = f"event: {event}\n" if event else ""
    return f"{name}data: {_text(document)}\n\n".encode(errors="replace")


def comment(text: str) -> bytes:
    """A line that clients skip."""
    return f": {' '.join(text.split())}\n\n".encode()
