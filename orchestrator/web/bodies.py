"""Bounds the body of a request before it is stored anywhere: too large is answered with 413."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

Application = Callable[..., Awaitable[Any]]
Message = dict[str, Any]
REFUSAL = b"The request is too large.\n"


class TooLarge(Exception):
    """More bytes came than the header promised or than are taken."""


class BodyLimit:
    """An ASGI wrapper, because Django reads a whole body to disk before its first middleware."""

    def __init__(self, application: Application, max_bytes: int | None = None) -> None:
        self.application = application
        self.max_bytes = max_bytes or settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        if _promised_bytes(scope) > self.max_bytes:
            await _refuse(send)
            return
        has_begun = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.application(scope, self._counted(receive), send_and_note)
        except TooLarge:
            if not has_begun:
                await _refuse(send)

    def _counted(self, receive: Any) -> Callable[[], Awaitable[Message]]:
        seen = 0

        async def next_message() -> Message:
            nonlocal seen
            message: Message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_bytes:
                raise TooLarge
            return message

        return next_message


def _promised_bytes(scope: Mapping[str, Any]) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


async def _refuse(send: Any) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(REFUSAL)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL})
