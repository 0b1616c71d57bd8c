"""Roads and everyone's rules as the page lists them."""

from typing import Any

from orchestrator.services.drafts import gears, roads
from orchestrator.services.setup.sections.base import shown
from orchestrator.web.fleet import parts
from orchestrator.web.fleet.parts import Told

TITLES = {"use_gear": "gear"}


def document(told: Told | None = None) -> dict[str, Any]:
    marks = parts.marks()
    known = {gear["name"]: gear for gear in gears.in_order()}
    rows = [
        {
            "road": road,
            "mark": marks.get(("roads", road["name"]), ""),
            "gear": known.get(road["default_gear"]),
            "signals": sum(len(each) for each in road["triggers"].values()),
            "languages": len(road["triggers"]),
        }
        for road in roads.in_order()
    ]
    gone = [name for (group, name), mark in marks.items() if (group, mark) == ("roads", "deleted")]
    return {
        "rows": rows,
        "gone": gone,
        "rules": rows_of_rules(marks),
        **parts.frame("roads", told),
    }


def rows_of_rules(marks: dict[tuple[str, str], str]) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule,
            "mark": marks.get(("rules", rule["name"]), ""),
            "when": written(rule["when"]),
            "then": written(rule["then"]),
        }
        for rule in roads.in_order("rules")
    ]


def written(document: dict[str, Any]) -> str:
    """`roads: country-road, hard; keywords: invoice`, which can be typed again."""
    return "; ".join(
        f"{TITLES.get(name, name).replace('_', ' ')}: {shown(value)}"
        for name, value in document.items()
    )
