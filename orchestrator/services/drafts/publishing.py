"""From the draft to what is live, and back to what was: all of it in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from orchestrator.models import FleetChange, FleetDocument, FleetVersion, Gear, Provider, User
from orchestrator.services.drafts import changes, checks, entries, versions
from orchestrator.services.drafts.entries import Document
from orchestrator.services.people import audit
from orchestrator.services.people.audit import Area
from orchestrator.services.setup.sections.base import Difference, Entry, differences


class PublishRefused(ValueError):
    """Nothing was published; every line of the message names a reason."""


@dataclass(frozen=True, slots=True)
class Step:
    """One entry from what it is to what it becomes; None stands for not being there."""

    group: str
    name: str
    before: Entry | None
    after: Entry | None
    made_by: User | None = None
    # What is live where it is no longer what the draft began with.
    live: Entry | None = None
    is_conflict: bool = False

    @property
    def kind(self) -> str:
        if self.before is None:
            return "new"
        return "removed" if self.after is None else "changed"

    @property
    def differences(self) -> list[Difference]:
        return differences(self.before, self.after) if self.after is not None else []

    @property
    def theirs(self) -> list[Difference]:
        """What others did to it meanwhile."""
        return differences(self.before, self.live) if self.live is not None else []


def steps() -> list[Step]:
    """The draft as the difference to what is live."""
    live = entries.everything()
    return [_step(change, live[change.group].get(change.name)) for change in changes.pending()]


def _step(change: FleetChange, live: dict[str, Any] | None) -> Step:
    is_conflict = live not in (change.before, change.after)
    return Step(
        change.group,
        change.name,
        change.before,
        change.after,
        change.made_by,
        live,
        is_conflict,
    )


def between(old: Document, new: Document) -> list[Step]:
    """What leads from one document to another; fields that an old one does not know stay."""
    found = []
    for group in entries.GROUPS:
        before, after = old.get(group, {}), new.get(group, {})
        for name in sorted({*before, *after}):
            now, then = before.get(name), after.get(name)
            wanted = {**now, **then} if now is not None and then is not None else then
            if now != wanted:
                found.append(Step(group, name, now, wanted))
    return found


def problems(found: Iterable[Step]) -> list[str]:
    """What keeps these steps from being published, all at once."""
    listed = list(found)
    document = entries.everything()
    for step in listed:
        if step.after is None:
            document[step.group].pop(step.name, None)
        else:
            document[step.group][step.name] = dict(step.after)
    told = [
        f"{step.name} was changed by somebody else after its draft began. Choose which to keep."
        for step in listed
        if step.is_conflict
    ]
    return told + checks.problems(document, {(step.group, step.name) for step in listed})


def publish(user: User | None, note: str, *, seen: str | None = None) -> FleetDocument:
    """Make the draft live. `seen` is the sign of the draft that was looked at."""
    with transaction.atomic():
        number = FleetVersion.begin_step()
        found = steps()
        if not found:
            raise PublishRefused("There is nothing to publish.")
        if seen is not None and seen != changes.sign():
            raise PublishRefused("The draft was changed since you looked at it. Look again.")
        kept = _apply(number, found, user, note)
        FleetChange.objects.all().delete()
    return kept


def roll_back(version: int, user: User | None) -> FleetDocument:
    """Everything as it was at that version, as a new version. The draft stays."""
    with transaction.atomic():
        number = FleetVersion.begin_step()
        old = versions.read(FleetDocument.objects.get(version=version))
        found = between(entries.everything(), old)
        if not found:
            raise PublishRefused(f"Everything is as it was at version {version} already.")
        return _apply(number, found, user, f"back to version {version}")


def apply_now(group: str, wanted: Entry, user: User | None, note: str) -> FleetDocument:
    """One entry, checked as in the draft and live at once."""
    changes.check(group, wanted)
    with transaction.atomic():
        number = FleetVersion.begin_step()
        before = entries.live_one(group, str(wanted["name"]))
        step = Step(group, str(wanted["name"]), before, wanted)
        return _apply(number, [step], user, note)


def _apply(number: int, found: list[Step], user: User | None, note: str) -> FleetDocument:
    if told := problems(found):
        raise PublishRefused("\n".join(told))
    versions.record(number, entries.everything())
    order = list(entries.GROUPS)
    kept = [step for step in found if step.after is not None]
    gone = [step for step in found if step.after is None]
    try:
        for step in sorted(kept, key=lambda step: order.index(step.group)):
            _write(step)
        for step in sorted(gone, key=lambda step: -order.index(step.group)):
            _remove(step)
    except ValidationError as invalid:
        raise PublishRefused(" ".join(invalid.messages)) from invalid
    except (ValueError, TypeError, IntegrityError) as wrong:
        raise PublishRefused(str(wrong)) from wrong
    FleetVersion.end_step(number + 1)
    names = ", ".join(f"{step.group} {step.name}" for step in found)
    audit.record(Area.GEARS, f"Version {number + 1} is live: {note}", after=names, by=user)
    return versions.record(number + 1, entries.everything(), user, note)


def _write(step: Step) -> None:
    section = entries.GROUPS[step.group]
    row = entries.row_of(step.group, step.after or {})
    try:
        section.validate(row)
    except ValidationError as invalid:
        raise ValueError(f"{step.name}: {' '.join(invalid.messages)}") from invalid
    section.save(row)


def _remove(step: Step) -> None:
    """What reports still name is retired or switched off instead."""
    row = entries.GROUPS[step.group].rows().filter(name=step.name).first()
    if row is None:
        return
    if isinstance(row, Gear) and checks.has_driven(row.name):
        row.retired_at = row.retired_at or timezone.now()
        row.save(update_fields=["retired_at", "updated_at"])
        return
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        if isinstance(row, Provider):
            row.is_enabled = False
            row.save(update_fields=["is_enabled", "updated_at"])
