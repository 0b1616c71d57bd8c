"""Prompts as files in the browser: looked at before they come in, one or all of them out."""

import html
import json
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from orchestrator.models import Membership, Prompt, Team, User
from orchestrator.services.prompts import library
from orchestrator.services.prompts.library import Draft
from tests.web.conftest import ATTACK
from tests.web.prompts.conftest import text_of

MARKDOWN = b"---\nname: hi\ntitle: Hi\n---\n\nHello {{name}}\n"


def upload(page: Client, name: str, data: bytes) -> object:
    return page.post("/prompts/import/", {"file": SimpleUploadedFile(name, data)})


def document_in(answer: object) -> str:
    text = text_of(answer).split('name="document" hidden>')[1].split("</textarea>")[0]
    return html.unescape(text)


def test_a_file_is_looked_at_and_then_imported(page: Client, ada: User) -> None:
    seen = upload(page, "hi.md", MARKDOWN)
    assert "1 new" in text_of(seen)
    assert not Prompt.objects.exists()
    done = page.post("/prompts/import/apply/", {"document": document_in(seen)})
    assert done.headers["Location"] == "/prompts/"
    made = Prompt.objects.get()
    assert (made.user, made.name, made.text) == (ada, "hi", "Hello {{name}}")
    assert "Nothing in it is new" in text_of(upload(page, "hi.md", MARKDOWN))


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("x.json", b"{", "no JSON"),
        ("x.zip", b"PK\x03\x04", "damaged"),
        ("x.md", b"a" * 3_000_000, "larger than 2 MB"),
        ("x.md", b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    page: Client, name: str, data: bytes, problem: str
) -> None:
    answer = upload(page, name, data)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert problem in text_of(answer)


def test_nothing_sent_and_nonsense_applied_say_so(page: Client) -> None:
    assert "Choose a file" in text_of(page.post("/prompts/import/", {}))
    answer = page.post("/prompts/import/apply/", {"document": "nonsense"})
    assert answer.status_code == 422
    assert "Nothing was imported" in text_of(answer)


def test_nothing_in_a_file_becomes_html(page: Client) -> None:
    draft = {"title": ATTACK, "text": f"</textarea>{ATTACK}", "description": ATTACK}
    data = json.dumps({"format": "clutch-prompts", "prompts": [draft]}).encode()
    assert ATTACK not in text_of(upload(page, f"{ATTACK}.json", data))


def test_a_large_library_is_imported_by_the_page(page: Client) -> None:
    drafts = [{"title": f"Prompt {number}", "text": "x" * 900} for number in range(2_000)]
    data = json.dumps({"format": "clutch-prompts", "prompts": drafts}).encode()
    seen = upload(page, "all.json", data)
    assert "2000 new" in text_of(seen)
    assert page.post("/prompts/import/apply/", {"document": document_in(seen)}).status_code == 302
    assert Prompt.objects.count() == 2_000


def test_what_a_person_sees_is_exported(page: Client, stranger: Client, mine: Prompt) -> None:
    one = page.get(f"/prompts/{mine.pk}/export/")
    assert one.headers["Content-Disposition"] == 'attachment; filename="review-code.md"'
    assert "name: review-code" in text_of(one)
    packed = zipfile.ZipFile(BytesIO(page.get("/prompts/export/").content))
    assert packed.namelist() == ["mine/review-code.md"]
    document = page.get("/prompts/export/?form=json").json()
    assert [each["name"] for each in document["prompts"]] == ["review-code"]
    assert stranger.get("/prompts/export/?form=json").json()["prompts"] == []
    assert page.get("/prompts/export/?form=exe").status_code == 404


def test_all_of_them_come_back(page: Client, stranger: Client, mine: Prompt, ada: User) -> None:
    library.create(ada, Draft("Two", "Zwei", tags=("x",)))
    seen = upload(stranger, "x.zip", page.get("/prompts/export/").content)
    assert "2 new" in text_of(seen)
    assert "Import 2 prompts" in text_of(seen)


def test_a_file_is_put_where_it_was_said_and_only_where_one_may(page: Client, crew: Team) -> None:
    key = f"team-{crew.pk}"
    file = SimpleUploadedFile("hi.md", MARKDOWN)
    assert "The team" in text_of(page.get("/prompts/import/"))
    seen = page.post("/prompts/import/", {"file": file, "owner": key})
    assert f"for: The team {crew}" in text_of(seen)
    form = {"document": document_in(seen), "owner": key}
    page.post("/prompts/import/apply/", form)
    assert Prompt.objects.get().team == crew
    Membership.objects.update(team=Team.objects.create(name="Other"))
    answer = page.post("/prompts/import/apply/", form)
    assert (answer.status_code, "cannot put prompts there" in text_of(answer)) == (422, True)
    for owner in ("everyone", key, "team-9"):
        again = SimpleUploadedFile("hi.md", MARKDOWN)
        answer = page.post("/prompts/import/", {"file": again, "owner": owner})
        assert (answer.status_code, "Choose one of these" in text_of(answer)) == (422, True)
