"""The database itself refuses to change or delete a ledger entry.

On SQLite, a later migration that rebuilds the table loses the triggers and must call `protect` again.
"""

from django.db import migrations

SQLITE = {
    action: f"""
        CREATE TRIGGER IF NOT EXISTS ledger_no_{action.lower()} BEFORE {action} ON orchestrator_ledgerentry
        BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed or deleted'); END
    """
    for action in ("UPDATE", "DELETE")
}
POSTGRESQL = """
    CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'ledger entries are never changed or deleted'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER ledger_protected BEFORE UPDATE OR DELETE ON orchestrator_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
"""
POSTGRESQL_UNDO = """
    DROP TRIGGER ledger_protected ON orchestrator_ledgerentry;
    DROP FUNCTION refuse_ledger_change();
"""


def protect(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
        else:
            for trigger in SQLITE.values():
                cursor.execute(trigger)


def unprotect(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_UNDO)
        else:
            for action in SQLITE:
                cursor.execute(f"DROP TRIGGER IF EXISTS ledger_no_{action.lower()}")


class Migration(migrations.Migration):
    dependencies = [("orchestrator", "0001_initial")]
    operations = [migrations.RunPython(protect, unprotect)]
