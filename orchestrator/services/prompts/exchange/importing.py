"""Prompts into a library, one's own unless told otherwise: looked at first, then all of a file or
nothing of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from orchestrator.models import Prompt, User
from orchestrator.services.prompts import access, library
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.exchange import reading
from orchestrator.services.prompts.exchange.documents import Found
from orchestrator.services.prompts.library import Draft, PromptRefused


class Verdict(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "the same already"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Row:
    where: str
    verdict: Verdict
    draft: Draft | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    rows: tuple[Row, ...]

    @property
    def counts(self) -> dict[Verdict, int]:
        counted = Counter(row.verdict for row in self.rows)
        return {verdict: counted[verdict] for verdict in Verdict}

    @property
    def importable(self) -> list[Draft]:
        wanted = (Verdict.NEW, Verdict.CHANGED)
        return [row.draft for row in self.rows if row.draft and row.verdict in wanted]


def examine(user: User, name: str, data: bytes, owner: Owner | None = None) -> Findings:
    """What an import would do; nothing is written. Raises `FileUnreadable`.

    `owner` is one of `access.owners_open_to(user)`.
    """
    return _judged(_Shelf(user, owner or Owner(user=user)), reading.read(name, data))


def apply(user: User, name: str, data: bytes, owner: Owner | None = None) -> Findings:
    """What was done. Raises `PromptRefused` where one could not be kept, and keeps none then."""
    owner = owner or Owner(user=user)
    with transaction.atomic():
        findings = examine(user, name, data, owner)
        kept = _Shelf(user, owner).prompts
        for draft in findings.importable:
            known = kept.get(draft.name)
            if known is None:
                library.create(user, draft, owner)
            else:
                _change(user, draft, known)
    return findings


def _change(user: User, draft: Draft, known: Prompt) -> None:
    library.save(known, user, draft.text, draft.note or "imported")
    library.describe(known, draft.title, draft.description)
    library.set_tags(known, draft.tags)


class _Shelf:
    """Where prompts are to be put, and who puts them there."""

    def __init__(self, user: User, owner: Owner) -> None:
        self.user, self.owner = user, owner
        rows = Prompt.objects.filter(user=owner.user, team=owner.team, deleted_at=None)
        rows = rows.select_related("live").prefetch_related("tags")
        self.prompts = {prompt.name: prompt for prompt in rows}


def _judged(shelf: _Shelf, found: Iterable[Found]) -> Findings:
    seen, rows = set[str](), []
    for each in found:
        row = _row(each, shelf)
        if row.draft and row.draft.name in seen:
            reason = f"{row.draft.name!r} is in the file twice; the first one counts."
            row = Row(row.where, Verdict.SKIPPED, reason=reason)
        seen |= {row.draft.name} if row.draft else set()
        rows.append(row)
    return Findings(tuple(rows))


def _row(found: Found, shelf: _Shelf) -> Row:
    if found.draft is None:
        return Row(found.where, Verdict.SKIPPED, reason=found.problem)
    try:
        draft = library.checked(found.draft)
    except PromptRefused as refused:
        return Row(found.where, Verdict.SKIPPED, reason=str(refused))
    known = shelf.prompts.get(draft.name)
    if known is None:
        return Row(found.where, Verdict.NEW, draft)
    draft = _completed(draft, known)
    if _is_same(draft, known):
        return Row(found.where, Verdict.SAME, draft)
    if not access.may_change(known, shelf.user):
        reason = f"{shelf.owner} has {draft.name!r}, which you may not change. Suggest it there."
        return Row(found.where, Verdict.SKIPPED, reason=reason)
    return Row(found.where, Verdict.CHANGED, draft)


def _completed(draft: Draft, known: Prompt) -> Draft:
    """What the file does not tell stays as it is."""
    tags = draft.tags or tuple(tag.name for tag in known.tags.all())
    return replace(draft, description=draft.description or known.description, tags=tags)


def _is_same(draft: Draft, known: Prompt) -> bool:
    tags = tuple(sorted(tag.name for tag in known.tags.all()))
    old = (known.title, known.description, known.text, tags)
    return old == (draft.title, draft.description, draft.text, draft.tags)
