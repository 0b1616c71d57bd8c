"""The prompt library: written, versioned, found, inserted; one's own and everyone's."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import Conversation, Message, Prompt, Team, User
from orchestrator.services.prompts import library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.library import Draft
from tests.web.conftest import ATTACK
from tests.web.prompts.conftest import text_of


def test_an_empty_library_offers_a_beginning(page: Client) -> None:
    assert "Review this code" in text_of(page.get("/prompts/"))
    made = page.post("/prompts/samples/0/")
    assert made.headers["Location"] == f"/prompts/{Prompt.objects.get().pk}/"
    assert page.post("/prompts/samples/0/").headers["Location"] == "/prompts/"
    assert page.post("/prompts/samples/99/").status_code == 404


def test_a_prompt_is_written_with_all_that_is_said_about_it(page: Client) -> None:
    form = {"title": "Greet", "text": "Hello", "name": "hi", "tags": "Mail, b", "description": "x"}
    made = page.post("/prompts/new/", form)
    prompt = Prompt.objects.get()
    assert made.headers["Location"] == f"/prompts/{prompt.pk}/"
    assert (prompt.name, prompt.description) == ("hi", "x")
    assert [tag.name for tag in prompt.tags.all()] == ["b", "mail"]


def test_saving_makes_versions_and_the_same_text_makes_none(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/"
    page.post(f"{address}save/", {"text": "Review {{code:multiline}}"})
    page.post(f"{address}save/", {"text": "Look at {{code:multiline}}", "note": "shorter"})
    assert [each.number for each in mine.versions.all()] == [2, 1]
    assert "shorter" in text_of(page.get(address))
    page.post(f"{address}back/1/")
    mine.refresh_from_db()
    assert mine.live is not None
    assert (mine.live.number, mine.live.text) == (3, "Review {{code:multiline}}")
    page.post(f"{address}live/2/")
    mine.refresh_from_db()
    assert mine.live.number == 2
    assert mine.versions.count() == 3


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
    assert problem in text_of(answer)
    assert Prompt.objects.count() == 1
    assert f'value="{form["title"]}"' in text_of(answer)


def test_a_version_that_cannot_be_kept_comes_back_as_it_was_written(
    page: Client, mine: Prompt
) -> None:
    answer = page.post(f"/prompts/{mine.pk}/save/", {"text": "{{a|1}}{{a|2}}", "note": "try"})
    assert answer.status_code == 422
    assert "{{a|1}}{{a|2}}" in text_of(answer)
    assert 'value="try"' in text_of(answer)


def test_the_form_that_a_text_makes_is_shown(page: Client) -> None:
    shown = text_of(page.post("/prompts/preview/", {"text": "{{tone:formal|casual}} {{x|ten}}"}))
    assert "<option selected>formal</option>" in shown
    assert 'value="ten"' in shown
    assert "two different ways" in text_of(
        page.post("/prompts/preview/", {"text": "{{a|1}}{{a|2}}"})
    )


def test_many_versions_are_shown_page_by_page(page: Client, mine: Prompt, ada: User) -> None:
    for number in range(2, 31):
        library.save(mine, ada, f"Text {number} " + "x" * 4_000)
    newest = text_of(page.get(f"/prompts/{mine.pk}/"))
    assert (newest.count("Version 30 "), newest.count("Version 10 ")) == (1, 0)
    assert "The whole text" in newest
    older = text_of(page.get(f"/prompts/{mine.pk}/?before=11"))
    assert (older.count("Version 30 "), older.count("Version 10 ")) == (0, 1)
    assert "Older versions" not in older
    assert page.get(f"/prompts/{mine.pk}/?before=²").status_code == 200
    assert "x" * 4_000 in text_of(page.get(f"/prompts/{mine.pk}/versions/7/"))


def test_two_versions_are_compared(page: Client, mine: Prompt, ada: User) -> None:
    library.save(mine, ada, "Review it\n{{code:multiline}}")
    html = text_of(page.get(f"/prompts/{mine.pk}/diff/1/2/"))
    assert "<del>Review {{code:multiline}}</del>" in html
    assert "<ins>Review it</ins>" in html
    assert page.get(f"/prompts/{mine.pk}/diff/1/9/").status_code == 404


def test_inserting_asks_for_places_and_counts(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/insert/"
    assert 'name="place-code"' in page.get(address).json()["form"]
    refused = page.post(address, {})
    assert (refused.status_code, "Fill in “code”" in refused.json()["error"]) == (422, True)
    filled = page.post(address, {"place-code": "x = {{y}}"}).json()
    assert filled == {"text": "Review x = {{y}}", "version": mine.live_id}
    mine.refresh_from_db()
    assert mine.times_used == 1


def test_a_prompt_without_places_is_inserted_at_once(page: Client, ada: User) -> None:
    plain = library.create(ada, Draft("Shorten", "Make it shorter."))
    told = page.get(f"/prompts/{plain.pk}/insert/").json()
    assert told == {"text": "Make it shorter.", "version": plain.live_id}


def test_a_filled_prompt_begins_a_chat(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/use/"
    assert page.post(address, {}).status_code == 422
    assert page.post(address, {"place-code": "x = 1\r\ny"}).headers["Location"] == "/chat/"
    begun = text_of(page.get("/chat/"))
    assert "Review x = 1\ny</textarea>" in begun
    assert f'name="prompt_version" value="{mine.live_id}"' in begun
    assert "Review x = 1" not in text_of(page.get("/chat/"))


def test_a_message_names_the_prompt_it_came_from(
    page: Client, stranger: Client, mine: Prompt, ada: User, eve: User
) -> None:
    for user in (ada, eve):
        chat = Conversation.objects.create(user=user, title="x")
        said = Message.objects.create(
            conversation=chat, role="user", text="hi", prompt_version=mine.live
        )
        chat.head = said
        chat.save()
        browser = page if user is ada else stranger
        html = text_of(browser.get(f"/chat/{chat.pk}/"))
        assert (f'href="/prompts/{mine.pk}/' in html) is (user is ada)
        assert ("review-code" in html) is (user is ada)


def test_the_palette_finds_prompts_behind_a_slash(page: Client, mine: Prompt) -> None:
    assert "Review code" in text_of(page.get("/palette/", {"q": "/rev"}))
    assert "Review code" in text_of(page.get("/palette/", {"q": "/"}))
    assert "Dashboard" not in text_of(page.get("/palette/", {"q": "/"}))
    assert "Write one" in text_of(page.get("/palette/", {"q": "/zzz"}))


def test_the_list_is_searched_and_filtered(page: Client, mine: Prompt) -> None:
    library.set_tags(mine, ["code"])
    for query, is_found in (
        ({"q": "review"}, True),
        ({"q": "CODE"}, True),
        ({"q": "zebra"}, False),
        ({"tag": "code"}, True),
        ({"tag": "mail"}, False),
        ({"scope": "mine"}, True),
        ({"scope": "team"}, False),
        ({"archived": "1"}, False),
        ({"q": "\x00'\"%_\\"}, False),
    ):
        answer = page.get("/prompts/", query, headers={"hx-request": "true"})
        assert ("Review code" in text_of(answer)) is is_found, query


def test_a_long_list_asks_no_more_than_a_short_one(
    page: Client, ada: User, crew: Team, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page.get("/prompts/")  # the first page of a session notes that it is open
    for rows in range(2):
        for number in range(5):
            draft = Draft(f"P {rows} {number}", "Text", tags=("a", "b"))
            library.create(ada, draft, Owner(team=crew) if number % 2 else None)
        with django_assert_num_queries(6):
            page.get("/prompts/")


def test_a_star_is_set_and_taken_from_list_and_page(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/star/"
    assert page.post(address, {"on": "1", "from": "list"}).headers["Location"] == "/prompts/"
    assert "★" in text_of(page.get("/prompts/"))
    assert page.post(address, {"on": "0"}).headers["Location"] == f"/prompts/{mine.pk}/"
    assert "★" not in text_of(page.get("/prompts/"))


def test_an_archived_prompt_is_put_aside_and_back(page: Client, mine: Prompt) -> None:
    page.post(f"/prompts/{mine.pk}/archive/", {"on": "1"})
    assert "Review code" not in text_of(page.get("/prompts/"))
    assert "Take out of the archive" in text_of(page.get(f"/prompts/{mine.pk}/"))
    page.post(f"/prompts/{mine.pk}/archive/", {"on": "0"})
    assert "Review code" in text_of(page.get("/prompts/"))


def test_deleting_can_be_undone(page: Client, mine: Prompt) -> None:
    assert "was deleted" in text_of(page.post(f"/prompts/{mine.pk}/delete/", follow=True))
    assert page.get(f"/prompts/{mine.pk}/").status_code == 404
    back = page.post(f"/prompts/{mine.pk}/restore/")
    assert back.headers["Location"] == f"/prompts/{mine.pk}/"
    assert page.get(f"/prompts/{mine.pk}/").status_code == 200


def test_what_is_deleted_is_named_to_its_owner_only(stranger: Client, mine: Prompt) -> None:
    library.set_deleted(mine, is_deleted=True)
    for told in (str(mine.pk), "x", "²", "9" * 30):
        assert "was deleted" not in text_of(stranger.get("/prompts/", {"deleted": told}))


def test_everyones_prompts_are_used_by_all_and_changed_by_staff(page: Client, ada: User) -> None:
    shared = library.create(ada, Draft("For all", "Hello"), Owner())
    address = f"/prompts/{shared.pk}/"
    assert page.get(f"{address}insert/").json()["text"] == "Hello"
    assert page.post(f"{address}describe/", {"title": "x"}).status_code == 404
    assert page.post(f"{address}delete/").status_code == 404
    ada.is_staff = True
    ada.save()
    assert page.post(f"{address}save/", {"text": "changed"}).status_code == 302
    shared.refresh_from_db()
    assert shared.text == "changed"


def test_nothing_in_a_prompt_becomes_html(page: Client, ada: User) -> None:
    text = f"{ATTACK} {{{{a|{ATTACK}}}}} {{{{b:{ATTACK}|c}}}}"
    prompt = library.create(ada, Draft(f"x {ATTACK}", text, description=ATTACK, tags=(ATTACK,)))
    library.save(prompt, ada, f"{text} more", ATTACK)
    for what in ("", f"{prompt.pk}/", f"{prompt.pk}/use/", f"{prompt.pk}/diff/1/2/"):
        assert ATTACK not in text_of(page.get(f"/prompts/{what}"))
    assert ATTACK not in page.get(f"/prompts/{prompt.pk}/insert/").json()["form"]
    assert ATTACK not in text_of(page.post("/prompts/preview/", {"text": text}))
