"""An SQLite installation carried into an empty PostgreSQL: all of it, or nothing.

Everything happens in one transaction of the new database, so that one that fails, or is killed,
is as empty as before. Here `default` is the new database and `source` the old one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.management.color import no_style
from django.db import Error, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import Error as PostgresError

from orchestrator.services.upkeep import invariants, outages, schema
from orchestrator.services.upkeep.moving import rows, sums, tables
from orchestrator.services.upkeep.moving.rows import SOURCE
from orchestrator.services.upkeep.moving.tables import Table

NOTHING_KEPT = "Nothing was kept in the new database, and the old one is as it was."
# A table and how many of its rows are there.
Told = Callable[[str, int, int], None]


class MoveRefused(Exception):
    """It cannot be done, or was undone; the message says why, `next_step` what to do."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(message)
        self.next_step = next_step


@dataclass(frozen=True, slots=True)
class Moved:
    tables: int
    rows: int
    checked: int


def move(told: Told) -> Moved:
    """Nobody can write to the old database meanwhile, not even a command."""
    try:
        with transaction.atomic(using=SOURCE):
            _refuse_other_version()
            with transaction.atomic():
                _lift_limits()
                _refuse_filled()
                return _carry(told)
    except (Error, PostgresError) as error:
        raise _undone(error) from error


def _refuse_other_version() -> None:
    with connections[SOURCE].cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'orchestrator'")
        newest = cursor.fetchone()[0]
    if newest != schema.newest_known():
        raise MoveRefused(
            f"The old database is of another version ({newest}).", "Bring it up: clutch status"
        )


def _refuse_filled() -> None:
    with connection.cursor() as cursor:
        known = connection.introspection.table_names(cursor)
    if known:
        raise MoveRefused(
            f"The new database is not empty: it has {len(known)} tables.",
            "Make an empty one, for example: createdb NAME",
        )


def _lift_limits() -> None:
    """What protects a busy server would cut a long copy."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


def _carry(told: Told) -> Moved:
    _make_tables()
    ordered = tables.in_order()
    counts: dict[Table, int] = {}
    for model in ordered:
        counts[model] = _carry_table(model, list(counts), told)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in connection.ops.sequence_reset_sql(no_style(), ordered):
            cursor.execute(statement)
    _verify(counts)
    return Moved(len(counts), sum(counts.values()), len(sums.MONEY))


def _make_tables() -> None:
    """What migrations put into them belongs to a fresh start; the old rows come in its place."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        made = connection.introspection.table_names(cursor)
        names = [connection.ops.quote_name(name) for name in made if name != tables.HISTORY]
        cursor.execute(f"TRUNCATE {', '.join(names)}")
        # Migrations that add a reference leave it checked at once for their transaction.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _carry_table(model: Table, before: list[Table], told: Told) -> int:
    """Triggers stay on: those of messages and titles make the index of words anew."""
    name = model._meta.db_table
    total = model._base_manager.using(SOURCE).count()
    done = {other._meta.db_table for other in before}
    tables.check_at_once(tables.references(name, done))
    count = rows.copy(model, lambda so_far: told(name, so_far, total))
    tables.check_at_once(tables.references(name, {name}))
    return count


def _verify(counts: dict[Table, int]) -> None:
    for model, expected in counts.items():
        found = model._base_manager.count()
        if found != expected:
            raise _differs(f"{model._meta.db_table} has {found} rows instead of {expected}")
    for model in sums.MONEY:
        if sums.of(model, SOURCE) != sums.of(model, "default"):
            raise _differs(f"the amounts in {model._meta.db_table} differ")
    if breaches := invariants.breaches():
        first = breaches[0]
        raise MoveRefused(
            f"What must always hold does not: {first.invariant}: {first.subject}: "
            f"{first.message}. {NOTHING_KEPT}",
            "See whether the old one has the same: clutch doctor --invariants",
        )


def _differs(what: str) -> MoveRefused:
    return MoveRefused(
        f"The copy is not the same: {what}. {NOTHING_KEPT}", "Run it again: clutch move"
    )


def _undone(error: Exception) -> MoveRefused:
    outage = outages.of(error)
    if outage is not None:
        return MoveRefused(f"{outage.message} {NOTHING_KEPT}", outage.next_step)
    reason = str(error).strip().partition("\n")[0].rstrip(".")
    return MoveRefused(f"It could not be copied: {reason}. {NOTHING_KEPT}", "See: clutch doctor")
