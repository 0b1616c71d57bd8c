"""The rows of one table, carried over in batches: memory does not grow with them."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import JSONField
from psycopg.types.json import Jsonb

from orchestrator.services.upkeep.moving import tables
from orchestrator.services.upkeep.moving.tables import Table

BATCH = 500
SOURCE = "source"
Progress = Callable[[int], None]


def copy(model: Table, progress: Progress) -> int:
    """How many there were. Values are taken as they are stored, also those set by themselves."""
    fields = tables.fields_of(model)
    count = 0
    stored = _stored(model, fields)
    while batch := tuple(islice(stored, BATCH)):
        _write(model, fields, batch)
        count += len(batch)
        progress(count)
    return count


def _stored(model: Table, fields: list[Any]) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in fields]
    rows = model._base_manager.using(SOURCE).order_by("pk").values_list(*names)
    yield from rows.iterator(chunk_size=BATCH)


def _write(model: Table, fields: list[Any], batch: tuple[tuple[Any, ...], ...]) -> None:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with (
        connection.wrap_database_errors,
        connection.cursor() as cursor,
        cursor.copy(statement) as copying,
    ):
        for row in batch:
            copying.write_row(
                [_prepared(field, value) for field, value in zip(fields, row, strict=True)]
            )


def _prepared(field: Any, value: Any) -> Any:
    if value is None and isinstance(field, JSONField) and not field.null:
        return Jsonb(None)  # JSON's own null, which is read like a missing value
    return field.get_db_prep_save(value, connection)
