"""Pictures and documents in both dialects: cleaned as what people attach, never fetched."""

import base64
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfWriter

from orchestrator.models import Trip
from orchestrator.services.database import in_thread
from tests.gateway.asking import Api, Reply

pytestmark = pytest.mark.django_db(transaction=True)


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


def paper() -> bytes:
    out, writer = BytesIO(), PdfWriter()
    writer.add_blank_page(72, 72)
    writer.write(out)
    return out.getvalue()


def coded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def openai_part(kind: str, data: bytes) -> dict[str, Any]:
    url = f"data:{kind};base64,{coded(data)}"
    if kind.startswith("image"):
        return {"type": "image_url", "image_url": {"url": url, "detail": "low"}}
    return {"type": "file", "file": {"filename": "a.pdf", "file_data": url}}


def anthropic_block(kind: str, data: bytes) -> dict[str, Any]:
    source = {"type": "base64", "media_type": kind, "data": coded(data)}
    name = "image" if kind.startswith("image") else "document"
    return {"type": name, "source": source}


async def asked(api: Api, dialect: str, kind: str, data: bytes) -> Reply:
    part = openai_part(kind, data) if dialect == "openai" else anthropic_block(kind, data)
    content = [{"type": "text", "text": "What is this?"}, part]
    body = {"model": "demo-3", "messages": [{"role": "user", "content": content}]}
    if dialect == "openai":
        return await api.post("/v1/chat/completions", body)
    return await api.post("/v1/messages", {**body, "max_tokens": 200})


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("kind", "data", "part"),
    [("image/png", picture(), "image"), ("application/pdf", paper(), "document")],
    ids=["picture", "paper"],
)
async def test_files_reach_the_model(
    api: Api, dialect: str, kind: str, data: bytes, part: str
) -> None:
    reply = await asked(api, dialect, kind, data)
    assert reply.status == 200, reply.json()
    trip = await in_thread(
        Trip.objects.select_related("payload").get, pk=reply.headers["x-clutch-trip"]
    )
    parts = trip.payload.request["messages"][0]["parts"]
    assert [(each["type"], each.get("media_type")) for each in parts] == [
        ("text", None),
        (part, kind),
    ]


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_a_text_that_says_it_is_a_picture_is_a_text(api: Api, dialect: str) -> None:
    reply = await asked(api, dialect, "image/png", b"only words")
    trip = await in_thread(
        Trip.objects.select_related("payload").get, pk=reply.headers["x-clutch-trip"]
    )
    parts = trip.payload.request["messages"][0]["parts"]
    assert [part["type"] for part in parts] == ["text", "text"]


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_a_damaged_picture_is_told_with_its_place(api: Api, dialect: str) -> None:
    reply = await asked(api, dialect, "image/png", picture()[:30])
    assert reply.status == 400
    assert "messages.0.content.1" in reply.error["message"]
    assert "damaged" in reply.error["message"]


async def test_a_picture_in_a_tools_result_stands_behind_it(api: Api) -> None:
    result = {
        "type": "tool_result",
        "tool_use_id": "toolu_1",
        "content": [
            {"type": "text", "text": "Here it is."},
            anthropic_block("image/png", picture()),
        ],
    }
    call = {"type": "tool_use", "id": "toolu_1", "name": "draw", "input": {}}
    messages = [
        {"role": "user", "content": "Draw"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    body = {"model": "demo-3", "max_tokens": 200, "messages": messages}
    reply = await api.post("/v1/messages", body)
    trip = await in_thread(
        Trip.objects.select_related("payload").get, pk=reply.headers["x-clutch-trip"]
    )
    parts = trip.payload.request["messages"][2]["parts"]
    assert [part["type"] for part in parts] == ["tool_result", "image"]
    assert parts[0]["name"] == "draw"
