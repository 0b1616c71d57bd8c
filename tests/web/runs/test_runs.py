"""The Runs pages: ordering with a price, what stands of a run, its controls, and whose it is."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from orchestrator.models import RunTemplate, Step, Trip, User
from orchestrator.services.driving import trips
from orchestrator.services.people.identity import Caller
from orchestrator.services.upkeep import startup
from tests.web.conftest import ATTACK

ORDER = {"task": "Say what it is", "pattern": "swarm", "plan": "parallel = 3", "items": "a\nb\nc"}
FORMULA = "=1+1"


@pytest.fixture(autouse=True)
def fleet_of_demos(transactional_db: None) -> None:
    startup.prepare()


@pytest.fixture
def run(ada: User) -> Trip:
    from orchestrator.routing.types import Pattern
    from orchestrator.services.driving import requests
    from orchestrator.services.runs import orders

    request = requests.from_text("Say what it is", run={"parallel": 2})
    order = orders.Order(Pattern.SWARM, request, ("a", FORMULA, ATTACK))
    return orders.start(Caller(ada.pk, Trip.Source.CLI), order)


def start(page: Client, **changed: Any) -> Any:
    return page.post(reverse("start-run"), {**ORDER, **changed})


def test_an_order_is_priced_before_anything_starts(page: Client) -> None:
    told = page.post(reverse("quote-run"), ORDER).content.decode()
    assert "3 calls" in told
    assert "proposed cap" in told
    assert not Trip.objects.exists()


def test_a_task_s_price_is_shown_for_other_patterns_too(page: Client) -> None:
    told = page.post(reverse("quote-run"), {"task": "Write a poem", "pattern": "convoy"})
    assert all(word in told.content.decode() for word in ("team", "cascade", "hybrid"))


def test_an_order_starts_a_run_with_its_cap_and_its_items(page: Client, ada: User) -> None:
    answer = start(page, cap="0.25")
    trip = Trip.objects.get(user=ada)
    assert answer["Location"] == reverse("run", args=[trip.pk])
    assert (trip.pattern, trip.cap_nano) == ("swarm", 250_000_000)
    assert Step.objects.filter(trip=trip).count() == 3


def test_the_same_order_sent_twice_is_one_run(page: Client, ada: User) -> None:
    key = "01a1fd20-568b-709b-bbf5-a4b0dea4926e"
    places = {start(page, key=key)["Location"] for _ in range(2)}
    assert len(places) == Trip.objects.filter(user=ada).count() == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"items": ""}, "needs items"),
        ({"plan": "parallel = "}, "not TOML"),
        ({"plan": "parallel = 1000"}, "from 1 to 100"),
        ({"plan": '[each]\nname = "a"\ngear = "nope"'}, "there is none"),
        ({"pattern": "single"}, "Pattern"),
        ({"cap": "-1"}, "Cap"),
        ({"cap": "NaN"}, "Cap"),
        ({"cap": "Infinity"}, "Cap"),
        ({"task": ""}, "prompt is empty"),
        ({"items": '{"a": 1', "items_form": "jsonl"}, "Line 1 is not JSON"),
        ({"plan": '[check]\nregex = "("'}, "regular expression is wrong"),
    ],
)
def test_what_cannot_be_driven_is_said_and_nothing_is_lost(
    page: Client, changed: dict[str, str], told: str
) -> None:
    answer = start(page, **changed)
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert told in shown
    assert "Say what it is" in shown or not {**ORDER, **changed}["task"]
    assert not Trip.objects.exists()


def test_the_page_for_a_new_run_asks_for_the_places_of_a_plan(page: Client) -> None:
    shown = page.get(reverse("new-run"), {"plan": "translate-and-check"}).content.decode()
    assert 'name="place-language"' in shown
    assert 'name="place-tone"' in shown


def test_a_plan_is_kept_used_and_removed(page: Client, ada: User) -> None:
    plan = '[[steps]]\nname = "do"\ninstructions = "In {{language}}."\n'
    order = {"task": "About {{topic}}", "pattern": "convoy", "plan": plan}
    assert "Kept" in page.post(reverse("keep-plan"), {**order, "name": "mine"}).content.decode()
    assert RunTemplate.objects.get(user=ada).document["steps"][0]["name"] == "do"
    answer = start(page, **order, **{"place-language": "Greek", "place-topic": "tea"}, items="")
    trip = Trip.objects.select_related("payload").get(user=ada)
    assert answer.status_code == 302
    assert trip.headline == "About tea"
    assert trip.payload.request["run"]["steps"][0]["instructions"] == "In Greek."
    page.post(reverse("forget-plan", args=["mine"]))
    assert not RunTemplate.objects.exists()


def test_a_run_shows_its_lanes_its_items_and_its_money(page: Client, run: Trip) -> None:
    shown = page.get(reverse("run", args=[run.pk])).content.decode()
    assert shown.count("data-cell=") == 3
    assert "of at most" in shown
    assert "Pause" in shown


def test_results_can_be_had_at_any_time_and_run_nothing_in_a_spreadsheet(
    page: Client, run: Trip
) -> None:
    Step.objects.filter(trip=run, number=1).update(state="done", text=FORMULA, gear="demo-1")
    answer = page.get(reverse("run-results", args=[run.pk, "csv"]))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["item"] for row in rows] == ["a", f"'{FORMULA}", ATTACK]
    assert (rows[0]["answer"], rows[0]["state"]) == (f"'{FORMULA}", "done")
    lines = page.get(reverse("run-results", args=[run.pk, "jsonl"]))
    documents = [json.loads(line) for line in b"".join(lines.streaming_content).splitlines()]
    assert [each["item"] for each in documents] == ["a", FORMULA, ATTACK]


def test_items_are_listed_by_state_and_never_as_markup(page: Client, run: Trip) -> None:
    Step.objects.filter(trip=run, number=3).update(state="failed", error=ATTACK)
    shown = page.get(reverse("run-items", args=[run.pk]), {"state": "failed"}).content.decode()
    assert "&lt;script&gt;" in shown
    assert ATTACK not in shown
    assert "#</th>" in shown
    assert shown.count("<tr>") == 2


def test_one_item_shows_what_it_was_given(page: Client, run: Trip) -> None:
    shown = page.get(reverse("run-place", args=[run.pk, "items.2"])).content.decode()
    assert FORMULA in shown
    assert page.get(reverse("run-place", args=[run.pk, "items.9"])).status_code == 404


def test_pause_go_on_and_end(page: Client, run: Trip) -> None:
    page.post(reverse("pause-run", args=[run.pk]))
    run.refresh_from_db()
    assert run.pause_requested_at is not None
    Trip.objects.filter(pk=run.pk).update(state=Trip.State.PAUSED, error_code="cap", error="Cap.")
    shown = page.get(reverse("run", args=[run.pk])).content.decode()
    assert "New cap in dollars" in shown
    page.post(reverse("resume-run", args=[run.pk]), {"cap": "2"})
    run.refresh_from_db()
    assert (run.state, run.cap_nano, run.source) == ("queued", 2_000_000_000, "page")
    Trip.objects.filter(pk=run.pk).update(state=Trip.State.PAUSED)
    page.post(reverse("cancel-run", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "stopped"


@pytest.mark.parametrize("cap", ["-1", "NaN", "many"])
def test_a_cap_that_is_no_amount_is_refused(page: Client, run: Trip, cap: str) -> None:
    Trip.objects.filter(pk=run.pk).update(state=Trip.State.PAUSED)
    answer = page.post(reverse("resume-run", args=[run.pk]), {"cap": cap})
    assert answer.status_code == 409
    run.refresh_from_db()
    assert run.state == "paused"


def test_what_is_over_cannot_be_paused_and_the_page_says_so(page: Client, run: Trip) -> None:
    Trip.objects.filter(pk=run.pk).update(state=Trip.State.DONE)
    answer = page.post(reverse("pause-run", args=[run.pk]))
    assert answer.status_code == 409
    assert "The run is done" in answer.content.decode()


PAGES = ("run", "run-board", "run-numbers", "run-items")
DEEDS = ("pause-run", "resume-run", "cancel-run", "retry-run")


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_s_run_does_not_exist(stranger: Client, run: Trip, name: str) -> None:
    assert stranger.get(reverse(name, args=[run.pk])).status_code == 404


@pytest.mark.parametrize("name", DEEDS)
def test_a_stranger_steers_nothing(stranger: Client, run: Trip, name: str) -> None:
    assert stranger.post(reverse(name, args=[run.pk])).status_code == 404
    before = run.state
    run.refresh_from_db()
    assert (run.state, run.cancel_requested_at) == (before, None)


def test_a_stranger_gets_no_results_and_no_plan(stranger: Client, run: Trip, ada: User) -> None:
    RunTemplate.objects.create(user=ada, name="mine", title="Mine", pattern="convoy", document={})
    assert stranger.get(reverse("run-results", args=[run.pk, "csv"])).status_code == 404
    assert stranger.get(reverse("run-place", args=[run.pk, "items.1"])).status_code == 404
    assert stranger.get(reverse("new-run"), {"plan": "mine"}).status_code == 404
    assert stranger.post(reverse("forget-plan", args=["mine"])).status_code == 404
    assert "Mine" not in stranger.get(reverse("new-run")).content.decode()


def test_a_single_answer_is_no_run(page: Client, ada: User) -> None:
    from orchestrator.services.driving.requests import from_text

    trip = trips.start(Caller(ada.pk, Trip.Source.CLI), from_text("hello"))
    assert page.get(reverse("run", args=[trip.pk])).status_code == 404
    assert "hello" not in page.get(reverse("runs")).content.decode()


def test_the_list_shows_own_runs_alone(page: Client, stranger: Client, run: Trip) -> None:
    assert "Say what it is" in page.get(reverse("runs")).content.decode()
    assert "Say what it is" not in stranger.get(reverse("runs")).content.decode()
