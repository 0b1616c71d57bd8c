"""The API as a server asks it: one ASGI call, its answer, and a client that may leave."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clutchweb.asgi import application

HOST = "127.0.0.1:8760"
PATIENCE_S = 20


@dataclass
class Reply:
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    has_ended: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json()["error"]

    def events(self) -> Iterator[tuple[str, Any]]:
        """Name and document of each event; comments are left out."""
        for block in self.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
            if "data" in lines:
                data = lines["data"]
                yield lines.get("event", ""), data if data == "[DONE]" else json.loads(data)

    @property
    def documents(self) -> list[Any]:
        return [document for _, document in self.events()]


@dataclass
class Api:
    """A client with a token."""

    token: str = ""

    async def get(self, path: str, **headers: str) -> Reply:
        return await self.ask("GET", path, None, headers)

    async def post(self, path: str, document: Any, **headers: str) -> Reply:
        return await self.ask("POST", path, json.dumps(document).encode(), headers)

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str] | None = None,
        until: Callable[[Reply], bool] | None = None,
        *,
        leaves_at_once: bool = False,
    ) -> Reply:
        """`until` is when the client leaves; it returns when the API has seen to all of it."""
        reply, leaving = Reply(), asyncio.Event()
        if leaves_at_once:
            leaving.set()
        waiting: list[Any] = [{"type": "http.request", "body": body or b""}]

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            await leaving.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = {
                    name.decode(): value.decode() for name, value in message["headers"]
                }
            else:
                reply.pieces.append(message["body"])
                reply.has_ended = not message.get("more_body", False)
            if until is not None and until(reply):
                leaving.set()

        async with asyncio.timeout(PATIENCE_S):
            await application(self.scope(method, path, headers or {}), receive, send)
        return reply

    def scope(self, method: str, path: str, headers: Mapping[str, str]) -> Any:
        path, _, query = path.partition("?")
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        named = {"host": HOST, **known, **headers}
        encoded = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in named.items()
        ]
        return {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": encoded,
        }


def chat(text: str, model: str = "clutch-auto", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}
