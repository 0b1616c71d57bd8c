"""Prompts between people: shared, suggested, edited at once, and closed to strangers."""

import pytest
from django.test import Client

from orchestrator.models import Prompt, PromptVersion, Team, User
from orchestrator.services.prompts import library, suggestions
from tests.web.prompts.conftest import text_of

CHANGES = ("save", "archive", "share", "delete", "describe", "live/1", "back/1", "decide/1")
DEEDS = (*CHANGES, "insert", "use", "star", "copy", "restore")


def test_strangers_find_nothing(stranger: Client, mine: Prompt, shared: Prompt) -> None:
    for prompt in (mine, shared):
        for what in ("", "insert/", "use/", "export/", "diff/1/1/", "versions/1/"):
            assert stranger.get(f"/prompts/{prompt.pk}/{what}").status_code == 404, what
        for what in DEEDS:
            assert stranger.post(f"/prompts/{prompt.pk}/{what}/").status_code == 404, what
    listed = text_of(stranger.get("/prompts/")) + text_of(stranger.get("/palette/", {"q": "/"}))
    assert "Review code" not in listed
    assert "Greet" not in listed


def test_a_viewer_of_the_team_uses_and_changes_nothing(viewer: Client, shared: Prompt) -> None:
    html = text_of(viewer.get(f"/prompts/{shared.pk}/"))
    assert "readonly" in html
    assert "Suggest this change" not in html
    for what in CHANGES:
        answer = viewer.post(f"/prompts/{shared.pk}/{what}/", {"text": "x"})
        assert answer.status_code in (403, 404), what
    assert PromptVersion.objects.filter(prompt=shared).count() == 1


def test_a_prompt_is_shared_with_the_team_and_taken_back(
    page: Client, member: Client, mine: Prompt, crew: Team
) -> None:
    address = f"/prompts/{mine.pk}/"
    assert member.get(address).status_code == 404
    page.post(f"{address}share/", {"owner": f"team-{crew.pk}"})
    assert member.get(address).status_code == 200
    page.post(f"{address}share/", {"owner": "mine"})
    assert member.get(address).status_code == 404
    for owner in ("everyone", "team-999", ""):
        assert page.post(f"{address}share/", {"owner": owner}).status_code == 404


def test_sharing_under_a_name_the_team_has_says_so(
    page: Client, ada: User, shared: Prompt, crew: Team
) -> None:
    other = library.create(ada, library.Draft("Greet", "Hey"))
    answer = page.post(f"/prompts/{other.pk}/share/", {"owner": f"team-{crew.pk}"})
    assert answer.status_code == 422
    assert "Crew has a prompt named" in text_of(answer)


def test_a_copy_is_ones_own(member: Client, shared: Prompt, bob: User) -> None:
    answer = member.post(f"/prompts/{shared.pk}/copy/")
    copied = Prompt.objects.get(user=bob)
    assert answer.headers["Location"] == f"/prompts/{copied.pk}/"
    assert copied.text == shared.text


@pytest.mark.parametrize(("answer", "text"), [("accept", "Hi {{name}}"), ("decline", "Hello")])
def test_a_member_suggests_and_the_owner_decides(
    page: Client, member: Client, shared: Prompt, answer: str, text: str
) -> None:
    address = f"/prompts/{shared.pk}/"
    assert "Suggest this change" in text_of(member.get(address))
    member.post(f"{address}save/", {"text": "Hi {{name}}", "note": "short"})
    shared.refresh_from_db()
    assert shared.text == "Hello {{name}}"
    assert "bob" in text_of(page.get(address))
    assert "1 suggested change<" in text_of(page.get("/prompts/"))
    assert "1 suggested change" not in text_of(member.get("/prompts/"))
    html = text_of(page.get(f"{address}diff/1/2/"))
    assert "<ins>Hi {{name}}</ins>" in html
    assert member.post(f"{address}decide/2/", {"answer": "accept"}).status_code == 404
    decision = {"answer": answer, "seen": str(shared.live_id)}
    assert page.post(f"{address}decide/2/", decision).status_code == 302
    shared.refresh_from_db()
    assert shared.text.startswith(text)
    again = {"answer": "decline"}
    assert page.post(f"{address}decide/2/", again).status_code == 404


def test_a_suggestion_is_seen_by_its_author_and_those_who_decide(
    page: Client, member: Client, viewer: Client, shared: Prompt, bob: User
) -> None:
    suggestions.suggest(shared, bob, "Hi {{name}}")
    address = f"/prompts/{shared.pk}/diff/1/2/"
    assert [browser.get(address).status_code for browser in (page, member, viewer)] == [
        200,
        200,
        404,
    ]
    assert "Accept" not in text_of(member.get(address))


def test_a_suggestion_is_not_taken_over_a_newer_text(
    page: Client, shared: Prompt, bob: User, ada: User
) -> None:
    suggestions.suggest(shared, bob, "Hi {{name}}")
    seen = shared.live_id
    library.save(shared, ada, "Welcome {{name}}")
    answer = page.post(f"/prompts/{shared.pk}/decide/2/", {"answer": "accept", "seen": str(seen)})
    assert answer.status_code == 422
    assert "changed meanwhile" in text_of(answer)


def test_two_who_edit_at_once_see_both_texts(page: Client, shared: Prompt, ada: User) -> None:
    seen = shared.live_id
    library.save(shared, ada, "Theirs {{name}}", "by theirs")
    form = {"text": "Mine {{name}}\r\nmore", "note": "by mine", "seen": str(seen)}
    answer = page.post(f"/prompts/{shared.pk}/save/", form)
    html = text_of(answer)
    assert answer.status_code == 409
    assert "Theirs {{name}}</pre>" in html
    assert "Mine {{name}}\nmore</textarea>" in html
    assert 'value="by mine"' in html
    shared.refresh_from_db()
    assert shared.text == "Theirs {{name}}"
    page.post(f"/prompts/{shared.pk}/save/", form | {"seen": str(shared.live_id)})
    shared.refresh_from_db()
    assert [version.text for version in shared.versions.all()[:2]] == [
        "Mine {{name}}\nmore",
        "Theirs {{name}}",
    ]


def test_what_is_said_about_a_prompt_is_not_overwritten_unseen(page: Client, mine: Prompt) -> None:
    address = f"/prompts/{mine.pk}/describe/"
    old = {"was-title": mine.title, "was-description": "", "was-tags": ""}
    assert page.post(address, {"title": "Theirs", "tags": "a", **old}).status_code == 302
    answer = page.post(address, {"title": "Mine", "tags": "b", **old})
    html = text_of(answer)
    assert answer.status_code == 409
    assert "Title: Theirs" in html
    assert 'name="title" maxlength="120" value="Mine"' in html
    mine.refresh_from_db()
    assert mine.title == "Theirs"
    now = {"was-title": "Theirs", "was-description": "", "was-tags": "a"}
    assert page.post(address, {"title": "Mine", "tags": "b", **now}).status_code == 302
    mine.refresh_from_db()
    assert (mine.title, [tag.name for tag in mine.tags.all()]) == ("Mine", ["b"])
