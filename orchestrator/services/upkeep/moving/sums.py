"""A sum over all values of a table, the same in both databases when every row is."""

import hashlib
import json
from typing import Any

from orchestrator.models import (
    Budget,
    BudgetPeriod,
    Grant,
    LedgerEntry,
    Leg,
    Reservation,
    Trip,
)
from orchestrator.services.upkeep.moving import tables
from orchestrator.services.upkeep.moving.tables import Table

MONEY: tuple[Table, ...] = (Budget, BudgetPeriod, Grant, Reservation, LedgerEntry, Leg, Trip)
CHUNK = 500
WIDTH = 2**256


def of(model: Table, alias: str) -> int:
    """Added up, so that the order of the rows does not matter."""
    names = [field.attname for field in tables.fields_of(model)]
    rows = model._base_manager.using(alias).order_by("pk").values_list(*names)
    total = 0
    for row in rows.iterator(chunk_size=CHUNK):
        text = json.dumps([_plain(value) for value in row], sort_keys=True, default=str)
        total += int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return total % WIDTH


def _plain(value: Any) -> Any:
    """PostgreSQL keeps the numbers in JSON exactly, and not whether they had a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
