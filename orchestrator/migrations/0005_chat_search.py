"""An index of all that was written in chats, kept by the database itself.

On SQLite, a later migration that rebuilds the table of messages or of conversations loses its
triggers and must call `watch` again. No trigger of one table may name the other there: SQLite
refuses to rebuild a table that a trigger elsewhere names. On PostgreSQL the triggers name no
column, because the type of a column that a trigger names cannot be changed.
"""

import unicodedata
from functools import reduce

from django.db import migrations

MOST_CHARS = 100_000
# What NFD and the tokenizer leave apart; `fold` in services/chat/search_words.py agrees.
SPELLINGS = {"ß": "ss", "ẞ": "ss", "ς": "σ", "µ": "μ"}
# Letters of scripts that do not put spaces between words, or that have no case: one by one.
SINGLE = "\u0590-\u1dff\u2c00-\u2fff\u3001-\ud7ff\uf900-\uffef\U00010000-\U0001efff\U00020000-\U0003ffff"


def bare(sign):
    return "".join(part for part in unicodedata.normalize("NFD", sign) if not unicodedata.combining(part))


def replaced(spellings, text):
    return reduce(lambda made, pair: f"replace({made}, '{pair[0]}', '{pair[1]}')", spellings, text)


def sqlite_folded(conversation, message, column, source):
    """In steps, because SQLite's parser nests no deeper; each is limited, so that none is repeated."""
    accented = [chr(code) for code in (*range(0x386, 0x3CF), *range(0x400, 0x460)) if bare(chr(code)) != chr(code)]
    spellings = [*SPELLINGS.items(), *((sign, bare(sign)) for sign in accented)]
    folded = (
        f"SELECT {conversation} AS conversation_id, {message} AS message_id, "
        f"substr({column}, 1, {MOST_CHARS}) AS text {source} LIMIT -1"
    )
    for first in range(0, len(spellings), 12):
        text = replaced(spellings[first : first + 12], "text")
        folded = f"SELECT conversation_id, message_id, {text} AS text FROM ({folded}) LIMIT -1"
    return folded


# In pieces of 500, because SQLite finds a place in a text by counting from its beginning.
SPACED = f"""
    SELECT group_concat(CASE WHEN sign GLOB '[{SINGLE}]' THEN ' ' || sign || ' ' ELSE sign END, '')
    FROM (
        SELECT substr(piece, place, 1) AS sign
        FROM (
            SELECT place AS number, substr(folded.text, place * 500 - 499, 500) AS piece
            FROM chat_search_place WHERE place <= (length(folded.text) + 499) / 500 LIMIT -1
        )
        CROSS JOIN chat_search_place WHERE place <= length(piece)
        ORDER BY number, place
    )
"""


def sqlite_insert(conversation, message, column, source=""):
    return f"""
        INSERT INTO chat_search (conversation_id, message_id, text)
        SELECT conversation_id, message_id,
            CASE WHEN text GLOB '*[{SINGLE}]*' THEN ({SPACED}) ELSE text END
        FROM ({sqlite_folded(conversation, message, column, source)}) AS folded WHERE text <> ''
    """


# The ids are searchable words as well: without that, forgetting one message would read all of them.
SQLITE_TABLES = (
    """
    CREATE VIRTUAL TABLE chat_search USING fts5(
        conversation_id, message_id, text,
        tokenize = "unicode61 remove_diacritics 2 categories 'L* Nd'"
    )
    """,
    "INSERT INTO chat_search (chat_search, rank) VALUES ('rank', 'bm25(0.0, 0.0, 1.0)')",
    "CREATE TABLE chat_search_place (place INTEGER PRIMARY KEY)",
    """
    INSERT INTO chat_search_place
    WITH RECURSIVE places(place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < 500)
    SELECT place FROM places
    """,
)
FORGET_MESSAGE = """
    DELETE FROM chat_search WHERE rowid IN
        (SELECT rowid FROM chat_search WHERE chat_search MATCH 'message_id : "' || OLD.id || '"')
"""
FORGET_TITLE = """
    DELETE FROM chat_search WHERE rowid IN
        (SELECT rowid FROM chat_search WHERE chat_search MATCH 'conversation_id : "' || OLD.id || '"'
         AND message_id IS NULL)
"""
KEEP_MESSAGE = sqlite_insert("NEW.conversation_id", "NEW.id", "NEW.text")
KEEP_TITLE = sqlite_insert("NEW.id", "NULL", "NEW.title")
SQLITE_TRIGGERS = {
    "chat_search_message_insert": f"AFTER INSERT ON orchestrator_message BEGIN {KEEP_MESSAGE}; END",
    "chat_search_message_update": f"""
        AFTER UPDATE OF text, conversation_id ON orchestrator_message
        WHEN OLD.text <> NEW.text OR OLD.conversation_id <> NEW.conversation_id
        BEGIN {FORGET_MESSAGE}; {KEEP_MESSAGE}; END
    """,
    "chat_search_message_delete": f"AFTER DELETE ON orchestrator_message BEGIN {FORGET_MESSAGE}; END",
    "chat_search_title_insert": f"AFTER INSERT ON orchestrator_conversation BEGIN {KEEP_TITLE}; END",
    "chat_search_title_update": f"""
        AFTER UPDATE OF title ON orchestrator_conversation WHEN OLD.title <> NEW.title
        BEGIN {FORGET_TITLE}; {KEEP_TITLE}; END
    """,
    "chat_search_title_delete": f"AFTER DELETE ON orchestrator_conversation BEGIN {FORGET_TITLE}; END",
}
SQLITE_FILL = (
    sqlite_insert("conversation_id", "id", "text", "FROM orchestrator_message"),
    sqlite_insert("id", "NULL", "title", "FROM orchestrator_conversation"),
)

