"""What every HTTP request must keep to before anything of it is stored or read.

An ASGI wrapper, because Django writes a whole body to disk before its first middleware.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from orchestrator.files.cleaning import MAX_FILE_BYTES
from orchestrator.files.items import MAX_BYTES as MAX_ITEM_BYTES

Application = Callable[..., Awaitable[Any]]
Message = dict[str, Any]
NO_HOST = (400, b"A request must name its host, once.\n")
TOO_LARGE = (413, b"The request is too large.\n")
# What the form around a file adds to it: boundaries, headers and the other fields.
FORM_BYTES = 64 * 1024
# Years of chats in another product's export.
MAX_EXPORT_BYTES = 210 * 1024 * 1024
LARGER: Mapping[str, int] = {
    "/attachments/": MAX_FILE_BYTES + FORM_BYTES,
    "/chat/import/": MAX_EXPORT_BYTES + FORM_BYTES,
    "/runs/quote/": MAX_ITEM_BYTES + FORM_BYTES,
    "/runs/start/": MAX_ITEM_BYTES + FORM_BYTES,
}


class BodyTooLarge(Exception):
    """More bytes came than are taken, whatever the header promised."""


class RequestBounds:
    """`larger` names the addresses that take more than all others."""

    def __init__(
        self,
        application: Application,
        max_bytes: int | None = None,
        larger: Mapping[str, int] = LARGER,
    ) -> None:
        self.application = application
        self.max_bytes = max_bytes or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        self.larger = larger

    async def __call__(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        max_bytes = self.larger.get(scope["path"], self.max_bytes)
        if len(_values(scope, b"host")) != 1:
            await _refuse(send, *NO_HOST)
        elif _promised_bytes(scope) > max_bytes:
            await _refuse(send, *TOO_LARGE)
        else:
            await self._count(scope, receive, send, max_bytes)

    async def _count(
        self, scope: Mapping[str, Any], receive: Any, send: Any, max_bytes: int
    ) -> None:
        seen, has_begun = 0, False

        async def receive_and_count() -> Message:
            nonlocal seen
            message: Message = await receive()
            seen += len(message.get("body", b""))
            if seen > max_bytes:
                raise BodyTooLarge
            return message

        async def send_and_note(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.application(scope, receive_and_count, send_and_note)
        except BodyTooLarge:
            if not has_begun:
                await _refuse(send, *TOO_LARGE)


def _values(scope: Mapping[str, Any], wanted: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name.lower() == wanted]


def _promised_bytes(scope: Mapping[str, Any]) -> int:
    sizes = [int(value) for value in _values(scope, b"content-length") if value.isdigit()]
    return max(sizes, default=0)


async def _refuse(send: Any, status: int, text: bytes) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
