"""Saved reports as entries, each with its question as a table of names."""

from typing import Any
from urllib.parse import parse_qs

from django.utils import timezone

from orchestrator.models import Prompt, SavedReport, User
from orchestrator.services.reports import keeping, questions, scopes
from orchestrator.services.reports.questions import Question
from orchestrator.services.reports.refusals import OutOfSight, ReportRefused
from orchestrator.services.setup.sections import asides, owners
from orchestrator.services.setup.sections.base import Entry
from orchestrator.services.setup.sections.rows import RowSection, named

QUESTION = "question"
SCOPE, PROMPT = "scope", "prompt"
Asked = dict[str, list[str]]


def scope_name(key: str) -> str | None:
    """A team by its name; None where there is no such team any more."""
    kind, _, pk = key.partition(":")
    if kind != scopes.TEAM:
        return key
    name = owners.name_of(owners.Scope.TEAM, pk)
    return None if name is None else f"{scopes.TEAM}:{name}"


def scope_key(named_so: str) -> str:
    kind, _, name = named_so.partition(":")
    if kind != scopes.TEAM:
        return named_so
    return f"{scopes.TEAM}:{owners.id_of(owners.Scope.TEAM, name)}"


def asked(row: SavedReport) -> Question | None:
    """None where its owner may not ask this any more."""
    try:
        return questions.read(row.user, parse_qs(row.query), timezone.now().date())
    except (ReportRefused, OutOfSight):
        return None


def _read(row: Any) -> dict[str, Any] | None:
    question = None if row.pk is None else asked(row)
    if question is None:
        return None
    found: dict[str, Any] = {}
    for name, value in question.pairs():
        if name in question.filters:
            found.setdefault(name, []).append(_written(name, value))
        else:
            found[name] = scope_name(value) if name == SCOPE else value
    return {name: found[name] for name in sorted(found)}


def _written(name: str, value: str) -> Any:
    """A prompt by whose it is and its name; one that is gone stays the number it was."""
    known = Prompt.objects.filter(pk=value) if name == PROMPT and _is_id(value) else ()
    for prompt in known:
        whose = {
            "user": prompt.user and prompt.user.username,
            "team": prompt.team and str(prompt.team),
        }
        return {"name": prompt.name} | {key: each for key, each in whose.items() if each}
    return value


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < owners.MOST_DIGITS


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError('question is a table, such as { scope = "mine", group = "gear" }')
    return {name: value[name] for name in sorted(value)}


def _question(row: Any) -> Question:
    told = asides.given(row, QUESTION) or {}
    values: Asked = {name: _texts(row.user, name, value) for name, value in told.items()}
    try:
        return questions.read(row.user, values, timezone.now().date())
    except OutOfSight:
        raise ValueError(f"question: {row.user} may not see {told.get(SCOPE)!r}") from None


def _texts(user: User, name: str, value: Any) -> list[str]:
    many = value if isinstance(value, list) else [value]
    return [_text(user, name, each) for each in many]


def _text(user: User, name: str, value: Any) -> str:
    if name == PROMPT and isinstance(value, dict):
        return _prompt_id(user, value)
    if not isinstance(value, str):
        raise ValueError(f"question: {name} is a text or a list of texts; {value!r} is not")
    return scope_key(value) if name == SCOPE else value


def _prompt_id(user: User, told: Entry) -> str:
    owner = {"user__username": told.get("user"), "team__name": told.get("team")}
    found = Prompt.objects.filter(deleted_at=None, name=told.get("name"), **owner).first()
    if found is None:
        raise ValueError(f"question: there is no prompt named {told.get('name')!r} of that owner")
    return str(found.pk)


def check_report(row: Any) -> None:
    if row.user_id is None:
        raise ValueError("user is missing: a report belongs to a person")
    if keeping.checked_name(row.name) != row.name:
        raise ValueError("the name has spaces at its ends or several in a row")
    if row.pk is None or asides.is_given(row, QUESTION):
        row.query = keeping.checked_query(_question(row).query)


class _SavedReports(RowSection):
    def export(self) -> list[dict[str, Any]]:
        return [entry for entry in super().export() if isinstance(entry[QUESTION], dict)]


SAVED_REPORTS = _SavedReports(
    "saved_reports",
    SavedReport,
    ("name", "user", QUESTION),
    columns={
        "user": named("user", User.objects.all, "username"),
        QUESTION: asides.aside(QUESTION, _read, _checked),
    },
    keys=("user", "name"),
    own=lambda rows: rows.select_related("user"),
    check=check_report,
)
