"""From draft to live and back: checked whole, by one step, with nobody's work lost."""

import pytest

from orchestrator.models import (
    AuditEntry,
    FleetChange,
    FleetDocument,
    FleetVersion,
    Gear,
    Leg,
    Road,
    Rule,
    User,
)
from orchestrator.routing.types import Plan
from orchestrator.services.drafts import changes, entries, fleets, publishing, versions
from orchestrator.services.drafts.changes import DraftRefused, EditedMeanwhile
from orchestrator.services.drafts.publishing import PublishRefused
from orchestrator.services.driving import planning, requests
from orchestrator.services.people.identity import Caller
from orchestrator.services.setup import fleet
from orchestrator.services.setup.sections.base import Entry

TYPO = "Fix the typo in the second line"


def road(name: str = "dirt-road", **fields: object) -> Entry:
    return {**(entries.drafted_one("roads", name) or {}), **fields}


def put(user: User, name: str = "dirt-road", **fields: object) -> None:
    changes.put("roads", name, road(name, **fields), user)


def test_a_draft_changes_nothing_until_it_is_published(ada: User) -> None:
    before = fleet.version()
    put(ada, throttle=77)
    assert Road.objects.get(name="dirt-road").throttle == 30
    assert fleet.version() == before
    kept = publishing.publish(ada, "more thought")
    assert Road.objects.get(name="dirt-road").throttle == 77
    assert (kept.version, fleet.version()) == (before + 1, before + 1)
    assert (kept.note, kept.made_by) == ("more thought", ada)
    assert not FleetChange.objects.exists()
    entry = AuditEntry.objects.get(area="gears")
    assert (entry.actor_name, entry.after) == ("ada", "roads dirt-road")
    assert entry.what == f"Version {kept.version} is live: more thought"


def test_setting_it_back_leaves_no_change(ada: User) -> None:
    put(ada, throttle=77)
    put(ada, throttle=30)
    assert changes.pending() == []
    with pytest.raises(PublishRefused, match="nothing"):
        publishing.publish(ada, "")


def test_the_draft_is_shown_as_fields_from_and_to(ada: User) -> None:
    put(ada, throttle=77, min_confidence=0.6)
    step = publishing.steps()[0]
    assert [each.text for each in step.differences] == [
        "throttle: 30 → 77",
        "min_confidence: 0.0 → 0.6",
    ]


def test_rolling_back_is_a_new_version_with_the_old_settings(ada: User, bob: User) -> None:
    first = FleetVersion.current()
    put(ada, throttle=77)
    publishing.publish(ada, "")
    put(bob, throttle=11, name="rally")
    publishing.publish(bob, "")
    kept = publishing.roll_back(first, ada)
    assert kept.version == first + 3
    assert Road.objects.get(name="dirt-road").throttle == 30
    assert Road.objects.get(name="rally").throttle == 30
    assert [row.version for row in versions.history()] == [first + n for n in (3, 2, 1, 0)]
    old, new = (versions.read(FleetDocument.objects.get(version=n)) for n in (first, kept.version))
    assert publishing.between(old, new) == []
    with pytest.raises(PublishRefused, match="already"):
        publishing.roll_back(first, ada)


def test_rolling_back_brings_back_what_was_deleted_and_retires_what_was_driven(ada: User) -> None:
    first = FleetVersion.current()
    changes.put("roads", "rally", None, ada)
    mine = {**(entries.live_one("gears", "demo-1") or {}), "name": "mine"}
    changes.put("gears", "mine", mine, ada)
    changes.put("gears", "other", {**mine, "name": "other"}, ada)
    publishing.publish(ada, "")
    assert not Road.objects.filter(name="rally").exists()
    trip_of(ada, "mine")
    publishing.roll_back(first, ada)
    assert Road.objects.get(name="rally").throttle == 30
    assert Gear.objects.get(name="mine").retired_at is not None
    assert not Gear.objects.filter(name="other").exists()


def trip_of(user: User, gear: str) -> None:
    from django.utils import timezone

    from orchestrator.models import Trip

    now = timezone.now()
    trip = Trip.objects.create(
        user=user, gear=gear, source="page", created_at=now, deadline_at=now, state="done"
    )
    Leg.objects.create(
        trip=trip, gear=gear, level=1, provider="demo", model_id="x", throttle=1, started_at=now
    )


def test_two_people_editing_one_road_see_both_versions(ada: User, bob: User) -> None:
    seen = entries.digest(road())
    changes.put("roads", "dirt-road", road(throttle=40), ada, seen=seen)
    with pytest.raises(EditedMeanwhile) as meanwhile:
        changes.put("roads", "dirt-road", {**road(), "throttle": 60}, bob, seen=seen)
    theirs = meanwhile.value.theirs
    assert theirs is not None
    assert theirs["throttle"] == 40
    assert road()["throttle"] == 40
    changes.put("roads", "dirt-road", road(throttle=60), bob, seen=entries.digest(theirs))
    assert road()["throttle"] == 60


