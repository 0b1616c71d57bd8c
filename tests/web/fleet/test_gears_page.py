"""Gears on their page: read, ordered, edited, priced, added, tried, retired."""

from typing import Any

import pytest
from django.test import Client

from orchestrator.models import FleetChange, Gear, Leg, Trip, User
from orchestrator.services.drafts import changes, entries, gears

ATTACK = "<script>alert(1)</script>"
HTMX = {"hx-request": "true"}


def form_of(name: str, **changed: Any) -> dict[str, Any]:
    gear = gears.find(name) or {}
    plain = ("title", "level", "model_id", "context_window", "max_output_tokens", "price_source")
    form = {
        **{key: gear[key] for key in plain},
        "capabilities": gear["capabilities"],
        "strengths": ", ".join(gear["strengths"]),
        "is_enabled": "on",
        "seen": entries.digest(gear),
        **changed,
    }
    return {key: value for key, value in form.items() if value is not None}


def test_the_page_lists_gears_by_level_with_price_and_what_is_missing(editor: Client) -> None:
    html = editor.get("/gears/").content.decode()
    assert html.index("Claude Haiku") < html.index("Claude Sonnet") < html.index("Claude Opus")
    assert "$1.00 in · $5.00 out per million" in html
    assert "needs ANTHROPIC_API_KEY" in html
    assert "unpublished" not in html


def test_an_unknown_price_is_said_and_never_shown_as_nothing(editor: Client) -> None:
    Gear.objects.filter(name="claude-haiku").update(prices=None, price_source="unknown")
    html = editor.get("/gears/").content.decode()
    assert "Price unknown: not used until it is set" in html


def test_saving_without_a_change_makes_no_draft(editor: Client) -> None:
    for name in Gear.objects.values_list("name", flat=True):
        is_on = None if not (gears.find(name) or {})["is_enabled"] else "on"
        assert editor.post(f"/gears/at/{name}/", form_of(name, is_enabled=is_on)).headers[
            "Location"
        ] == ("/gears/")
    assert [str(each) for each in changes.pending()] == []


def test_an_edit_goes_to_the_draft_and_the_list_comes_back(editor: Client, root: User) -> None:
    form = form_of("demo-1", title="Small one", capabilities=["tools"], is_enabled=None)
    answer = editor.post("/gears/at/demo-1/", form, headers=HTMX)
    assert answer.headers["HX-Retarget"] == "#fleet"
    assert "Small one" in answer.content.decode()
    assert "1 unpublished" in answer.content.decode()
    change = FleetChange.objects.get()
    assert (change.made_by, change.after["is_enabled"]) == (root, False)
    assert Gear.objects.get(name="demo-1").title != "Small one"


def test_a_price_is_typed_looked_up_or_said_to_be_free(editor: Client) -> None:
    address = "/gears/at/claude-haiku/"
    typed = {"price_source": "manual", "input": "0.5", "output": "2.25"}
    editor.post(address, form_of("claude-haiku", **typed))
    gear = gears.find("claude-haiku") or {}
    assert gear["prices"]["base"]["output"] == 2_250_000_000
    assert 'value="2.25"' in editor.get(address).content.decode()
    zero = form_of("claude-haiku", price_source="manual", input="0", output="0")
    refused = editor.post(address, zero)
    assert (refused.status_code, "choose “Free”" in refused.content.decode()) == (422, True)
    editor.post(address, form_of("claude-haiku", price_source="catalogue"))
    assert (
        not changes.pending() or (gears.find("claude-haiku") or {})["price_source"] == "catalogue"
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"level": "6"}, "valid choice"),
        ({"level": "NaN"}, "valid choice"),
        ({"context_window": "0"}, "greater than or equal to 1"),
        ({"context_window": "99999999999999999999"}, "less than or equal"),
        ({"model_id": ""}, "required"),
        ({"title": "a\r\nb"}, "one line"),
        ({"price_source": "manual", "input": "-1", "output": "1"}, "-1"),
        ({"price_source": "manual", "input": "inf", "output": "1"}, "inf"),
        ({"price_source": "manual", "input": "NaN", "output": "1"}, "NaN"),
        ({"price_source": "nothing"}, "valid choice"),
        ({"capabilities": ["juggling"]}, "juggling"),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(
    editor: Client, changed: dict[str, Any], reason: str
) -> None:
    form = form_of("demo-1", strengths="kept words", **changed)
    answer = editor.post("/gears/at/demo-1/", form, headers=HTMX)
    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not FleetChange.objects.exists()


