"""Roads (task classes) and everyone's rules in the draft."""

from typing import Any

from orchestrator.models import User
from orchestrator.services.drafts import changes, entries
from orchestrator.services.drafts.changes import DraftRefused

Entry = dict[str, Any]
STEP = 10
NEW: Entry = {
    "title": "",
    "task_type": "",
    "default_gear": "",
    "level": 3,
    "throttle": 50,
    "pattern": "single",
    "min_confidence": 0.0,
    "triggers": {},
    "needs_specialists": False,
    "order": 100,
    "is_enabled": True,
}


def in_order(group: str = "roads") -> list[Entry]:
    found = entries.drafted(group).values()
    return sorted(found, key=lambda entry: (entry["order"], entry["name"]))


def find(name: str) -> Entry | None:
    return entries.drafted_one("roads", name)


def shift(group: str, name: str, *, up: bool, user: User | None) -> None:
    names = [entry["name"] for entry in in_order(group)]
    if name not in names:
        raise DraftRefused(f"There is no entry named {name!r}.")
    at = names.index(name)
    names.insert(max(0, at + (-1 if up else 1)), names.pop(at))
    _number(group, names, user)


def place_before(group: str, name: str, other: str, user: User | None) -> None:
    """An empty name means last."""
    names = [entry["name"] for entry in in_order(group)]
    if name not in names:
        raise DraftRefused(f"There is no entry named {name!r}.")
    names.remove(name)
    names.insert(names.index(other) if other in names else len(names), name)
    _number(group, names, user)


def _number(group: str, names: list[str], user: User | None) -> None:
    known = entries.drafted(group)
    wanted = [{**known[name], "order": STEP * place} for place, name in enumerate(names, 1)]
    changes.put_many(group, [each for each in wanted if each != known[each["name"]]], user)
