"""The draft: one for the installation, a row for each entry that is to change."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from orchestrator.models import FleetChange, FleetVersion, User
from orchestrator.services.drafts import checks, entries
from orchestrator.services.setup.sections.base import Entry


class DraftRefused(ValueError):
    """The entry cannot become so; the message says why."""


class EditedMeanwhile(Exception):
    """Somebody else changed the entry since it was shown. Nothing was written."""

    def __init__(self, theirs: Entry | None) -> None:
        super().__init__("Somebody else changed it meanwhile.")
        self.theirs = theirs


def pending() -> list[FleetChange]:
    order = list(entries.GROUPS)
    found = FleetChange.objects.select_related("made_by")
    return sorted(found, key=lambda change: (order.index(change.group), change.name))


def sign() -> str:
    """What the draft is now, to publish exactly what was looked at."""
    return entries.digest([[c.group, c.name, c.before, c.after] for c in pending()])


def put(
    group: str, name: str, wanted: Entry | None, user: User | None, *, seen: str | None = None
) -> None:
    """Note how an entry is to become; None takes it away.

    `seen` is the digest of what the person saw, who must not overwrite what they did not see.
    """
    if wanted is not None:
        check(group, wanted)
    with transaction.atomic():
        FleetVersion.begin_step()
        now = entries.drafted_one(group, name)
        if seen is not None and entries.digest(now) != seen and now != wanted:
            raise EditedMeanwhile(now)
        _write(group, name, wanted, user)


def put_many(group: str, wanted: list[dict[str, Any]], user: User | None) -> None:
    """Several entries of one deed, such as a new order."""
    with transaction.atomic():
        FleetVersion.begin_step()
        for entry in wanted:
            check(group, entry)
            _write(group, entry["name"], entry, user)


def _write(group: str, name: str, wanted: Entry | None, user: User | None) -> None:
    known = FleetChange.objects.filter(group=group, name=name).first()
    live = entries.live_one(group, name)
    if wanted == live:
        FleetChange.objects.filter(group=group, name=name).delete()
        return
    before = live if known is None else known.before
    FleetChange.objects.update_or_create(
        group=group, name=name, defaults={"before": before, "after": wanted, "made_by": user}
    )


def check(group: str, wanted: Entry) -> None:
    """Raises `DraftRefused` with what is wrong about an entry by itself."""
    try:
        entries.GROUPS[group].checked_names(wanted)
        row = entries.row_of(group, wanted)
        entries.GROUPS[group].validate(row)
        checks.check_one(group, wanted)
    except ValidationError as invalid:
        told = [f"{key}: {' '.join(texts)}" for key, texts in invalid.message_dict.items()]
        raise DraftRefused(" ".join(told).replace("__all__: ", "")) from invalid
    except (ValueError, TypeError) as wrong:
        raise DraftRefused(str(wrong)) from wrong


def discard(group: str, name: str) -> bool:
    return bool(FleetChange.objects.filter(group=group, name=name).delete()[0])


def discard_all() -> int:
    return FleetChange.objects.all().delete()[0]


def keep_mine(group: str, name: str) -> None:
    """The draft's wish stays, now as a change of what is live by now."""
    with transaction.atomic():
        FleetVersion.begin_step()
        change = FleetChange.objects.filter(group=group, name=name).first()
        if change is None:
            return
        change.before = entries.live_one(group, name)
        if change.before == change.after:
            change.delete()
        else:
            change.save(update_fields=["before", "updated_at"])
