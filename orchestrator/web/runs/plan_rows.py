"""A plan's document as rows for a person to change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.patterns import plans
from orchestrator.web.runs import plan_fields
from orchestrator.web.runs.plan_fields import CHECKS, LISTS, ROOT

Document = Mapping[str, Any]
TITLES = {
    "merge": "Who merges what the roles write",
    "lead": "Who names the roles",
    "review": "Who reviews what was merged",
    "each": "What is done for each item",
    "reduce": "Who brings the answers together",
}
ADD = {"steps": "Add a step", "roles": "Add a role", "phases": "Add a phase", "gears": "Add a gear"}
CHECK_LABELS = {
    "": "no check",
    "regex": "a regular expression",
    "judge": "a model that is asked",
    "json_schema": "a JSON schema",
}
CHECK_ASKS = {
    "regex": "The expression that it must match",
    "judge": "What the model is asked about it",
    "json_schema": "The schema that it must fit",
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """The fields of one place begin with `at`."""

    at: str
    part: Document
    title: str = ""
    may_send_back: bool = False

    @property
    def fixed(self) -> str:
        """Its gear and throttle in a few words."""
        said, throttle = self.part, self.part.get("throttle")
        strength = {"cheap": "a cheap gear", "strong": "a strong gear"}.get(
            said.get("strength", ""), "the gear that fits"
        )
        at = "" if throttle is None else f", throttle {throttle} %"
        return f"Driven by {said.get('gear') or strength}{at}"

    @property
    def problem(self) -> str:
        """What keeps it from being driven, said where it stands."""
        return plans.part_problem(self.part)


@dataclass(frozen=True, slots=True)
class Entry:
    group: str
    row: str
    is_first: bool
    is_last: bool
    part: PartRow | None = None
    phase: "PhaseRow | None" = None
    gear: str = ""

    @property
    def at(self) -> str:
        return f"{self.group}.{self.row}."

    @property
    def name(self) -> str:
        said = self.part.part if self.part else self.phase.document if self.phase else {}
        return str(said.get("name") or self.gear or f"number {self.row}")


@dataclass(frozen=True, slots=True)
class PhaseRow:
    document: Document
    node: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """One plan: its rows, and the places that every plan of its pattern has."""

    pattern: str
    at: str
    document: Document
    entries: Sequence[Entry] = ()
    singles: Sequence[PartRow] = ()
    is_later: bool = False

    @property
    def takes_items(self) -> bool:
        """A phase that no other comes before; a swarm by itself is handed them beside the plan."""
        return self.at != ROOT and not self.is_later

    @property
    def group(self) -> str:
        return f"{self.at}{LISTS[self.pattern]}" if self.pattern in LISTS else ""

    @property
    def review_at(self) -> str:
        return f"{self.at}review."

    @property
    def reduce_at(self) -> str:
        return f"{self.at}reduce."

    @property
    def add_label(self) -> str:
        return ADD.get(LISTS.get(self.pattern, ""), "")

    @property
    def check(self) -> str:
        found = self.document.get("check") or {}
        return next((kind for kind in CHECKS if kind in found), "")

    @property
    def check_label(self) -> str:
        return CHECK_ASKS[self.check]

    @property
    def check_text(self) -> str:
        value = (self.document.get("check") or {}).get(self.check, "")
        return value if isinstance(value, str) else plan_fields.shown_json(value)

    @property
    def check_kinds(self) -> Mapping[str, str]:
        return CHECK_LABELS

    @property
    def items(self) -> str:
        return "\n".join(self.document.get("items") or ())

    @property
    def kept_items(self) -> str:
        """Items of several lines cannot be told apart in a box, so they are only carried along."""
        found = self.document.get("items") or ()
        is_plain = all("\n" not in item and item.strip() for item in found)
        return "" if is_plain else plan_fields.shown_json(list(found))


def node(pattern: str, document: Document, at: str = ROOT, *, is_later: bool = False) -> Node:
    """The rows of a plan; `is_later` for a phase that is given what another has written."""
    return Node(
        pattern,
        at,
        document,
        _entries(pattern, document, at),
        _singles(pattern, document, at),
        is_later=is_later,
    )


def _entries(pattern: str, document: Document, at: str) -> list[Entry]:
    name = LISTS.get(pattern, "")
    found = document.get(name) or [] if name else []
    return [
        _entry(f"{at}{name}", number, len(found), entry) for number, entry in enumerate(found, 1)
    ]


def _entry(group: str, number: int, count: int, said: Any) -> Entry:
    at, ends = f"{group}.{number}.", (number == 1, number == count)
    if isinstance(said, str):
        return Entry(group, str(number), *ends, gear=said)
    if group.endswith("phases"):
        inner = {key: said[key] for key in said if key not in ("name", "pattern")}
        below = node(said.get("pattern", ""), inner, at, is_later=number > 1)
        return Entry(group, str(number), *ends, phase=PhaseRow(said, below))
    may_send_back = group.endswith("steps") and number > 1
    return Entry(group, str(number), *ends, part=PartRow(at, said, "", may_send_back))


def _singles(pattern: str, document: Document, at: str) -> list[PartRow]:
    """Places that are there once; what the document does not say is as usual."""
    usual = plans.usual_parts()
    names = {
        "team": ["merge", "review"] if document.get("roles") else ["lead", "merge", "review"],
        "swarm": ["each", "reduce"],
    }.get(pattern, [])
    return [
        PartRow(f"{at}{name}.", _said(document, name, usual[name]), TITLES[name]) for name in names
    ]


def _said(document: Document, name: str, usual: Document) -> Document:
    """Only of a reviewer nothing is as usual: there is one or there is none."""
    said = document.get(name) or {}
    return said if said and name == "review" else {**usual, **said}
