"""Reading the audit log: only what the reader administers, newest first, page by page."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from orchestrator.files import cells
from orchestrator.models import AuditEntry, Team, User
from orchestrator.services.people import roles, teams

PAGE_ROWS = 50
COLUMNS = ("at", "person", "source", "team", "area", "what", "before", "after")


@dataclass(frozen=True, slots=True)
class Filter:
    """`since` and `until` are whole days, both included."""

    team_id: int | None = None
    area: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    before: UUID | None = None


def may_read(user: User) -> bool:
    return teams.is_administrator(user) or bool(administered(user))


def administered(user: User) -> list[Team]:
    """The teams whose entries a person may see."""
    if teams.is_administrator(user):
        return list(Team.objects.order_by("name"))
    return [each.team for each in teams.of(user) if roles.may_manage(each.role)]


def entries(user: User, wanted: Filter) -> QuerySet[AuditEntry]:
    found = AuditEntry.objects.order_by("-id")
    if not teams.is_administrator(user):
        found = found.filter(team_id__in=[team.pk for team in administered(user)])
    return found.filter(*_conditions(wanted))


def _conditions(wanted: Filter) -> Iterator[Q]:
    if wanted.team_id is not None:
        yield Q(team_id=wanted.team_id)
    if wanted.area:
        yield Q(area=wanted.area)
    if wanted.person:
        yield Q(actor_name__iexact=wanted.person)
    if wanted.since is not None:
        yield Q(at__gte=_midnight(wanted.since))
    if wanted.until is not None:
        yield Q(at__lt=_midnight(wanted.until) + timedelta(days=1))
    if wanted.before is not None:
        yield Q(pk__lt=wanted.before)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def csv_lines(found: Iterable[AuditEntry]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for entry in found:
        texts = (entry.actor_name, entry.source, entry.team_name, entry.area, entry.what)
        row = map(cells.harmless, (*texts, entry.before, entry.after))
        yield writer.writerow((entry.at.isoformat(timespec="seconds"), *row))


class _Echo:
    """A file that hands back what is written to it, so that an export streams."""

    def write(self, line: str) -> str:
        return line
