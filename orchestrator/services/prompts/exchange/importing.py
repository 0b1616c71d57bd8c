"""Prompts into one's own library: looked at first, then all of a file or nothing of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from orchestrator.models import Prompt, User
from orchestrator.services.prompts import library
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


def examine(user: User, name: str, data: bytes) -> Findings:
    """What an import would do; nothing is written. Raises `FileUnreadable`."""
    return _judged(user, reading.read(name, data))


def apply(user: User, name: str, data: bytes) -> Findings:
    """What was done. Raises `PromptRefused` where one could not be kept, and keeps none then."""
    with transaction.atomic():
        findings = examine(user, name, data)
        kept = _kept(user)
        for draft in findings.importable:
            _write(user, draft, kept.get(draft.name))
    return findings


def _write(user: User, draft: Draft, known: Prompt | None) -> None:
    if known is None:
        library.create(user, draft)
        return
    library.save(known, user, draft.text, draft.note or "imported")
    library.describe(known, draft.title, draft.description)
    library.set_tags(known, draft.tags)


def _kept(user: User) -> dict[str, Prompt]:
    mine = Prompt.objects.filter(user=user, deleted_at=None).select_related("live")
    return {prompt.name: prompt for prompt in mine.prefetch_related("tags")}


def _judged(user: User, found: Iterable[Found]) -> Findings:
    kept, seen, rows = _kept(user), set[str](), []
    for each in found:
        row = _row(each, kept)
        if row.draft and row.draft.name in seen:
            reason = f"{row.draft.name!r} is in the file twice; the first one counts."
            row = Row(row.where, Verdict.SKIPPED, reason=reason)
        seen |= {row.draft.name} if row.draft else set()
        rows.append(row)
    return Findings(tuple(rows))


def _row(found: Found, kept: dict[str, Prompt]) -> Row:
    if found.draft is None:
        return Row(found.where, Verdict.SKIPPED, reason=found.problem)
    try:
        draft = library.checked(found.draft)
    except PromptRefused as refused:
        return Row(found.where, Verdict.SKIPPED, reason=str(refused))
    known = kept.get(draft.name)
    if known is None:
        return Row(found.where, Verdict.NEW, draft)
    draft = _completed(draft, known)
    return Row(found.where, Verdict.SAME if _is_same(draft, known) else Verdict.CHANGED, draft)


def _completed(draft: Draft, known: Prompt) -> Draft:
    """What the file does not tell stays as it is."""
    tags = draft.tags or tuple(tag.name for tag in known.tags.all())
    return replace(draft, description=draft.description or known.description, tags=tags)


def _is_same(draft: Draft, known: Prompt) -> bool:
    tags = tuple(sorted(tag.name for tag in known.tags.all()))
    old = (known.title, known.description, known.text, tags)
    return old == (draft.title, draft.description, draft.text, draft.tags)
