"""A table of rules becomes rules: all of it, or nothing when something is wrong."""

from django.core.exceptions import ValidationError
from django.db import transaction

from orchestrator.models import Rule, User
from orchestrator.services.setup import rule_tables, rules
from orchestrator.services.setup.rule_tables import Draft, InvalidTable
from orchestrator.services.setup.transfer import Changes

FIELDS = ("when", "then", "reason", "order", "ends_at")


class _DryRun(Exception):
    """Takes the transaction back."""


def import_table(text: str, made_by: User, *, dry_run: bool = False) -> Changes:
    """Rules with the same name are changed; those that the table does not name stay."""
    drafts = rule_tables.read(text)
    changes, problems = Changes(), _repeated(drafts)
    try:
        with transaction.atomic():
            for draft in drafts:
                try:
                    _apply(draft, made_by, changes)
                except rules.InvalidRule as invalid:
                    problems.append(f"line {draft.line}: {invalid}")
                except ValidationError as invalid:
                    problems.append(f"line {draft.line}: {' '.join(invalid.messages)}")
            if problems:
                raise InvalidTable("\n".join(problems))
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return changes


def _repeated(drafts: list[Draft]) -> list[str]:
    first: dict[str, int] = {}
    return [
        f"line {draft.line}: the name {draft.name!r} is in line {first[draft.name]} already."
        for draft in drafts
        if first.setdefault(draft.name, draft.line) != draft.line
    ]


def _apply(draft: Draft, made_by: User, changes: Changes) -> None:
    rules.validate(draft.when, draft.then)
    wanted = {name: getattr(draft, name) for name in FIELDS}
    row = Rule.objects.filter(name=draft.name).first()
    if row is not None and {name: getattr(row, name) for name in FIELDS} == wanted:
        changes.unchanged += 1
        return
    into = changes.created if row is None else changes.changed
    row = row or Rule(name=draft.name, made_by=made_by, origin=Rule.Origin.IMPORT)
    for name, value in wanted.items():
        setattr(row, name, value)
    row.full_clean(exclude=["when", "then"])
    row.save()
    into.append(f"rules {draft.name}")
