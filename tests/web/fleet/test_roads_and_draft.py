"""A road is changed, tried, replayed, published and rolled back, on the pages."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orchestrator.models import FleetChange, FleetDocument, Road, Rule, Trip, TripPayload, User
from orchestrator.services.drafts import changes, entries, gears, publishing, roads
from orchestrator.services.driving import requests
from orchestrator.services.setup import fleet

HTMX = {"hx-request": "true"}
TYPO = "Fix the typo in the second line"


def form_of(name: str, **changed: Any) -> dict[str, Any]:
    road = roads.find(name) or {}
    plain = ("title", "task_type", "default_gear", "level", "throttle", "pattern")
    form = {
        **{key: road[key] for key in plain},
        "min_confidence": round(road["min_confidence"] * 100),
        "is_enabled": "on",
        "needs_specialists": "on" if road["needs_specialists"] else None,
        **{f"words_{key}": ", ".join(words) for key, words in road["triggers"].items()},
        "seen": entries.digest(road),
        **changed,
    }
    return {key: value for key, value in form.items() if value is not None}


def edit(editor: Client, name: str = "dirt-road", **changed: Any) -> Any:
    return editor.post(f"/roads/at/{name}/", form_of(name, **changed), headers=HTMX)


def test_the_page_lists_roads_with_what_they_start_from(editor: Client) -> None:
    html = editor.get("/roads/").content.decode()
    for told in ("Trivial task", "dirt road", "G1 Claude Haiku", "throttle 30 %", "signals in 6"):
        assert told in html


def test_saving_without_a_change_makes_no_draft(editor: Client) -> None:
    for name in Road.objects.values_list("name", flat=True):
        assert edit(editor, name).status_code == 200
    assert [str(each) for each in changes.pending()] == []


def test_a_road_goes_from_draft_to_live_and_back(editor: Client, root: User) -> None:
    before = fleet.version()
    edit(editor, throttle="77", min_confidence="40", words_en="typo, spelling")
    draft = editor.get("/draft/").content.decode()
    assert "30 → 77" in draft
    assert "0.0 → 0.4" in draft
    assert "− " in draft.split("triggers en")[1][:200]
    seen = draft.split('name="seen" value="')[1].split('"')[0]
    published = editor.post("/draft/publish/", {"seen": seen, "note": "think more"})
    assert published.headers["Location"] == "/draft/history/"
    road = Road.objects.get(name="dirt-road")
    assert (road.throttle, road.min_confidence, road.triggers["en"]) == (
        77,
        0.4,
        ["typo", "spelling"],
    )
    history = editor.get("/draft/history/").content.decode()
    assert "think more" in history
    assert root.username in history
    shown = editor.get(f"/draft/history/{before}/").content.decode()
    assert "77 → 30" in shown
    editor.post(f"/draft/history/{before}/back/")
    assert Road.objects.get(name="dirt-road").throttle == 30
    assert f"back to version {before}" in editor.get("/draft/history/").content.decode()
    again = editor.post(f"/draft/history/{before}/back/")
    assert (again.status_code, "already" in again.content.decode()) == (409, True)


def test_what_was_not_looked_at_is_not_published(editor: Client) -> None:
    edit(editor, throttle="77")
    answer = editor.post("/draft/publish/", {"seen": "old"})
    assert (answer.status_code, "Look again" in answer.content.decode()) == (409, True)
    assert Road.objects.get(name="dirt-road").throttle == 30


def test_a_conflict_shows_both_and_either_can_be_kept(editor: Client) -> None:
    edit(editor, throttle="77")
    Road.objects.filter(name="dirt-road").update(throttle=50)
    html = editor.get("/draft/").content.decode()
    assert "30 → 77" in html
    assert "30 → 50" in html
    assert "disabled" in html.split("What for")[1]
    one = {"group": "roads", "name": "dirt-road"}
    editor.post("/draft/discard/", {**one, "keep": "mine"})
    assert "50 → 77" in editor.get("/draft/").content.decode()
    editor.post("/draft/discard/", one)
    assert not FleetChange.objects.exists()


def test_the_whole_draft_can_be_dropped(editor: Client) -> None:
    edit(editor, throttle="77")
    edit(editor, "rally", throttle="7")
    editor.post("/draft/discard/")
    assert not FleetChange.objects.exists()
    assert editor.post("/draft/discard/", {"group": "users", "name": "x"}).status_code == 404


def test_the_test_box_tells_live_and_draft_apart(editor: Client) -> None:
    edit(editor, throttle="77", default_gear="demo-5")
    html = editor.post("/draft/try/", {"text": TYPO}).content.decode()
    live, drafted = html.split("<dt>Draft</dt>")
    assert "throttle 30 %" in live
    assert "throttle 77 %" in drafted
    assert "The prompt is empty" in editor.post("/draft/try/", {"text": " "}).content.decode()


def test_the_test_box_knows_images_and_tools(editor: Client) -> None:
    blind = {**(gears.find("demo-1") or {}), "capabilities": ["tools"]}
    changes.put("gears", "demo-1", blind, None)
    clumsy = {**(gears.find("demo-2") or {}), "capabilities": ["vision"]}
    changes.put("gears", "demo-2", clumsy, None)
    plain = editor.post("/draft/try/", {"text": TYPO}).content.decode()
    asked = {"text": TYPO, "image": "1", "tools": "1"}
    html = editor.post("/draft/try/", asked).content.decode()
    for told in ("cannot see images", "cannot use tools"):
        assert (told in html, told in plain) == (True, False)


def test_a_draft_whose_provider_is_gone_says_so_everywhere(editor: Client) -> None:
    gear = {**(gears.find("demo-1") or {}), "provider": "gone"}
    FleetChange.objects.create(
        group="gears", name="demo-1", before=gears.find("demo-1"), after=gear
    )
    for address, form in (("/draft/try/", {"text": TYPO}), ("/draft/replay/", {})):
        told = editor.post(address, form).content.decode()
        assert "there is no provider named" in told
    assert "which would be gone" in editor.get("/draft/").content.decode()
    assert editor.post("/draft/publish/", {"seen": changes.sign()}).status_code == 409


def test_the_replay_counts_everybodys_trips_and_shows_only_ones_own_words(
    editor: Client, root: User, ada: User
) -> None:
    for user, text in ((root, f"{TYPO} of mine"), (ada, f"{TYPO} of Ada's secret plan")):
        now = timezone.now()
        trip = Trip.objects.create(
            user=user, source="page", created_at=now, deadline_at=now, state="done", headline=text
        )
        document = requests.to_document(requests.from_text(text))
        TripPayload.objects.create(trip=trip, request=document)
    edit(editor, min_confidence="99")
    html = editor.post("/draft/replay/").content.decode()
    assert "Of 2 trips" in html
    assert "of mine" in html
    assert "secret plan" not in html
    assert "somebody else&#x27;s task" in html or "somebody else's task" in html
    assert "dirt-road → country-road" in html


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"throttle": "101"}, "less than or equal to 100"),
        ({"throttle": "-1"}, "greater than or equal to 0"),
        ({"throttle": "nan"}, "whole number"),
        ({"min_confidence": "101"}, "less than or equal to 100"),
        ({"pattern": "zigzag"}, "valid choice"),
        ({"default_gear": "nobody"}, "valid choice"),
        ({"title": ""}, "required"),
    ],
)
def test_what_is_wrong_comes_back(editor: Client, changed: dict[str, Any], reason: str) -> None:
    answer = edit(editor, **changed)
    assert (answer.status_code, reason in answer.content.decode()) == (422, True)
    assert not FleetChange.objects.exists()


def test_somebody_elses_edit_of_a_road_is_shown_beside_mine(editor: Client, ada: User) -> None:
    mine = form_of("dirt-road", throttle="66")
    changes.put("roads", "dirt-road", {**(roads.find("dirt-road") or {}), "throttle": 55}, ada)
    answer = editor.post("/roads/at/dirt-road/", mine)
    assert answer.status_code == 409
    assert "<td>66</td><td>55</td>" in answer.content.decode()


def test_a_new_road_needs_a_name_of_its_own(editor: Client) -> None:
    form = {**form_of("dirt-road"), "seen": entries.digest(None)}
    taken = editor.post("/roads/new/", {**form, "name": "rally"})
    assert (taken.status_code, "already" in taken.content.decode()) == (422, True)
    bad = editor.post("/roads/new/", {**form, "name": "two\r\nlines"})
    assert bad.status_code == 422
    assert editor.post("/roads/new/", {**form, "name": "gravel"}).status_code == 302
    publishing.publish(None, "")
    assert Road.objects.get(name="gravel").triggers["en"]
    editor.post("/draft/roads/gravel/remove/")
    publishing.publish(None, "")
    assert not Road.objects.filter(name="gravel").exists()


def test_everyones_rules_are_typed_in_words_and_drafted(editor: Client) -> None:
    typed = {
        "name": "bills",
        "when": "dirt-road, hard; keywords: invoice, tax",
        "then": "demo-3; throttle: 40",
        "reason": "numbers matter",
        "ends_at": "2030-01-01",
        "is_enabled": "on",
        "seen": entries.digest(None),
    }
    assert editor.post("/roads/rules/new/", typed).status_code == 302
    assert not Rule.objects.exists()
    html = editor.get("/roads/").content.decode()
    assert "roads: dirt-road, hard; keywords: invoice, tax → gear: demo-3; throttle: 40" in html
    tried = editor.post("/draft/try/", {"text": f"{TYPO} of the invoice"}).content.decode()
    assert "Rule <strong>bills</strong> had a say" in tried
    publishing.publish(None, "")
    rule = Rule.objects.get()
    assert (rule.when["keywords"], rule.then) == (
        ["invoice", "tax"],
        {"use_gear": "demo-3", "throttle": 40},
    )
    page = editor.get("/roads/rules/at/bills/").content.decode()
    again = {**typed, "seen": page.split('name="seen" value="')[1].split('"')[0]}
    again["ends_at"] = page.split('name="ends_at" value="')[1].split('"')[0]
    editor.post("/roads/rules/at/bills/", again)
    assert changes.pending() == []
    editor.post("/draft/rules/bills/remove/")
    publishing.publish(None, "")
    assert not Rule.objects.exists()


@pytest.mark.parametrize(
    ("when", "then", "reason"),
    [
        ("moon: full", "demo-3", "no condition"),
        ("keywords: x", "fly: high", "no action"),
        ("keywords: x", "nobody", "no gear named"),
        ("nowhere", "demo-3", "no road named"),
        ("keywords: x", "throttle: much", "throttle is a number"),
        (";", "demo-3", "at least one condition"),
    ],
)
def test_a_rule_that_says_nothing_known_is_refused(
    editor: Client, when: str, then: str, reason: str
) -> None:
    typed = {"name": "r", "when": when, "then": then, "seen": entries.digest(None)}
    answer = editor.post("/roads/rules/new/", typed)
    assert (answer.status_code, reason in answer.content.decode()) == (422, True)


def test_versions_that_were_not_kept_are_said_to_be_so(editor: Client) -> None:
    assert editor.get("/draft/history/999/").status_code == 404
    assert "was not kept" in editor.get("/draft/history/999/").content.decode()
    assert not FleetDocument.objects.exists()
