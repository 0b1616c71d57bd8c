"""The trip log and one trip: only one's own, paged by key, escaped, with few queries."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from orchestrator.models import (
    Conversation,
    Membership,
    Team,
    Trip,
    TripEvent,
    TripPayload,
    User,
)
from orchestrator.services.driving import requests
from orchestrator.services.prompts import library
from orchestrator.services.prompts.library import Draft
from orchestrator.services.upkeep import startup
from orchestrator.web.trip_log import PAGE

from .conftest import ATTACK, MakeTrip, add_leg, signed_in

RECEIPT: dict[str, Any] = {
    "line": "Bug fix · highway → G3 demo-3",
    "refused": False,
    "gear": "demo-3",
    "is_demo": True,
    "zone": "yellow",
    "budget": {"left_nano": 1_500_000_000, "period": "day", "name": "this installation"},
    "baseline_gear": "demo-5",
    "baseline_nano": 29_300_000,
    "because": [{"code": "cheapest", "text": "demo-3 is the cheapest that does it well"}],
    "warnings": [],
    "policy": "balanced",
    "road": {
        "title": "highway",
        "task_type": "Bug fix",
        "confidence": 0.62,
        "method": "words",
        "signals": [{"name": "word", "value": "bug", "weight": 1.0}],
    },
    "candidates": [
        {"gear": "demo-3", "title": "Demo 3", "level": 3, "quality": 0.81, "cost_nano": 17_600_000},
        {"gear": "opus", "title": "Opus", "level": 5, "quality": 0.98, "cost_nano": None}
        | {"seconds": 21.0, "left_out": "the yellow zone allows up to G3"},
    ],
}


def address(trip: Trip) -> str:
    return reverse("trip", args=[trip.pk])


def test_only_ones_own_trips_are_listed(
    page: Client, stranger: Client, make_trip: MakeTrip
) -> None:
    make_trip(headline="my task")
    assert b"my task" in page.get("/trips/").content
    assert b"my task" not in stranger.get("/trips/").content


def test_a_stranger_finds_no_trip_and_stops_none(stranger: Client, make_trip: MakeTrip) -> None:
    trip = make_trip(state=Trip.State.DRIVING)
    assert stranger.get(address(trip)).status_code == 404
    assert stranger.post(f"{address(trip)}stop/").status_code == 404
    trip.refresh_from_db()
    assert trip.cancel_requested_at is None


def test_stop_asks_the_trip_to_stop(page: Client, make_trip: MakeTrip) -> None:
    trip = make_trip(state=Trip.State.DRIVING)
    assert page.post(f"{address(trip)}stop/").headers["Location"] == address(trip)
    trip.refresh_from_db()
    assert trip.cancel_requested_at is not None


def test_the_log_pages_through_everything_once(page: Client, make_trip: MakeTrip) -> None:
    trips = [make_trip(headline=f"task {number:03}") for number in range(PAGE + 5)]
    url, seen = "/trips/?state=done", []
    while url:
        html = page.get(url).content.decode()
        seen += re.findall(r"task \d{3}", html)
        older = re.search(r'href="([^"]*)" rel="next"', html)
        url = older[1].replace("&amp;", "&") if older else ""
    assert seen == [trip.headline for trip in reversed(trips)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"one", "two"}),
        ({"state": "failed"}, {"two"}),
        ({"gear": "demo-1"}, {"one"}),
        ({"gear": "demo-1", "state": "failed"}, set()),
        ({"gear": "' OR 1=1 --"}, set()),
        ({"state": "nonsense"}, {"one", "two"}),
        ({"before": "nonsense"}, {"one", "two"}),
        ({"gear": "\x00"}, {"one", "two"}),
        ({"road": "lane"}, {"two"}),
        ({"pattern": "swarm"}, {"two"}),
        ({"tag": "x"}, {"two"}),
        ({"first": "2026-11-21"}, set()),
        ({"last": "2026-11-19"}, set()),
        ({"first": "2026-11-20", "last": "2026-11-20"}, {"one", "two"}),
        ({"first": "0001-01-01", "last": "9999-12-31"}, {"one", "two"}),
        ({"first": "NaN"}, {"one", "two"}),
        ({"user__password__startswith": "p"}, {"one", "two"}),
    ],
)
def test_filters_narrow_and_nonsense_does_not(
    page: Client, make_trip: MakeTrip, query: dict[str, str], found: set[str]
) -> None:
    make_trip(headline="one", gear="demo-1")
    failed = Trip.State.FAILED
    more = {"road": "lane", "pattern": "swarm", "tags": "\nx\n"}
    make_trip(headline="two", gear="demo-2", state=failed, **more)
    answer = page.get("/trips/", query)
    assert answer.status_code == 200
    assert {name for name in ("one", "two") if f">{name}</a>" in answer.content.decode()} == found


@pytest.mark.parametrize("state", Trip.State.values)
def test_every_state_is_shown_as_a_word_with_an_icon(
    page: Client, make_trip: MakeTrip, state: str
) -> None:
    html = page.get(address(make_trip(state=state))).content.decode()
    assert re.search(rf'class="badge [^"]*"><svg[^>]*><use href="#i-{state}"/></svg> \w+', html)


def test_other_scopes_are_only_for_who_runs_them(
    page: Client, ada: User, eve: User, root: User, make_trip: MakeTrip
) -> None:
    team = Team.objects.create(name="Kernel")
    make_trip(eve, headline="her secret", team=team)
    address = f"/trips/?scope=team:{team.pk}"
    for scope in (address, "/trips/?scope=all"):
        assert page.get(scope).status_code == 404
    Membership.objects.create(user=ada, team=team, role="viewer")
    assert page.get(address).status_code == 404
    Membership.objects.update(role="admin")
    shown = page.get(address).content.decode()
    assert "of eve" in shown
    assert "her secret" not in shown
    assert "her secret" not in signed_in(root).get("/trips/?scope=all").content.decode()


def test_a_trip_and_its_chat_are_decided_again(
    page: Client, stranger: Client, ada: User, make_trip: MakeTrip
) -> None:
    startup.prepare()
    chat = Conversation.objects.create(user=ada)
    asked = requests.to_document(requests.from_text("Explain recursion"))
    receipt = {"gear": "gone-1", "estimated_cost_nano": 10, "refused": False}
    trip = make_trip(receipt=receipt, conversation=chat)
    make_trip(headline="unreadable", conversation=chat)
    TripPayload.objects.filter(pk=trip.pk).update(request=asked)
    for address in (f"{reverse('trip', args=[trip.pk])}replay/", f"/chat/{chat.pk}/replay/"):
        html = page.get(address).content.decode()
        assert "1 would choose another gear today" in html
        assert "gone-1" in html
        assert stranger.get(address).status_code == 404
    assert "is not kept in a form that can be read" in html
    assert Trip.objects.count() == 2


def test_a_trip_shows_its_answer_receipt_calls_and_saving(
    page: Client, make_trip: MakeTrip
) -> None:
    trip = make_trip(
        answer="The cookie is dropped.",
        receipt=RECEIPT,
        gear="demo-3",
        throttle=70,
        cost_nano=6_000_000,
        currency="demo",
        baseline_gear="demo-5",
        baseline_nano=29_300_000,
    )
    add_leg(trip, cost_nano=6_000_000, currency="demo", finished_at=trip.created_at)
    text = " ".join(re.sub(r"<[^>]*>", " ", page.get(address(trip)).content.decode()).split())
    for part in (
        "The cookie is dropped.",
        "Demo – canned answer",
        "$0.0060 demo",
        "$0.0233 demo less than demo-5",
        "62 % sure",
        "$1.50 left for this day",
        "demo-3 is the cheapest that does it well",
        "G5 Opus 98 % unknown 21.0 s the yellow zone allows up to G3",
        "Chosen",
    ):
        assert part in text


def test_a_refused_trip_says_why_and_what_next(page: Client, make_trip: MakeTrip) -> None:
    receipt = {"refused": True, "message": "The budget is gone.", "next_step": "Wait until noon."}
    html = page.get(address(make_trip(state="failed", receipt=receipt))).content.decode()
    assert "The budget is gone." in html
    assert "Wait until noon." in html


def test_what_people_models_and_providers_write_is_never_html(
    page: Client, make_trip: MakeTrip
) -> None:
    receipt = RECEIPT | {"line": ATTACK, "warnings": [ATTACK], "rule": ATTACK}
    trip = make_trip(
        headline=ATTACK, answer=ATTACK, error=ATTACK, gear=ATTACK, receipt=receipt, state="failed"
    )
    add_leg(trip, error=ATTACK, gear=ATTACK)
    for url in (address(trip), "/trips/"):
        html = page.get(url).content.decode()
        assert ATTACK not in html
        assert "&lt;script&gt;" in html


def test_an_open_trip_resumes_after_the_last_event_it_shows(
    page: Client, make_trip: MakeTrip
) -> None:
    trip = make_trip(state=Trip.State.DRIVING)
    for seq, text in ((1, "Hel"), (2, "lo")):
        TripEvent.objects.create(trip=trip, seq=seq, kind="text", payload={"text": text})
    TripEvent.objects.create(trip=trip, seq=3, kind="gear_shifted", payload={})
    html = page.get(address(trip)).content.decode()
    assert ">Hello</div>" in html
    assert f'data-live-trip="{trip.pk}" data-after="3"' in html
    assert '<noscript><meta http-equiv="refresh"' in html


def test_an_ended_trip_is_not_watched(page: Client, make_trip: MakeTrip) -> None:
    html = page.get(address(make_trip(answer="Done."))).content.decode()
    assert "data-live-trip" not in html
    assert "refresh" not in html
    assert "/stop/" not in html


def test_an_answer_is_shown_as_markdown_and_never_as_html(
    page: Client, make_trip: MakeTrip
) -> None:
    html = page.get(address(make_trip(answer=f"**bold** {ATTACK}"))).content.decode()
    assert "<strong>bold</strong>" in html
    assert ATTACK not in html


def test_lists_ask_the_database_as_often_for_many_as_for_one(
    page: Client, ada: User, make_trip: MakeTrip, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    page.get("/settings/")  # the first page of a session notes it
    trip = make_trip(receipt=RECEIPT)
    add_leg(trip)
    with django_assert_num_queries(4):
        page.get("/trips/")
    with django_assert_num_queries(5):
        page.get(address(trip))
    for number in range(10):
        make_trip()
        add_leg(trip, attempt=number + 2)
    with django_assert_num_queries(4):
        page.get("/trips/")
    with django_assert_num_queries(5):
        page.get(address(trip))


def test_a_trip_names_the_prompt_that_it_was_made_with(
    page: Client, ada: User, make_trip: MakeTrip
) -> None:
    prompt = library.create(ada, Draft("Greet", "Hello"))
    trip = make_trip(ada, prompt=prompt)
    trip.payload.request["prompt_version"] = prompt.live_id
    trip.payload.save()
    assert "Greet v1" in page.get(address(trip)).content.decode()
    prompt.delete()
    assert "Greet v1" not in page.get(address(trip)).content.decode()
