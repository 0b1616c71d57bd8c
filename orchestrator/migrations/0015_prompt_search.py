"""An index of all that prompts are found by, kept by the database itself.

On SQLite, a later migration that rebuilds the table of prompts loses its triggers and must call
`watch` again; 0005_chat_search says more. `sought` is written by services/prompts/finding.py:
folded, names before `SPLIT`, the rest after it.
"""

import re
import unicodedata

from django.db import migrations

SPLIT = "\x1e"
SPELLINGS = str.maketrans({"ß": "ss", "ς": "σ", "µ": "μ"})
MARKS = re.compile("[\u0300-\u036f]+")
# Letters of scripts that put no spaces between words are words by themselves.
RUN = re.compile("[^\\W_\x00-\u058f\u1e00-\u2bff]+")

SQLITE_TABLES = (
    """
    CREATE VIRTUAL TABLE prompt_search USING fts5(
        head, body, tokenize = "unicode61 remove_diacritics 2 categories 'L* Nd'"
    )
    """,
    "INSERT INTO prompt_search (prompt_search, rank) VALUES ('rank', 'bm25(10.0, 1.0)')",
)
SQLITE_KEEP = """
    INSERT INTO prompt_search (rowid, head, body) VALUES (
        NEW.id,
        substr(NEW.sought, 1, max(instr(NEW.sought, char(30)) - 1, 0)),
        substr(NEW.sought, instr(NEW.sought, char(30)) + 1)
    )
"""
SQLITE_FORGET = "DELETE FROM prompt_search WHERE rowid = OLD.id"
SQLITE_TRIGGERS = {
    "prompt_search_insert": f"AFTER INSERT ON orchestrator_prompt BEGIN {SQLITE_KEEP}; END",
    "prompt_search_update": f"""
        AFTER UPDATE OF sought ON orchestrator_prompt WHEN OLD.sought <> NEW.sought
        BEGIN {SQLITE_FORGET}; {SQLITE_KEEP}; END
    """,
    "prompt_search_delete": f"AFTER DELETE ON orchestrator_prompt BEGIN {SQLITE_FORGET}; END",
}

POSTGRESQL_TABLE = """
    CREATE TABLE prompt_search (prompt_id bigint PRIMARY KEY, words tsvector NOT NULL);
    CREATE INDEX prompt_search_of_words ON prompt_search USING gin (words);
"""
POSTGRESQL_FUNCTION = r"""
    CREATE FUNCTION prompt_search_prompt() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            DELETE FROM prompt_search WHERE prompt_id = OLD.id;
        ELSIF TG_OP = 'INSERT' OR OLD.sought <> NEW.sought THEN
            INSERT INTO prompt_search (prompt_id, words) VALUES (
                NEW.id,
                setweight(chat_search_words(split_part(NEW.sought, E'\x1e', 1)), 'A')
                || setweight(
                    chat_search_words(substr(NEW.sought, strpos(NEW.sought, E'\x1e') + 1)), 'D'
                )
            ) ON CONFLICT (prompt_id) DO UPDATE SET words = EXCLUDED.words;
        END IF;
        RETURN NULL;
    END $$;
"""
POSTGRESQL_TRIGGER = """
    CREATE TRIGGER prompt_search_prompt AFTER INSERT OR UPDATE OR DELETE ON orchestrator_prompt
        FOR EACH ROW EXECUTE FUNCTION prompt_search_prompt();
"""
POSTGRESQL_UNDO = """
    DROP TRIGGER prompt_search_prompt ON orchestrator_prompt;
    DROP FUNCTION prompt_search_prompt();
    DROP TABLE prompt_search;
"""


def folded(text):
    bare = MARKS.sub("", unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower()))
    spelt = unicodedata.normalize("NFC", bare).translate(SPELLINGS)
    return RUN.sub(lambda run: f" {' '.join(run[0])} ", spelt)


def remember(apps, schema_editor):
    """What each prompt is found by; the triggers put it into the index."""
    prompts = apps.get_model("orchestrator", "Prompt").objects.select_related("live")
    for prompt in prompts.prefetch_related("tags").iterator(500):
        names = (prompt.name, prompt.title, *(tag.name for tag in prompt.tags.all()))
        rest = (prompt.description, prompt.live.text if prompt.live else "")
        prompt.sought = SPLIT.join(folded("\n".join(part)) for part in (names, rest))
        prompt.save(update_fields=["sought"])


def watch(apps, schema_editor):
    """May be called again on SQLite: makes the triggers that are missing."""
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRESQL_FUNCTION, POSTGRESQL_TRIGGER)
    else:
        made = (f"CREATE TRIGGER IF NOT EXISTS {name} {does}" for name, does in SQLITE_TRIGGERS.items())
        run(schema_editor, *made)


def index(apps, schema_editor):
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    run(schema_editor, *((POSTGRESQL_TABLE,) if is_postgresql else SQLITE_TABLES))
    watch(apps, schema_editor)


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRESQL_UNDO)
    else:
        run(schema_editor, *(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS))
        run(schema_editor, "DROP TABLE prompt_search")


def run(schema_editor, *statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("orchestrator", "0014_budgets_profiles")]
    operations = [
        migrations.RunPython(index, forget),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
