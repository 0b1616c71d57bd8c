"""The chat page: what is shown, paged, and to whom."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import (
    Attachment,
    Conversation,
    FleetVersion,
    Gear,
    Leg,
    Message,
    Provider,
    TripEvent,
    TripPayload,
    User,
)
from orchestrator.web.chat import thread

from .conftest import Send, finish, long_chat


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_first_page_offers_demo_local_model_and_key(page: Client) -> None:
    text = words(page.get("/chat/").content.decode())
    for offer in ("Welcome", "Try the demo", "Use a local model", "Add a key", "mortgage"):
        assert offer in text


def test_with_a_real_model_the_cards_are_gone(page: Client) -> None:
    Provider.objects.filter(name="ollama").update(reach="ok")
    Gear.objects.filter(provider__name="ollama").update(verified_at=timezone.now())
    FleetVersion.bump()
    text = words(page.get("/chat/").content.decode())
    assert "Try the demo" not in text
    assert "mortgage" in text


def test_an_answer_has_its_footer(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat)
    finish(chat, input_tokens=1_240, cached_input_tokens=800, output_tokens=90, cost_nano=4_100_000)
    text = words(page.get(f"/chat/{chat}/").content.decode())
    assert "G3 · demo-3 Demo – canned answer" in text
    for part in ("1240 in (800 cached) · 90 out", "$0.0041 demo", "2.0 s · first word 0.5 s"):
        assert part in text
    assert "60 tokens/s" in text


def test_an_answer_under_way_is_shown_as_far_as_it_is(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat)
    trip = Message.objects.get(role="assistant").trip
    assert trip is not None
    for seq, text in ((1, "# Title\n\nfirst"), (2, " line")):
        TripEvent.objects.create(trip=trip, seq=seq, kind="text", payload={"text": text})
    TripEvent.objects.create(trip=trip, seq=3, kind="thinking", payload={"text": "hm"})
    html = page.get(f"/chat/{chat}/").content.decode()
    assert f'data-trip="{trip.pk}" data-after="3" aria-busy="true"' in html
    assert "<h3>Title</h3>" in html
    assert "data-tail>first line</div>" in html


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("stopped", ("Stopped.", "Continue", "Send again")),
        ("stalled", ("Interrupted.", "Continue", "Send again")),
        ("failed", ("it broke Grant more.", "Continue", "Use another model")),
    ],
)
def test_an_answer_that_was_cut_says_so_and_what_can_be_done(
    send: Send, page: Client, state: str, shown: tuple[str, ...]
) -> None:
    chat = str(uuid4())
    send("hello", chat)
    message = finish(chat, "It begins", state=state, error="it broke")
    told = {"next_step": "Grant more."}
    TripEvent.objects.create(trip=message.trip, seq=9, kind="trip_finished", payload=told)
    text = words(page.get(f"/chat/{chat}/").content.decode())
    for part in ("It begins", *shown):
        assert part in text


def failed_leg(message: Message, gear: str, attempt: int) -> None:
    Leg.objects.create(
        trip_id=message.trip_id,
        attempt=attempt,
        gear=gear,
        level=3,
        provider="demo",
        model_id=gear,
        throttle=50,
        started_at=timezone.now(),
        state="failed",
        error="Too busy.",
    )


@pytest.mark.parametrize(
    ("tried", "told"),
    [
        (["demo-4", "demo-4"], "demo-4 failed 2 times: Too busy. Switched."),
        (["demo-3"], "demo-3 failed: Too busy. Tried again."),
    ],
)
def test_what_failed_before_is_told_once_for_each_model(
    send: Send, page: Client, tried: list[str], told: str
) -> None:
    chat = str(uuid4())
    send("hello", chat)
    message = finish(chat)
    answered = Leg.objects.get(trip_id=message.trip_id)
    for attempt, gear in enumerate(tried, start=2):
        failed_leg(message, gear, attempt)
    answered.pk = None  # the last call is the one that answered
    answered.attempt = 9
    answered.save()
    text = words(page.get(f"/chat/{chat}/").content.decode())
    assert told in text
    assert text.count("failed") == 1


def test_thinking_is_fetched_when_it_is_opened(send: Send, page: Client) -> None:
    chat = str(uuid4())
    send("hello", chat)
    message = finish(chat)
    TripPayload.objects.filter(pk=message.trip_id).update(thinking="<b>secret</b> plan")
    html = page.get(f"/chat/{chat}/").content.decode()
    assert f"/messages/{message.pk}/thinking/" in html
    assert "secret" not in html
    assert "&lt;b&gt;secret" in page.get(f"/messages/{message.pk}/thinking/").content.decode()


def test_a_long_chat_is_paged_without_holes(page: Client, ada: User) -> None:
    chat = long_chat(ada, thread.PAGE * 2 + 5)
    html = page.get(f"/chat/{chat.pk}/").content.decode()
    seen = re.findall(r"turn (\d+)", html)
    while older := re.search(rf"/chat/{chat.pk}/before/[0-9a-f-]+/", html):
        html = page.get(older[0]).content.decode()
        seen = re.findall(r"turn (\d+)", html) + seen
    assert [int(number) for number in seen] == list(range(thread.PAGE * 2 + 5))


def test_a_found_message_is_shown_even_far_up_or_on_another_branch(page: Client, ada: User) -> None:
    chat = long_chat(ada, thread.PAGE * 3)
    early = chat.messages.get(text="turn 4")
    html = page.get(f"/chat/{chat.pk}/?at={early.pk}").content.decode()
    assert f'id="m-{early.pk}"' in html
    assert "Newest messages" in html
    aside = Message.objects.create(
        conversation=chat, parent=early.parent, role="user", text="an edit aside"
    )
    html = page.get(f"/chat/{chat.pk}/?at={aside.pk}").content.decode()
    assert "an edit aside" in html


def test_a_page_asks_the_database_as_often_for_many_turns_as_for_few(
    page: Client, ada: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    few, many = long_chat(ada, 4), long_chat(ada, thread.PAGE)
    page.get(f"/chat/{few.pk}/"), page.get(f"/chat/{many.pk}/")
    with django_assert_num_queries(24):
        page.get(f"/chat/{few.pk}/")
    with django_assert_num_queries(24):
        page.get(f"/chat/{many.pk}/")


def test_a_full_page_stays_under_a_hundred_kilobytes(page: Client, ada: User) -> None:
    chat = long_chat(ada, 100)
    assert len(page.get(f"/chat/{chat.pk}/").content) < 100_000


def test_strangers_find_no_chat_and_no_message(send: Send, stranger: Client) -> None:
    chat = str(uuid4())
    send("mine", chat)
    message = finish(chat)
    for url in (
        f"/chat/{chat}/",
        f"/chat/{chat}/details/",
        f"/chat/{chat}/before/{message.pk}/",
        f"/messages/{message.pk}/",
        f"/messages/{message.pk}/thinking/",
        f"/messages/{message.pk}/why/",
        f"/messages/{message.pk}/choices/",
    ):
        assert stranger.get(url).status_code == 404


def test_without_signing_in_there_is_only_the_sign_in(send: Send) -> None:
    chat = str(uuid4())
    send("mine", chat)
    for url in ("/", "/chat/", f"/chat/{chat}/", "/chat/list/", "/palette/"):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/")


def test_the_chip_tells_the_route_and_keeps_nothing(page: Client) -> None:
    text = words(page.post("/chat/route/", {"text": "Fix the login bug"}).content.decode())
    assert re.fullmatch(
        r"Bug fix · [\w ]+ → G\d demo-\d · throttle \d+ % · single · ≈ \$[\d.]+ demo", text
    )
    assert not Conversation.objects.exists()
    assert b"while you write" in page.post("/chat/route/", {"text": " "}).content


def test_the_chip_keeps_a_pin_or_says_why_not(page: Client) -> None:
    pinned = {"text": "Fix the login bug", "gear": "demo-5"}
    assert "G5 demo-5" in words(page.post("/chat/route/", pinned).content.decode())
    unknown = {"text": "Fix the login bug", "gear": "demo-9"}
    answer = page.post("/chat/route/", unknown).content.decode()
    assert "There is no gear named" in words(answer)
    assert "Choose for me this time" in answer


def test_a_picture_turns_the_route_or_says_which_key_would_unlock_one(
    page: Client, ada: User
) -> None:
    picture = Attachment.objects.create(
        user=ada, kind="image", name="a.png", media_type="image/png", size=3, data=b"png"
    )
    asked = {"text": "What is this?", "files": [str(picture.pk)]}
    routed = words(page.post("/chat/route/", asked).content.decode())
    assert "demo-" in routed
    seeing = [gear for gear in Gear.objects.filter(provider__name="demo") if gear.capabilities]
    for gear in seeing:
        gear.capabilities = [name for name in gear.capabilities if name != "vision"]
        gear.save()
    blind = words(page.post("/chat/route/", asked).content.decode())
    assert "A key would unlock one:" in blind
    assert "ANTHROPIC_API_KEY" in blind
    assert "Choose for me this time" not in blind  # nothing else was wished for
