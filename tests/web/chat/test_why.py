"""Why this model, and what a person says about it: ratings, corrections, rules of one's own."""

from uuid import uuid4

import pytest
from django.test import Client

from orchestrator.models import Message, Outcome, Rule, TripPayload, User
from tests.web.conftest import signed_in

from .conftest import Send, finish


@pytest.fixture
def answer(send: Send) -> Message:
    chat = str(uuid4())
    send("Fix the login bug", chat)
    return finish(chat, road="highway")


def test_the_drawer_shows_the_receipt(page: Client, answer: Message) -> None:
    receipt = {"line": "Bug fix → demo-3", "refused": False, "zone": "green", "candidates": []}
    TripPayload.objects.filter(pk=answer.trip_id).update(receipt=receipt)
    html = page.get(f"/messages/{answer.pk}/why/").content.decode()
    for part in ("Bug fix → demo-3", "Use it for this answer", "Always for tasks like this"):
        assert part in html


def test_asking_again_offers_stronger_and_cheaper(page: Client, answer: Message) -> None:
    html = page.get(f"/messages/{answer.pk}/choices/").content.decode()
    assert 'data-gear="demo-4"' in html
    assert 'data-gear="demo-2"' in html


def test_a_rating_is_kept_changed_and_taken_back(page: Client, answer: Message) -> None:
    address = f"/messages/{answer.pk}/rate/"
    assert b'aria-pressed="true"' in page.post(address, {"kind": "good"}).content
    page.post(address, {"kind": "bad"})
    assert Outcome.objects.get().kind == "bad"
    assert b'aria-pressed="true"' not in page.post(address, {"kind": "bad"}).content
    assert not Outcome.objects.exists()
    assert page.post(address, {"kind": "superb"}).status_code == 404


def test_a_wrong_choice_is_learned_from(page: Client, answer: Message) -> None:
    text = page.post(f"/messages/{answer.pk}/wrong/", {"gear": "demo-5"}).content.decode()
    assert "demo-5 would have been right" in text
    outcome = Outcome.objects.get()
    assert (outcome.kind, outcome.gear) == ("corrected", "demo-5")


def test_always_makes_a_dated_rule_of_ones_own_that_can_be_undone(
    page: Client, answer: Message, eve: User
) -> None:
    page.post(f"/messages/{answer.pk}/always/", {"gear": "demo-5"})
    rule = Rule.objects.get(is_personal=True)
    assert (rule.when, rule.then) == ({"roads": ["highway"]}, {"use_gear": "demo-5"})
    assert rule.ends_at is not None
    task = {"text": "Fix the login bug: the cookie is lost"}
    assert "G5 demo-5" in page.post("/chat/route/", task).content.decode()
    other = signed_in(eve)
    assert "G5 demo-5" not in other.post("/chat/route/", task).content.decode()
    assert rule.name in page.get("/rules/").content.decode()
    assert rule.name not in other.get("/rules/").content.decode()
    assert other.post(f"/rules/{rule.pk}/undo/").status_code == 404
    assert page.post(f"/rules/{rule.pk}/undo/").headers["Location"] == "/rules/"
    assert "G5 demo-5" not in page.post("/chat/route/", task).content.decode()


def test_a_rule_for_a_gear_that_is_not_there_is_refused(page: Client, answer: Message) -> None:
    refused = page.post(f"/messages/{answer.pk}/always/", {"gear": "gone"})
    assert refused.status_code == 422
    assert "no gear named" in refused.content.decode()


def test_the_test_box_says_which_rule_had_a_say(page: Client, answer: Message) -> None:
    page.post(f"/messages/{answer.pk}/always/", {"gear": "demo-5"})
    html = page.post("/rules/try/", {"text": "Fix the login bug"}).content.decode()
    assert "had a say" in html
    assert "is empty" in page.post("/rules/try/", {"text": ""}).content.decode()


def test_a_rule_of_everyone_is_not_undone_by_a_member(page: Client, ada: User) -> None:
    rule = Rule.objects.create(name="all", when={"roads": ["highway"]}, then={"use_gear": "demo-1"})
    assert page.post(f"/rules/{rule.pk}/undo/").status_code == 404
    ada.is_staff = True
    ada.save()
    assert page.post(f"/rules/{rule.pk}/undo/").status_code == 302