# lower() knows the letters of the database's locale only, which may be none but ASCII.
UPPER = [
    chr(code)
    for code in range(0xC0, 0x590)
    if bare(chr(code)) == chr(code) != chr(code).lower() and len(chr(code).lower()) == 1
]
POSTGRESQL_FOLDED = replaced(
    SPELLINGS.items(),
    rf"normalize(regexp_replace(normalize(left(written, {MOST_CHARS}), NFD), '[\u0300-\u036f]', '', 'g'), NFC)",
)
# A word longer than 2,046 bytes, or a place after 16,383, would be an error.
POSTGRESQL_FUNCTIONS = rf"""
    CREATE FUNCTION chat_search_words(written text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
        SELECT coalesce(
            string_agg('''' || left(word[1], 200) || ''':' || least(place, 16383), ' '), ''
        )::tsvector
        FROM regexp_matches(
            translate(
                lower({POSTGRESQL_FOLDED} COLLATE "C"),
                '{"".join(UPPER)}', '{"".join(UPPER).lower()}'
            ),
            '[0-9a-zà-öø-\u058f\u1e00-\u1fff]+|[{SINGLE}]', 'g'
        ) WITH ORDINALITY AS found(word, place)
    $$;
    CREATE FUNCTION chat_search_message() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.text = NEW.text AND OLD.conversation_id = NEW.conversation_id THEN
            RETURN NULL;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM chat_search WHERE message_id = OLD.id;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.text <> '' THEN
            INSERT INTO chat_search (conversation_id, message_id, user_id, words)
            SELECT id, NEW.id, user_id, chat_search_words(NEW.text)
            FROM orchestrator_conversation WHERE id = NEW.conversation_id;
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION chat_search_title() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.title = NEW.title AND OLD.user_id = NEW.user_id THEN
            RETURN NULL;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            DELETE FROM chat_search WHERE conversation_id = OLD.id AND message_id IS NULL;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.user_id <> NEW.user_id THEN
            UPDATE chat_search SET user_id = NEW.user_id WHERE conversation_id = NEW.id;
        END IF;
        IF TG_OP <> 'DELETE' AND NEW.title <> '' THEN
            INSERT INTO chat_search (conversation_id, user_id, words)
            VALUES (NEW.id, NEW.user_id, chat_search_words(NEW.title));
        END IF;
        RETURN NULL;
    END $$;
"""
POSTGRESQL_TABLE = """
    CREATE TABLE chat_search (
        conversation_id uuid NOT NULL, message_id uuid, user_id bigint NOT NULL, words tsvector NOT NULL
    );
"""
POSTGRESQL_INDEXES = """
    CREATE INDEX chat_search_of_words ON chat_search USING gin (words);
    CREATE INDEX chat_search_of_user ON chat_search (user_id);
    CREATE INDEX chat_search_of_message ON chat_search (message_id);
    CREATE INDEX chat_search_of_conversation ON chat_search (conversation_id);
"""
POSTGRESQL_TRIGGERS = """
    CREATE TRIGGER chat_search_message AFTER INSERT OR UPDATE OR DELETE ON orchestrator_message
        FOR EACH ROW EXECUTE FUNCTION chat_search_message();
    CREATE TRIGGER chat_search_title AFTER INSERT OR UPDATE OR DELETE ON orchestrator_conversation
        FOR EACH ROW EXECUTE FUNCTION chat_search_title();
"""
# Many chats take longer than one statement is given otherwise.
POSTGRESQL_FILL = """
    SET LOCAL statement_timeout = 0;
    INSERT INTO chat_search (conversation_id, message_id, user_id, words)
        SELECT conversation.id, message.id, user_id, chat_search_words(text)
        FROM orchestrator_message AS message
        JOIN orchestrator_conversation AS conversation ON conversation.id = conversation_id
        WHERE text <> '';
    INSERT INTO chat_search (conversation_id, user_id, words)
        SELECT id, user_id, chat_search_words(title) FROM orchestrator_conversation WHERE title <> '';
"""
POSTGRESQL_UNDO = """
    DROP TRIGGER chat_search_message ON orchestrator_message;
    DROP TRIGGER chat_search_title ON orchestrator_conversation;
    DROP FUNCTION chat_search_message();
    DROP FUNCTION chat_search_title();
    DROP FUNCTION chat_search_words(text);
    DROP TABLE chat_search;
"""


def watch(apps, schema_editor):
    """May be called again on SQLite: makes the triggers that are missing."""
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRESQL_FUNCTIONS, POSTGRESQL_TRIGGERS)
    else:
        made = (f"CREATE TRIGGER IF NOT EXISTS {name} {does}" for name, does in SQLITE_TRIGGERS.items())
        run(schema_editor, *made)


def index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRESQL_TABLE)
        watch(apps, schema_editor)
        run(schema_editor, POSTGRESQL_FILL, POSTGRESQL_INDEXES)
    else:
        run(schema_editor, *SQLITE_TABLES)
        watch(apps, schema_editor)
        run(schema_editor, *SQLITE_FILL)


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        run(schema_editor, POSTGRESQL_UNDO)
    else:
        run(schema_editor, *(f"DROP TRIGGER IF EXISTS {name}" for name in SQLITE_TRIGGERS))
        run(schema_editor, "DROP TABLE chat_search", "DROP TABLE chat_search_place")


def run(schema_editor, *statements):
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("orchestrator", "0004_import_progress")]
    operations = [migrations.RunPython(index, forget)]
