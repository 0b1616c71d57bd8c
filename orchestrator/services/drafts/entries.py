"""Gears, roads, rules and providers as entries: as they are live, and as the draft would have
them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from orchestrator.models import FleetChange
from orchestrator.services.setup.sections.base import Entry
from orchestrator.services.setup.sections.fleet import GEARS, PROVIDERS, ROADS, RULES
from orchestrator.services.setup.sections.rows import RowSection

# What others refer to comes first.
GROUPS: Mapping[str, RowSection] = {
    section.name: section for section in (PROVIDERS, GEARS, ROADS, RULES)
}
Entries = dict[str, dict[str, Any]]
Document = dict[str, Entries]


def live(group: str) -> Entries:
    section = GROUPS[group]
    return {row.name: section.values(row) for row in section.rows()}


def everything() -> Document:
    return {group: live(group) for group in GROUPS}


def drafted(group: str) -> Entries:
    entries = live(group)
    for change in FleetChange.objects.filter(group=group):
        if change.after is None:
            entries.pop(change.name, None)
        else:
            entries[change.name] = change.after
    return entries


def drafted_one(group: str, name: str) -> dict[str, Any] | None:
    change = FleetChange.objects.filter(group=group, name=name).first()
    return live_one(group, name) if change is None else change.after


def live_one(group: str, name: str) -> dict[str, Any] | None:
    row = GROUPS[group].rows().filter(name=name).first()
    return None if row is None else GROUPS[group].values(row)


def row_of(group: str, entry: Entry) -> Any:
    """The row an entry describes: the live one changed, or a new one. Never saved here."""
    section = GROUPS[group]
    row = section.rows().filter(name=entry["name"]).first() or section.model()
    section.fill(row, entry)
    return row


def drafted_rows(group: str) -> list[Any]:
    """All rows as the draft would have them, never saved here."""
    section = GROUPS[group]
    rows = {row.name: row for row in section.rows()}
    changes = {change.name: change.after for change in FleetChange.objects.filter(group=group)}
    for name, entry in changes.items():
        row = rows.pop(name, None) or section.model()
        if entry is not None:
            section.fill(row, entry)
            rows[name] = row
    return list(rows.values())


def digest(entry: object) -> str:
    """A short sign of what somebody saw, to notice that it was changed since."""
    text = json.dumps(entry, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