def test_two_people_see_both_versions_and_nothing_is_lost(editor: Client, ada: User) -> None:
    mine = form_of("demo-1", title="Mine")
    theirs = {**(gears.find("demo-1") or {}), "title": "Theirs"}
    changes.put("gears", "demo-1", theirs, ada)
    answer = editor.post("/gears/at/demo-1/", mine, headers=HTMX)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed it while you edited" in html
    assert "<td>Mine</td><td>Theirs</td>" in html
    assert 'value="Mine"' in html
    assert (gears.find("demo-1") or {})["title"] == "Theirs"
    seen = html.split('name="seen" value="')[1].split('"')[0]
    assert editor.post("/gears/at/demo-1/", {**mine, "seen": seen}).status_code == 302
    assert (gears.find("demo-1") or {})["title"] == "Mine"


def test_buttons_and_drops_move_a_gear(editor: Client) -> None:
    first, second = [g["name"] for g in gears.in_order() if g["level"] == 1][:2]
    html = editor.post(f"/gears/at/{second}/move/", {"to": "up"}, headers=HTMX).content.decode()
    assert html.index(f'id="gear-{second}"') < html.index(f'id="gear-{first}"')
    dropped = {"before": "", "level": "5"}
    editor.post(f"/gears/at/{second}/move/", dropped)
    assert (gears.find(second) or {})["level"] == 5
    for wrong in ({"level": "9"}, {"level": "x"}, {"level": "12"}, {}):
        answer = editor.post(f"/gears/at/{second}/move/", wrong)
        assert (answer.status_code, "or no level" in answer.content.decode()) == (422, True)


def test_a_gear_in_use_is_not_deleted_but_retired(editor: Client) -> None:
    answer = editor.post("/gears/at/claude-haiku/do/delete/", headers=HTMX)
    assert "Retire it instead" in answer.content.decode()
    answer = editor.post("/gears/at/demo-3/do/retire/", headers=HTMX)
    assert "no longer chosen, still in reports" in answer.content.decode()
    assert "Use again" in answer.content.decode()
    editor.post("/gears/at/demo-3/do/restore/")
    assert not FleetChange.objects.exists()


def test_one_click_adds_a_model_that_was_found(editor: Client) -> None:
    found = {"provider": "anthropic", "model_id": "claude-haiku-4-5", "level": "1"}
    answer = editor.post("/gears/add/", found, headers=HTMX).content.decode()
    assert "claude-haiku-4-5 is in the draft." in answer
    mystery = {"provider": "openai", "model_id": "who-knows", "level": "3"}
    answer = editor.post("/gears/add/", mystery, headers=HTMX).content.decode()
    assert "Its price is unknown" in answer
    for wrong in ({**mystery, "level": "0"}, {**mystery, "provider": "nobody"}, {}):
        assert (
            "in the draft" not in editor.post("/gears/add/", wrong, headers=HTMX).content.decode()
        )


def test_testing_a_gear_is_a_trip_like_any_other(editor: Client, root: User) -> None:
    answer = editor.post("/gears/at/demo-1/try/", headers=HTMX).content.decode()
    trip = Trip.objects.get()
    assert (trip.user, trip.source) == (root, "page")
    assert f"/gears/trials/{trip.pk}/" in answer
    Leg.objects.create(
        trip=trip, gear="demo-1", level=1, provider="demo", model_id="x", throttle=0,
        started_at=trip.created_at, seconds=1.25, first_token_s=0.5, state="done",
    )  # fmt: skip
    Trip.objects.update(state="done", cost_nano=42_000, currency="demo")
    html = editor.get(f"/gears/trials/{trip.pk}/").content.decode()
    assert "1.2 s" in html
    assert "$0.000042 demo" in html
    Trip.objects.update(state="failed", error="The key was rejected.")
    assert "The key was rejected." in editor.get(f"/gears/trials/{trip.pk}/").content.decode()


def test_a_gear_that_is_only_drafted_is_tried_after_publishing(editor: Client) -> None:
    editor.post("/gears/add/", {"provider": "demo", "model_id": "new", "level": "1"})
    answer = editor.post("/gears/at/new/try/", headers=HTMX).content.decode()
    assert "once it is published" in answer
    assert not Trip.objects.exists()


def test_nothing_in_a_gear_becomes_html(editor: Client) -> None:
    editor.post("/gears/at/demo-1/", form_of("demo-1", title=ATTACK, strengths=ATTACK))
    assert FleetChange.objects.exists()
    for address in ("/gears/", "/gears/at/demo-1/", "/draft/"):
        assert ATTACK not in editor.get(address).content.decode()