def test_what_went_live_beside_the_draft_is_not_overwritten_unseen(ada: User) -> None:
    put(ada, throttle=77)
    Road.objects.filter(name="dirt-road").update(pattern="team")
    step = publishing.steps()[0]
    assert (step.is_conflict, [each.text for each in step.theirs]) == (
        True,
        ["pattern: single → team"],
    )
    with pytest.raises(PublishRefused, match="somebody else"):
        publishing.publish(ada, "")
    changes.keep_mine("roads", "dirt-road")
    publishing.publish(ada, "")
    changed = Road.objects.get(name="dirt-road")
    assert (changed.throttle, changed.pattern) == (77, "single")


def test_a_draft_that_moved_since_it_was_looked_at_is_not_published(ada: User, bob: User) -> None:
    put(ada, throttle=77)
    seen = changes.sign()
    put(bob, name="rally", throttle=1)
    with pytest.raises(PublishRefused, match="Look again"):
        publishing.publish(ada, "", seen=seen)
    assert Road.objects.get(name="dirt-road").throttle == 30


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"throttle": 101}, "100"),
        ({"throttle": "fast"}, "whole number"),
        ({"min_confidence": float("nan")}, "number"),
        ({"min_confidence": 1.5}, "1"),
        ({"level": 6}, "5"),
        ({"pattern": "zigzag"}, "zigzag"),
        ({"default_gear": "nobody"}, "nobody"),
        ({"title": "two\r\nlines"}, "one line"),
        ({"triggers": {"en": "word"}}, "list of texts"),
        ({"name": "Bad Name"}, "small letters"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    ada: User, fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(DraftRefused, match=reason):
        changes.put("roads", "dirt-road", {**road(), **fields}, ada)
    assert changes.pending() == []


def test_what_is_right_alone_is_still_checked_as_a_whole(ada: User) -> None:
    for name in Road.objects.values_list("name", flat=True):
        put(ada, name, is_enabled=False)
    with pytest.raises(PublishRefused, match="Every road is switched off"):
        publishing.publish(ada, "")
    changes.discard_all()
    changes.put("gears", "claude-haiku", None, ada)
    Rule.objects.create(name="r", when={"keywords": ["x"]}, then={"use_gear": "claude-haiku"})
    with pytest.raises(PublishRefused) as refused:
        publishing.publish(ada, "")
    assert "The road dirt road begins with claude-haiku" in str(refused.value)
    assert "The rule r names claude-haiku" in str(refused.value)
    assert Gear.objects.filter(name="claude-haiku").exists()


def test_the_test_box_decides_with_the_draft_by_the_code_that_drives(ada: User) -> None:
    caller, request = Caller(ada.pk, "page"), requests.from_text(TYPO)
    put(ada, throttle=90, default_gear="demo-5")
    tried = planning.preview(caller, request, fleets.drafted())
    live = planning.preview(caller, request)
    assert (live["throttle"], tried["throttle"]) == (30, 90)
    publishing.publish(ada, "")
    fleet._load.cache_clear()
    again = planning.preview(caller, request)
    assert {**again, "fleet_version": 0} == {**tried, "fleet_version": 0}


def test_the_draft_equals_what_it_becomes(ada: User) -> None:
    put(ada, throttle=77)
    mine = {**(entries.live_one("gears", "demo-1") or {}), "name": "mine", "order": 3}
    changes.put("gears", "mine", mine, ada)
    changes.put("gears", "demo-2", {**(entries.live_one("gears", "demo-2") or {}), "level": 5}, ada)
    changes.put("roads", "rally", None, ada)
    tried = fleets.drafted()
    kept = publishing.publish(ada, "")
    fleet._load.cache_clear()
    live = fleet.snapshot()
    assert (live.gears, live.roads, live.rules) == (tried.gears, tried.roads, tried.rules)
    assert live.version == kept.version


def test_a_decision_keeps_the_settings_it_was_made_with(ada: User) -> None:
    caller = Caller(ada.pk, "page")
    decision = planning.decide(caller, requests.from_text(TYPO), seed="x")
    assert isinstance(decision, Plan)
    versions.keep(decision.fleet_version)
    kept = FleetDocument.objects.get(version=decision.fleet_version)
    assert versions.read(kept)["roads"]["dirt-road"]["throttle"] == 30
    Road.objects.filter(name="dirt-road").update(throttle=1)
    versions.keep(decision.fleet_version)
    assert FleetDocument.objects.count() == 1
