"""Fleet and policy as one TOML document: written whole, read whole, applied all or not at all."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import tomlkit
from django.core.exceptions import ValidationError
from django.db import models, transaction

from orchestrator.models import Budget, FleetVersion, Gear, Profile, Provider, Road, Rule
from orchestrator.services.money import budgets
from orchestrator.services.setup import options, rules
from orchestrator.services.setup.options import UnknownOption, WrongValue

FORMAT = 1
MAX_BYTES = 4 * 1024 * 1024
FIELDS: Mapping[str, tuple[str, ...]] = {
    "providers": (
        "name", "title", "kind", "base_url", "credential", "options", "is_local", "is_enabled",
        "max_concurrency", "requests_per_minute", "tokens_per_minute",
    ),
    "gears": (
        "name", "title", "level", "provider", "model_id", "price_source", "prices",
        "context_window", "max_output_tokens", "capabilities", "strengths", "reasoning",
        "first_token_s", "tokens_per_s", "order", "is_enabled",
    ),
    "roads": (
        "name", "title", "task_type", "default_gear", "level", "throttle", "pattern", "triggers",
        "needs_specialists", "order", "is_enabled",
    ),
    "rules": ("name", "when", "then", "reason", "ends_at", "order", "is_enabled"),
    "profiles": (
        "name", "title", "instructions", "policy", "allowed_gears", "allowed_patterns",
        "max_level", "min_throttle", "max_throttle",
    ),
}  # fmt: skip
MODELS: Mapping[str, type[models.Model]] = {
    "providers": Provider,
    "gears": Gear,
    "roads": Road,
    "rules": Rule,
    "profiles": Profile,
}
BUDGET_FIELDS = ("scope", "scope_id", "period", "currency", "limit_usd")


class InvalidDocument(ValueError):
    """The document cannot be applied; every line of the message names a place and a reason."""


@dataclass(slots=True)
class Changes:
    """What an import does, or would do."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0

    def document(self) -> dict[str, Any]:
        return {"created": self.created, "changed": self.changed, "unchanged": self.unchanged}


class _DryRun(Exception):
    """Takes the transaction back."""


def export_document() -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("Clutch Web: fleet and policy. Keys are never part of it."))
    document["format"] = FORMAT
    document["options"] = _toml_ready(options.everything())
    for group in FIELDS:
        rows = _rows(group).order_by("name")
        if not rows:
            continue
        document[group] = tomlkit.aot()
        for row in rows:
            document[group].append(tomlkit.item(_toml_ready(_values(group, row))))
    document["budgets"] = tomlkit.aot()
    for budget in Budget.objects.all():
        document["budgets"].append(tomlkit.item(_toml_ready(_budget_values(budget))))
    return tomlkit.dumps(document)


def _rows(group: str) -> Any:
    manager = MODELS[group]._default_manager
    return manager.filter(user=None, team=None) if group == "profiles" else manager.all()


def _values(group: str, row: models.Model) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS[group]}
    if group == "gears":
        values["provider"] = values["provider"].name
    return values


def _budget_values(budget: Budget) -> dict[str, Any]:
    limit = budget.limit_nano
    return {
        "scope": budget.scope,
        "scope_id": budget.scope_id,
        "period": budget.period,
        "currency": budget.currency,
        "limit_usd": "none" if limit is None else _usd(limit),
    }


def _usd(nano: int) -> str:
    return f"{nano // budgets.NANO}.{nano % budgets.NANO:09d}".rstrip("0").rstrip(".")


