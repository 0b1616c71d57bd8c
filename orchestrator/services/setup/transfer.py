"""The configuration as one TOML document: written whole, read whole, applied all or not at all."""

import tomllib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import tomlkit
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from orchestrator.models import FleetVersion
from orchestrator.services.setup import options
from orchestrator.services.setup.sections import SECTIONS
from orchestrator.services.setup.sections.base import Changes, Section

__all__ = ["FORMAT", "Changes", "InvalidDocument", "export_document", "import_document"]

FORMAT = 1
MAX_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_PROBLEMS = 50
HEAD = (
    "Clutch Web: options, gears, roads, rules, teams, profiles, prompts, plans, budgets, alerts,",
    "reports; everything by name. People are named, never made: they have to be there first.",
    "Left out are secrets: provider keys, passwords, API tokens, invitations, share links, and the",
    "web addresses that alerts and digests are sent to. Older versions of prompts stay where they",
    "are, and so does what the environment says, such as OpenID Connect and the mail server.",
)


class InvalidDocument(ValueError):
    """The document cannot be applied; every line of the message names a place and a reason."""


class MovedOn(InvalidDocument):
    """What would change now is not what was shown."""


class _DryRun(Exception):
    """Takes the transaction back."""


def export_document() -> str:
    document = tomlkit.document()
    for line in HEAD:
        document.add(tomlkit.comment(line))
    document["format"] = FORMAT
    for section in SECTIONS:
        found = _toml_ready(section.export())
        if isinstance(found, dict):
            document[section.name] = found
        elif found:
            document[section.name] = tomlkit.aot()
            for entry in found:
                document[section.name].append(tomlkit.item(entry))
    return tomlkit.dumps(document)


def _toml_ready(value: Any) -> Any:
    """TOML has no null: what is not set is left out."""
    if isinstance(value, Mapping):
        return {key: _toml_ready(each) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple):
        return [_toml_ready(each) for each in value]
    return value


def import_document(
    text: str, *, dry_run: bool = False, expected: Changes | None = None
) -> Changes:
    """Apply a document. Rows that it does not name stay as they are.

    With `expected`, nothing is applied when it would now change anything else.
    """
    document = _parsed(text)
    changes, problems = Changes(), _Problems(text)
    try:
        with transaction.atomic():
            number = FleetVersion.begin_step()
            for section in SECTIONS:
                for entry in _entries(document, section, problems):
                    problems.collect(section.name, entry, partial(section.apply, entry, changes))
            problems.raise_any()
            if expected is not None and expected != changes:
                raise MovedOn("Something was changed meanwhile. Look at the changes again.")
            FleetVersion.end_step(number + (not changes.is_empty))
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    finally:
        cache.delete(options.CACHE_KEY)
    return changes


def _parsed(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InvalidDocument("The document is larger than 4 MiB.")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidDocument(f"Not valid TOML: {error}") from None
    except RecursionError:
        raise InvalidDocument("Not valid TOML: it is nested too deeply.") from None
    known = {"format", *(section.name for section in SECTIONS)}
    if unknown := sorted(set(document) - known):
        raise InvalidDocument(
            f"{unknown[0]}: no such section; there are: {', '.join(sorted(known))}"
        )
    found = document.get("format", FORMAT)
    if found != FORMAT or isinstance(found, bool):
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
        name = str(entry.get("name") or entry.get("scope") or "")[:80]
        place = f"{group} {name}".strip()
        try:
            with transaction.atomic():
                work()
        except ValidationError as invalid:
            for key, messages in invalid.message_dict.items():
                told = place if key == "__all__" else f"{place}, {key}"
                self.add(told, " ".join(messages), name)
        except IntegrityError as error:
            self.add(place, f"the database refuses it: {error}", name)
        except (ValueError, TypeError, OverflowError) as wrong:
            self.add(place, str(wrong), name)

    def raise_any(self) -> None:
        if self._found:
            more = len(self._found) - MAX_PROBLEMS
            told = [*self._found[:MAX_PROBLEMS], *([f"… and {more} more."] if more > 0 else [])]
            raise InvalidDocument("\n".join(told))


def _entries(
    document: Mapping[str, Any], section: Section, problems: _Problems
) -> list[dict[str, Any]]:
    group = section.name
    if section.is_table:
        table = document.get(group, {})
        if isinstance(table, dict):
            return [{name: value} for name, value in table.items()]
        problems.add(group, "is a table of names and values")
        return []
    entries = document.get(group, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        problems.add(group, f"write its entries as [[{group}]]")
        return []
    if len(entries) > MAX_ENTRIES:
        problems.add(group, f"has {len(entries):,} entries; {MAX_ENTRIES:,} are the most")
        return []
    _tell_repeated(entries, section, problems)
    return entries


def _tell_repeated(entries: list[dict[str, Any]], section: Section, problems: _Problems) -> None:
    keys = getattr(section, "keys", ())
    seen: set[tuple[str, ...]] = set()
    for entry in entries:
        place = tuple(str(entry.get(key) or "") for key in keys)
        if keys and place in seen:
            told = str(entry.get("name") or " ".join(filter(None, place)))
            problems.add(f"{section.name} {told}", "is there twice", told)
        seen.add(place)
