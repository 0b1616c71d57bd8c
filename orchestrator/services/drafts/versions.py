"""What gears and roads were at each version, so that an old decision can be explained."""

import json
import logging
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from orchestrator.models import FleetDocument, FleetVersion, User
from orchestrator.services.drafts import entries
from orchestrator.services.drafts.entries import Document

log = logging.getLogger(__name__)
KEPT_S = 24 * 3600


def keep(number: int) -> None:
    """A decision uses this version. Asked with every trip, so it looks once a day."""
    key = f"fleet-version-{number}"
    if not number or cache.get(key):
        return
    try:
        _write_down(number)
        cache.set(key, True, KEPT_S)
    except DatabaseError:  # no reason to fail a trip; the next one tries again
        log.warning("the settings of version %s could not be kept", number, exc_info=True)


def _write_down(number: int) -> None:
    if not FleetDocument.objects.filter(version=number).exists():
        with transaction.atomic():
            document = entries.everything()
            # A change that came in between would be written down under the wrong number.
            if FleetVersion.current() == number:
                record(number, document)


def record(
    number: int, document: Document, user: User | None = None, note: str = ""
) -> FleetDocument:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    fields = {"document": text, "note": note[:300], "made_by": user}
    return FleetDocument.objects.get_or_create(version=number, defaults=fields)[0]


def history() -> QuerySet[FleetDocument]:
    return FleetDocument.objects.select_related("made_by").order_by("-version")


def read(kept: FleetDocument) -> Document:
    found: Any = json.loads(kept.document)
    return {group: found.get(group, {}) for group in entries.GROUPS}
