"""The results of a run's items at any time, as CSV or JSON lines, with constant memory."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from orchestrator.files import cells
from orchestrator.models import Step, Trip

COLUMNS = ("number", "item", "state", "answer", "gear", "error")
PAGE = 500
Row = tuple[int, str, str, str, str, str]


def rows(trip_id: UUID, path: str = "") -> Iterator[Row]:
    """In order; of all swarms of the run, or of the one at a path."""
    items = Step.objects.filter(trip_id=trip_id).exclude(parent="")
    if path:
        items = items.filter(parent=path)
    names = ("number", "given", "state", "text", "gear", "error")
    yield from items.order_by("id").values_list(*names).iterator(chunk_size=PAGE)


def documents(trip_id: UUID) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows(trip_id)]


def has_items(trip: Trip) -> bool:
    return Step.objects.filter(trip=trip).exclude(parent="").exists()


def as_csv(trip_id: UUID, path: str = "") -> Iterator[str]:
    """Cells that a spreadsheet would run as a formula are marked as text."""
    yield "\ufeff" + _line(COLUMNS)
    for row in rows(trip_id, path):
        yield _line([cells.harmless(str(value)) for value in row])


def _line(values: "list[str] | tuple[str, ...]") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue()


def as_jsonl(trip_id: UUID, path: str = "") -> Iterator[str]:
    for row in rows(trip_id, path):
        yield json.dumps(dict(zip(COLUMNS, row, strict=True)), ensure_ascii=False) + "\n"
