"""Gears and roads by command: live at once or drafted, published, replayed, rolled back."""

import json
from typing import Any

import pytest

from orchestrator.models import FleetChange, Gear, Road
from tests.cli.conftest import Clutch


def read(clutch: Clutch, *words: Any) -> Any:
    done = clutch(*words, "--json")
    assert done.status == 0, done.err
    return json.loads(done.out)


def test_a_road_is_drafted_published_and_rolled_back(clutch: Clutch) -> None:
    clutch("Fix the typo in the second line")
    before = read(clutch, "fleet", "history")[0]["version"]
    changed = read(clutch, "roads", "set", "dirt-road", "--confidence", "99", "--draft")
    assert (changed["min_confidence"], changed["is_draft"]) == (0.99, True)
    diff = read(clutch, "fleet", "diff")
    assert diff["steps"][0]["differences"] == ["min_confidence: 0.0 → 0.99"]
    assert diff["problems"] == []
    replay = read(clutch, "fleet", "replay")
    assert (replay["trips"], replay["moved"][0]["road"]) == (1, ["dirt-road", "country-road"])
    tried = read(clutch, "fleet", "try", "Fix the typo")
    roads = [tried[which]["road"]["name"] for which in ("live", "draft")]
    assert roads == ["dirt-road", "country-road"]
    assert "dirt-road → country-road" in clutch("fleet", "replay").out
    published = read(clutch, "fleet", "publish", "--note", "surer")
    assert published == {"version": before + 1, "note": "surer"}
    assert Road.objects.get(name="dirt-road").min_confidence == 0.99
    shown = read(clutch, "fleet", "show", before)
    assert shown["steps"][0]["differences"] == ["min_confidence: 0.99 → 0.0"]
    assert read(clutch, "fleet", "rollback", before)["version"] == before + 2
    assert Road.objects.get(name="dirt-road").min_confidence == 0
    assert "(live)" in clutch("fleet", "history").out


def test_what_is_set_without_a_draft_is_live_as_one_version(clutch: Clutch) -> None:
    done = read(clutch, "gears", "set", "demo-1", "--title", "Small", "--can", "tools")
    assert (done["title"], done["is_draft"]) == ("Small", False)
    assert Gear.objects.get(name="demo-1").capabilities == ["tools"]
    assert not FleetChange.objects.exists()
    assert read(clutch, "fleet", "history")[0]["note"] == "demo-1 by command"


def test_retired_gears_are_told_as_such_and_come_back(clutch: Clutch) -> None:
    assert clutch("gears", "retire", "demo-1").status == 0
    assert read(clutch, "gears", "show", "demo-1")["state"] == "retired"
    assert clutch("gears", "restore", "demo-1").status == 0
    assert read(clutch, "gears", "show", "demo-1")["state"] == "ready"


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("fleet", "publish"), 1, "nothing to publish"),
        (("fleet", "rollback", "999"), 2, "was not kept"),
        (("fleet", "show", "999"), 2, "was not kept"),
        (("fleet", "try", " "), 2, "empty"),
        (("roads", "set", "dirt-rod", "--throttle", "1"), 2, "dirt-road"),
        (("roads", "set", "dirt-road", "--gear", "nobody"), 2, "nobody"),
        (("gears", "set", "demo-9", "--level", "1"), 2, "Did you mean"),
        (("gears", "set", "demo-1", "--can", "juggling"), 2, "is no ability"),
        (("gears", "set", "demo-1", "--catalogue"), 2, "does not know"),
        (("gears", "retire", "claude-haiku"), 2, "would be gone"),
        (("gears", "price", "demo-1", "0", "0"), 2, "--free"),
        (("gears", "move", "demo-1", "sideways"), 2, "up or down"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_is_refused(
    clutch: Clutch, words: tuple[str, ...], status: int, told: str
) -> None:
    before = list(Gear.objects.values_list("title", "retired_at", "prices"))
    done = clutch(*words)
    assert (done.status, told in done.err) == (status, True), done.err
    assert list(Gear.objects.values_list("title", "retired_at", "prices")) == before
