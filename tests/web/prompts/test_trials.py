"""Test drives in the browser: priced, started once, watched, kept, closed to strangers."""

import re
from typing import Any

import pytest
from django.test import Client

from orchestrator.models import Prompt, PromptTrial, Trip, TripPayload, User
from orchestrator.services.prompts import library
from orchestrator.services.upkeep import startup
from tests.web.conftest import ATTACK
from tests.web.prompts.conftest import text_of


@pytest.fixture(autouse=True)
def prepared(db: None) -> None:
    startup.prepare()


@pytest.fixture
def address(shared: Prompt) -> str:
    return f"/prompts/{shared.pk}/test-drive/"


FORM: dict[str, Any] = {
    "rows": "2",
    "row-0-place-name": "Ada",
    "row-1-place-name": "Bob",
    "gears": ["demo-1", "demo-3"],
}


def hidden_in(answer: object) -> dict[str, str]:
    html = text_of(answer)
    found = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', html))
    return {name: found[name] for name in found if name != "csrfmiddlewaretoken"}


def start(page: Client, address: str, **fields: Any) -> PromptTrial:
    priced = page.post(address, {**FORM, "do": "price", **fields})
    done = page.post(address, {**FORM, **hidden_in(priced), **fields, "do": "run"})
    assert done.status_code == 302, text_of(done)
    return PromptTrial.objects.latest("pk")


def answer(trial: PromptTrial, text: str) -> None:
    trips = Trip.objects.filter(prompttrialcell__trial=trial)
    TripPayload.objects.filter(trip__in=trips).update(answer=text)
    trips.update(state=Trip.State.DONE, cost_nano=1_500_000)


def test_the_page_begins_with_gears_far_apart(page: Client, address: str) -> None:
    html = text_of(page.get(address))
    checked = re.findall(r'value="(demo-\d)" checked', html)
    assert checked == ["demo-1", "demo-3", "demo-5"]
    assert 'name="row-0-place-name"' in html


def test_the_price_is_shown_and_nothing_started(page: Client, address: str) -> None:
    html = text_of(page.post(address, {**FORM, "do": "price"}))
    assert html.count("≈ $") >= 5
    assert "4 calls" in html
    assert "Run it for ≈ $" in html
    assert not Trip.objects.exists()


def test_what_was_priced_is_started_once(page: Client, address: str, ada: User) -> None:
    priced = hidden_in(page.post(address, {**FORM, "do": "price"}))
    for _ in range(2):
        done = page.post(address, {**FORM, **priced, "do": "run"})
    trial = PromptTrial.objects.get()
    assert done.headers["Location"] == f"/prompts/test-drives/{trial.pk}/"
    assert trial.inputs == [{"name": "Ada"}, {"name": "Bob"}]
    assert set(Trip.objects.values_list("user", "source")) == {(ada.pk, "page")}
    assert Trip.objects.count() == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"row-1-place-name": "somebody else"},
        {"gears": ["demo-5"]},
        {"agreed-demo": "1"},
        {"agreed-demo": "²"},
        {"mark": ""},
    ],
)
def test_another_price_than_the_one_seen_starts_nothing(
    page: Client, address: str, changed: dict[str, Any]
) -> None:
    priced = hidden_in(page.post(address, {**FORM, "do": "price"}))
    done = page.post(address, {**FORM, **priced, **changed, "do": "run"})
    assert done.status_code == 409
    assert "not the price you saw" in text_of(done)
    assert not Trip.objects.exists()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"gears": []}, "Choose at least one gear"),
        ({"gears": ["nothing"]}, "no gear named"),
        ({"row-1-place-name": ""}, "Input 2: Fill in"),
        ({"row-0-place-name": "a" * 1_000_001}, "more than 1,000,000 signs"),
    ],
)
def test_what_cannot_be_priced_says_why_and_keeps_the_form(
    page: Client, address: str, changed: dict[str, Any], problem: str
) -> None:
    done = page.post(address, {**FORM, **changed, "do": "price"})
    assert done.status_code == 422
    assert problem in text_of(done)
    assert 'name="row-1-place-name"' in text_of(done)


def test_inputs_are_added_and_removed(page: Client, address: str) -> None:
    more = text_of(page.post(address, {**FORM, "do": "add"}))
    assert 'name="row-2-place-name" value="Bob"' in more
    less = text_of(page.post(address, {**FORM, "do": "remove-1"}))
    assert 'name="row-0-place-name" value="Bob"' in less
    assert "row-1-place-name" not in less
    assert "row-20-" not in text_of(page.post(address, {**FORM, "rows": "999", "do": "add"}))


def test_the_grid_is_watched_until_all_of_it_ended(page: Client, address: str) -> None:
    trial = start(page, address)
    watched = f"/prompts/test-drives/{trial.pk}/"
    going_on = text_of(page.get(watched, headers={"hx-request": "true"}))
    assert "<html" not in going_on
    assert 'hx-trigger="every 1s"' in going_on
    assert "0 of 4 done" in going_on
    answer(trial, f"Hello {ATTACK}")
    ended = text_of(page.get(watched))
    assert "every 1s" not in ended
    assert "All 4 done" in ended
    assert ATTACK not in ended
    assert ended.count("$0.0015") >= 4


def test_stopping_asks_every_trip_to_stop(page: Client, address: str) -> None:
    trial = start(page, address)
    page.post(f"/prompts/test-drives/{trial.pk}/stop/")
    assert Trip.objects.exclude(cancel_requested_at=None).count() == 4


def test_a_baseline_stands_beside_the_new_version(
    page: Client, address: str, shared: Prompt, ada: User
) -> None:
    first = start(page, address)
    answer(first, "Old words\nstay")
    page.post(f"/prompts/test-drives/{first.pk}/keep/")
    library.save(shared, ada, "Good day {{name}}")
    assert f"?baseline={first.pk}&amp;version=2" in text_of(page.get(address))
    again = text_of(page.get(f"{address}?baseline={first.pk}&version=2"))
    assert 'name="row-1-place-name" value="Bob"' in again
    second = start(page, address, baseline=str(first.pk), version="2")
    assert (second.baseline, second.version.number) == (first, 2)
    answer(second, "New words\nstay")
    html = text_of(page.get(f"/prompts/test-drives/{second.pk}/"))
    assert "Version 1, the baseline" in html
    assert "<del>Old words</del>" in html
    assert "<ins>New words</ins>" in html


def test_a_prompt_without_places_is_driven_as_it_is(page: Client, shared: Prompt) -> None:
    library.save(shared, User.objects.get(username="ada"), "Just this")
    address = f"/prompts/{shared.pk}/test-drive/"
    form = {"rows": "1", "gears": ["demo-1"], "do": "price"}
    priced = page.post(address, form)
    assert "1 call ·" in text_of(priced)
    assert page.post(address, {**form, **hidden_in(priced), "do": "run"}).status_code == 302


def test_strangers_find_no_test_drive(
    page: Client, stranger: Client, member: Client, address: str, mine: Prompt
) -> None:
    trial = start(page, address)
    for browser in (stranger, member):
        assert browser.get(f"/prompts/test-drives/{trial.pk}/").status_code == 404
        for deed in ("stop", "keep"):
            assert browser.post(f"/prompts/test-drives/{trial.pk}/{deed}/").status_code == 404
    assert stranger.get(address).status_code == 404
    assert stranger.post(address, {**FORM, "do": "price"}).status_code == 404
    html = text_of(member.get(f"{address}?baseline={trial.pk}"))
    assert "Bob" not in html
    assert not Trip.objects.exclude(cancel_requested_at=None).exists()
