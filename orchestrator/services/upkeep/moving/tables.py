"""All tables in an order in which what a row points to comes before it."""

from collections.abc import Collection, Iterable
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model

# Its rows are the history of the schema, which the new database writes for itself.
HISTORY = "django_migrations"
Table = type[Model]


def in_order() -> list[Table]:
    """Where two tables point to each other, the one comes first that can do without."""
    left = [model for model in apps.get_models(include_auto_created=True) if _is_table(model)]
    ordered: list[Table] = []
    while left:
        ready = [model for model in left if _targets(model, must=True) <= {*ordered, model}]
        whole = [model for model in ready if _targets(model, must=False) <= {*ordered, model}]
        chosen = (whole or ready)[0]
        left.remove(chosen)
        ordered.append(chosen)
    return ordered


def _is_table(model: Table) -> bool:
    return model._meta.managed and not model._meta.proxy


def _targets(model: Table, *, must: bool) -> set[Any]:
    fields = model._meta.local_concrete_fields
    keys = [field for field in fields if field.remote_field and not (must and field.null)]
    return {field.remote_field.model for field in keys if field.remote_field}


def fields_of(model: Table) -> list[Any]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def references(table: str, targets: Collection[str]) -> list[str]:
    """The names of a table's constraints that point to one of these tables."""
    with connection.cursor() as cursor:
        known = connection.introspection.get_constraints(cursor, table)
    return [
        name
        for name, constraint in known.items()
        if constraint["foreign_key"] and constraint["foreign_key"][0] in targets
    ]


def check_at_once(names: Iterable[str]) -> None:
    """Now, and for what follows row by row: the list of checks still to be done stays short."""
    if quoted := ", ".join(connection.ops.quote_name(name) for name in names):
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {quoted} IMMEDIATE")