def _toml_ready(value: Any) -> Any:
    """TOML has no null: what is not set is left out."""
    if isinstance(value, Mapping):
        return {key: _toml_ready(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_toml_ready(each) for each in value]
    return value


def import_document(text: str, *, dry_run: bool = False) -> Changes:
    """Apply a document. Rows that it does not name stay as they are."""
    document = _parsed(text)
    changes, problems = Changes(), _Problems(text)
    try:
        with transaction.atomic():
            for group in FIELDS:
                for entry in _entries(document, group, problems):
                    problems.collect(group, entry, partial(_apply, group, entry, changes))
            for entry in _entries(document, "budgets", problems):
                problems.collect("budgets", entry, partial(_apply_budget, entry, changes))
            _apply_options(document.get("options", {}), changes, problems)
            problems.raise_any()
            FleetVersion.bump()
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return changes


def _parsed(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidDocument("The document is larger than 4 MiB.")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidDocument(f"Not valid TOML: {error}") from None
    known = {"format", "options", "budgets", *FIELDS}
    if unknown := sorted(set(document) - known):
        raise InvalidDocument(
            f"{unknown[0]}: no such section; there are: {', '.join(sorted(known))}"
        )
    if document.get("format", FORMAT) != FORMAT:
        raise InvalidDocument(f"format: this program reads format {FORMAT} only.")
    return document


class _Problems:
    """All that is wrong, each with the line where its entry begins."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._found: list[str] = []

    def add(self, place: str, reason: str, name: str = "") -> None:
        self._found.append(f"{self._line(name)}{place}: {reason}")

    def _line(self, name: str) -> str:
        if name:
            for number, line in enumerate(self._lines, 1):
                if line.strip().startswith("name") and f'"{name}"' in line:
                    return f"line {number}: "
        return ""

    def collect(self, group: str, entry: Mapping[str, Any], work: Callable[[], None]) -> None:
        name = str(entry.get("name") or entry.get("scope") or "?")
        try:
            with transaction.atomic():
                work()
        except ValidationError as invalid:
            for key, messages in invalid.message_dict.items():
                self.add(f"{group} {name}, {key}", " ".join(messages), name)
        except (ValueError, TypeError) as wrong:
            self.add(f"{group} {name}", str(wrong), name)

    def raise_any(self) -> None:
        if self._found:
            raise InvalidDocument("\n".join(self._found))


def _entries(document: Mapping[str, Any], group: str, problems: _Problems) -> list[dict[str, Any]]:
    entries = document.get(group, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.add(group, f"write its entries as [[{group}]]")
        return []
    names = [entry.get("name") for entry in entries if "name" in entry]
    for name in sorted({str(name) for name in names if names.count(name) > 1}):
        problems.add(f"{group} {name}", "is there twice", name)
    return entries


def _apply(group: str, entry: Mapping[str, Any], changes: Changes) -> None:
    if unknown := sorted(set(entry) - set(FIELDS[group])):
        raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(FIELDS[group])}")
    if not isinstance(entry.get("name"), str):
        raise ValueError("every entry needs a name")
    row = _rows(group).filter(name=entry["name"]).first()
    is_new = row is None
    row = MODELS[group]() if row is None else row
    before = None if is_new else _values(group, row)
    for name, value in entry.items():
        setattr(row, name, _provider(value) if (group, name) == ("gears", "provider") else value)
    if isinstance(row, Rule):
        rules.validate(row.when, row.then)
    if not is_new and _values(group, row) == before:
        changes.unchanged += 1
        return
    row.full_clean()
    row.save()
    (changes.created if is_new else changes.changed).append(f"{group} {entry['name']}")


def _provider(name: object) -> Provider:
    provider = Provider.objects.filter(name=name).first()
    if provider is None:
        raise ValueError(f"there is no provider named {name!r}")
    return provider


def _apply_budget(entry: Mapping[str, Any], changes: Changes) -> None:
    if unknown := sorted(set(entry) - set(BUDGET_FIELDS)):
        raise ValueError(f"{unknown[0]!r} is unknown; there are: {', '.join(BUDGET_FIELDS)}")
    limit_text = entry.get("limit_usd")
    if not isinstance(limit_text, str):
        raise ValueError('limit_usd is a text such as "2.50", or "none"')
    limit = None if limit_text == "none" else budgets.parse_usd(limit_text)
    place = {
        "scope": Budget.Scope(entry.get("scope", "global")),
        "scope_id": str(entry.get("scope_id", "")),
        "period": Budget.Period(entry.get("period", "day")),
        "currency": str(entry.get("currency", "usd")),
    }
    row = Budget.objects.filter(**place).first()
    if row is not None and row.limit_nano == limit:
        changes.unchanged += 1
        return
    budgets.set_limit(place["scope"], place["scope_id"], place["period"], limit, place["currency"])
    told = f"budgets {place['scope']} {place['scope_id']} per {place['period']}"
    (changes.changed if row else changes.created).append(" ".join(told.split()))


def _apply_options(values: object, changes: Changes, problems: _Problems) -> None:
    if not isinstance(values, dict):
        problems.add("options", "is a table of names and values")
        return
    for name, value in values.items():
        try:
            if options.get(name) == options.check(name, value):
                changes.unchanged += 1
                continue
            options.put(name, value)
            changes.changed.append(f"options {name}")
        except (UnknownOption, WrongValue) as wrong:
            problems.add(f"options {name}", str(wrong))
