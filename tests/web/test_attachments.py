"""Uploading and downloading: only one's own, and nothing that runs in a browser."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from PIL import Image

from orchestrator.files.cleaning import MAX_FILE_BYTES
from orchestrator.models import Attachment, User
from orchestrator.web.attachments import ONE_FILE
from tests.files.samples import pdf, pdf_of, picture

pytestmark = pytest.mark.django_db
HTML = b"<html><script>alert(1)</script></html>"


def send(client: Client, name: str, data: bytes, declared: str = "image/png") -> Any:
    return client.post(reverse("upload"), {"file": SimpleUploadedFile(name, data, declared)})


def fetch(client: Client, sent: Any) -> HttpResponse:
    return client.get(reverse("attachment", args=[sent.json()["id"]]))


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"four", {"name": "a.txt", "kind": "text", "size": 4, "tokens": 1}),
        ("a.pdf", pdf(("x" * 399,)), {"name": "a.pdf", "kind": "pdf", "tokens": 100}),
        ("a.gif", picture("GIF"), {"name": "a.png", "kind": "image", "tokens": 1_600}),
        ("a.png", HTML, {"name": "a.png", "kind": "text", "size": len(HTML)}),
    ],
)
def test_a_file_is_kept_and_told_by_its_content(
    page: Client, ada: User, name: str, data: bytes, told: dict[str, object]
) -> None:
    answer = send(page, name, data)
    assert answer.status_code == 201
    document = answer.json()
    assert set(document) == {"id", "name", "kind", "size", "tokens"}
    assert document.items() >= told.items()
    assert Attachment.objects.get(pk=document["id"]).user == ada


def test_a_scan_is_told_with_what_it_may_cost(page: Client) -> None:
    scan = pdf_of([b"0 0 9 9 re f"])
    assert send(page, "scan.pdf", scan).json()["tokens"] == round(len(scan) / 20)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\0\1\2\3", "This file is neither a picture, a PDF nor plain text."),
        (picture()[:40], "This picture is damaged or not complete."),
        (b"x" * (MAX_FILE_BYTES + 1), "This file has 20.1 MB, and 20 MB is taken."),
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_nothing(
    page: Client, data: bytes, sentence: str
) -> None:
    answer = send(page, "a.png", data)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(sentence)
    assert not Attachment.objects.exists()


def test_exactly_one_file_is_taken(page: Client) -> None:
    two = [SimpleUploadedFile("a", b"a"), SimpleUploadedFile("b", b"b")]
    for form in ({}, {"file": "text"}, {"other": two[0]}, {"file": two}):
        answer = page.post(reverse("upload"), form)
        assert (answer.status_code, answer.json()) == (422, {"error": ONE_FILE})
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\win.ini", "win.ini"),
        ("cod\u202egpj.exe", "codgpj.exe"),
        ("x" * 200 + ".txt", "x" * 116 + ".txt"),
        ("<img src=x onerror=alert(1)>.txt", "<img src=x onerror=alert(1)>.txt"),
        ('quote"; filename="evil.html', 'quote"; filename="evil.html'),
    ],
)
def test_a_hostile_name_reaches_neither_the_file_nor_its_headers(
    page: Client, name: str, kept: str
) -> None:
    boundary = "clutch"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename='
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    body = f'{head}"{quoted}"\r\n\r\nhello\r\n--{boundary}--\r\n'.encode()
    kind = f"multipart/form-data; boundary={boundary}"
    sent = page.post(reverse("upload"), body, content_type=kind)
    assert sent.json()["name"] == kept
    disposition = fetch(page, sent)["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert disposition.count("; filename") - kept.count("; filename") == 1


def test_a_picture_is_shown_with_its_own_type_and_without_its_secrets(page: Client) -> None:
    answer = fetch(page, send(page, "a.html", picture("JPEG", comment=b"at home"), "text/html"))
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == 'inline; filename="a.html.jpg"'
    assert b"at home" not in answer.content
    assert Image.open(BytesIO(answer.content)).size == (8, 6)


@pytest.mark.parametrize(
    ("data", "kind"),
    [(HTML, "text/plain; charset=utf-8"), (pdf(), "application/pdf")],
)
def test_everything_else_is_saved_and_never_opened(page: Client, data: bytes, kind: str) -> None:
    answer = fetch(page, send(page, "a", data, "text/html"))
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer.content == data


@pytest.mark.parametrize("data", [picture(), HTML, pdf()])
def test_no_file_can_run_anything_or_be_taken_for_another_type(page: Client, data: bytes) -> None:
    answer = fetch(page, send(page, "a", data))
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_stranger_gets_404_like_for_a_file_that_never_was(page: Client, stranger: Client) -> None:
    sent = send(page, "a.txt", b"mine")
    assert fetch(page, sent).status_code == 200
    assert fetch(stranger, sent).status_code == 404
    assert page.get(reverse("attachment", args=[uuid4()])).status_code == 404
    assert page.get("/attachments/not-an-id/").status_code == 404


def test_nobody_uploads_without_signing_in(db: None) -> None:
    answer = send(Client(), "a.txt", b"hello")
    assert answer.status_code == 302
    assert not Attachment.objects.exists()


def test_another_page_cannot_upload_in_somebodys_name(ada: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    assert send(client, "a.txt", b"hello").status_code == 403
    assert not Attachment.objects.exists()


def test_reading_does_not_upload_and_sending_does_not_download(page: Client) -> None:
    assert page.get(reverse("upload")).status_code == 405
    assert page.post(reverse("attachment", args=[uuid4()])).status_code == 405
