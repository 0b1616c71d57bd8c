"""The prompt library: written, versioned, found, inserted; one's own and everyone's."""

import pytest
from django.test import Client

from orchestrator.models import Prompt, User
from orchestrator.services.prompts import library

from .conftest import ATTACK


@pytest.fixture
def mine(ada: User) -> Prompt:
    return library.create(ada, "Review code", "Review {{code:multiline}}")


def test_an_empty_library_offers_a_beginning(page: Client) -> None:
    assert "Review this code" in page.get("/prompts/").content.decode()
    assert "{{code:multiline}}" in page.get("/prompts/new/?title=Review+this+code").content.decode()


def test_saving_makes_versions_and_the_same_text_makes_none(page: Client) -> None:
    made = page.post("/prompts/new/", {"title": "Greet", "text": "Hello {{name}}"})
    prompt = Prompt.objects.get()
    address = f"/prompts/{prompt.pk}/"
    assert made.headers["Location"] == address
    page.post(address, {"text": "Hello {{name}}"})
    page.post(address, {"text": "Hi {{name}}", "note": "shorter"})
    assert [each.number for each in prompt.versions.all()] == [2, 1]
    html = page.get(address).content.decode()
    assert "shorter" in html
    page.post(f"{address}back/1/")
    prompt.refresh_from_db()
    assert prompt.live is not None
    assert (prompt.live.number, prompt.live.text) == (3, "Hello {{name}}")


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"title": "x", "text": " "}, "The prompt is empty"),
        ({"title": "!!", "text": "a"}, "needs a title"),
        ({"title": "x", "text": "{{a|b}} {{a:multiline}}"}, "two different ways"),
        ({"title": "Review code", "text": "a"}, "named &#x27;review-code&#x27; already"),
        ({"title": "x", "text": "a" * 100_001}, "at most 100,000"),
    ],
)
def test_what_cannot_be_kept_comes_back_with_the_reason(
    page: Client, mine: Prompt, form: dict[str, str], problem: str
) -> None:
    answer = page.post("/prompts/new/", form)
    assert answer.status_code == 422
    assert problem in answer.content.decode()
    assert Prompt.objects.count() == 1


def test_inserting_asks_for_places_and_counts(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/insert/"
    assert '<textarea id="fill-1" name="code"' in page.get(address).json()["form"]
    refused = page.post(address, {})
    assert (refused.status_code, "Fill in “code”" in refused.json()["error"]) == (422, True)
    filled = page.post(address, {"code": "x = {{y}}"}).json()
    assert filled == {"text": "Review x = {{y}}"}
    mine.refresh_from_db()
    assert mine.times_used == 1


def test_a_prompt_without_places_is_inserted_at_once(page: Client, ada: User) -> None:
    plain = library.create(ada, "Shorten", "Make it shorter.")
    assert page.get(f"/prompts/{plain.pk}/insert/").json() == {"text": "Make it shorter."}


def test_the_palette_finds_prompts_behind_a_slash(page: Client, mine: Prompt) -> None:
    assert "Review code" in page.get("/palette/", {"q": "/rev"}).content.decode()
    assert "Review code" in page.get("/palette/", {"q": "/"}).content.decode()
    assert "Dashboard" not in page.get("/palette/", {"q": "/"}).content.decode()
    assert "Write one" in page.get("/palette/", {"q": "/zzz"}).content.decode()


def test_searching_looks_at_title_and_text(page: Client, mine: Prompt) -> None:
    for words, is_found in (("review", True), ("CODE", True), ("zebra", False)):
        answer = page.get("/prompts/", {"q": words}, headers={"hx-request": "true"})
        assert ("Review code" in answer.content.decode()) is is_found


def test_deleting_can_be_undone(page: Client, mine: Prompt) -> None:
    assert "was deleted" in page.post(f"/prompts/{mine.pk}/delete/").content.decode()
    assert page.get(f"/prompts/{mine.pk}/").status_code == 404
    assert page.post(f"/prompts/{mine.pk}/restore/").headers["Location"] == "/prompts/"
    assert page.get(f"/prompts/{mine.pk}/").status_code == 200


def test_strangers_find_nothing(stranger: Client, mine: Prompt) -> None:
    for url in (f"/prompts/{mine.pk}/", f"/prompts/{mine.pk}/insert/"):
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {"text": "x"}).status_code == 404
    for what in ("delete", "restore", "back/1"):
        assert stranger.post(f"/prompts/{mine.pk}/{what}/").status_code == 404
    assert "Review code" not in stranger.get("/prompts/").content.decode()


def test_everyones_prompts_are_used_by_all_and_changed_by_staff(page: Client, ada: User) -> None:
    shared = library.create(ada, "For all", "Hello")
    shared.user = None
    shared.save()
    address = f"/prompts/{shared.pk}/"
    assert page.get(f"{address}insert/").json() == {"text": "Hello"}
    assert page.post(address, {"text": "changed"}).status_code == 404
    ada.is_staff = True
    ada.save()
    assert page.post(address, {"text": "changed"}).status_code == 302


def test_nothing_in_a_prompt_becomes_html(page: Client, ada: User) -> None:
    prompt = library.create(ada, f"x {ATTACK}", f"{ATTACK} {{{{a|{ATTACK}}}}}")
    for url in ("/prompts/", f"/prompts/{prompt.pk}/", f"/prompts/{prompt.pk}/insert/"):
        answer = page.get(url)
        text = answer.json()["form"] if "insert" in url else answer.content.decode()
        assert ATTACK not in text
