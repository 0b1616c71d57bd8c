"""Requests that are too large or name no host are answered before the application sees them."""

from typing import Any

import pytest
from django.urls import reverse

from orchestrator.files.cleaning import MAX_FILE_BYTES
from orchestrator.web.bounds import LARGER, RequestBounds

Message = dict[str, Any]
HOST = (b"host", b"localhost")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def ask(
    headers: list[tuple[bytes, bytes]], chunks: list[bytes], path: str = "/"
) -> tuple[int, bytes]:
    sent: list[Message] = []
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    bounded = RequestBounds(echo, max_bytes=10, larger={"/files/": 20})
    await bounded({"type": "http", "path": path, "headers": headers}, receive, send)
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("headers", "chunks", "status"),
    [
        ([HOST], [b"x" * 10], 200),
        ([HOST], [b"x" * 5, b"x" * 5], 200),
        ([HOST], [b"x" * 5, b"x" * 6], 413),
        ([HOST, (b"content-length", b"10")], [b"x" * 10], 200),
        ([HOST, (b"content-length", b"11")], [b""], 413),
        ([HOST, (b"content-length", b"1000000000000")], [b""], 413),
        ([HOST, (b"content-length", b"1")], [b"x" * 11], 413),
        ([HOST, (b"content-length", b"-1")], [b"x"], 200),
        ([HOST, (b"content-length", b"1"), (b"content-length", b"99")], [b"x"], 413),
        ([], [b""], 400),
        ([HOST, HOST], [b""], 400),
    ],
)
async def test_a_request_is_taken_or_refused_with_its_reason(
    headers: list[tuple[bytes, bytes]], chunks: list[bytes], status: int
) -> None:
    answered, body = await ask(headers, chunks)
    assert answered == status
    assert body


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/files/", 20, 200),
        ("/files/", 21, 413),
        ("/files/x", 11, 413),
        ("/other/files/", 11, 413),
        ("/files", 11, 413),
    ],
)
async def test_only_an_address_that_takes_files_takes_more(
    path: str, size: int, status: int
) -> None:
    promised = (b"content-length", str(size).encode())
    assert (await ask([HOST, promised], [b"x" * size], path))[0] == status
    assert (await ask([HOST], [b"x" * size], path))[0] == status


def test_a_file_of_the_largest_size_fits_through_with_its_form() -> None:
    assert LARGER[reverse("upload")] > MAX_FILE_BYTES


async def test_other_protocols_pass_untouched() -> None:
    seen = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await RequestBounds(application)({"type": "websocket"}, None, None)
    assert seen == ["websocket"]
