"""How well prompts say what is looked for, asked of the index that the database keeps.

Migration 0015_prompt_search makes it.
"""

from typing import Any

from django.db import connection
from django.db.models import QuerySet

from orchestrator.models import Prompt
from orchestrator.services.chat.search_words import Words

# Between the names and the rest of what a prompt is found by.
SPLIT = "\x1e"
BEST_FIRST = ("-is_named", "-quality")
SQLITE: dict[str, Any] = {
    "tables": ["prompt_search"],
    "where": ["prompt_search.rowid = orchestrator_prompt.id", "prompt_search MATCH %s"],
    "select": {
        "is_named": """
            orchestrator_prompt.id IN
                (SELECT rowid FROM prompt_search WHERE prompt_search MATCH %s)
        """,
        "quality": "-prompt_search.rank",
    },
}
POSTGRESQL: dict[str, Any] = {
    "tables": ["prompt_search"],
    "where": [
        "prompt_search.prompt_id = orchestrator_prompt.id",
        "prompt_search.words @@ CAST(%s AS tsquery)",
    ],
    "select": {
        "is_named": "prompt_search.words @@ CAST(%s AS tsquery)",
        "quality": "ts_rank(prompt_search.words, CAST(%s AS tsquery), 1)",
    },
}


def rank(found: QuerySet[Prompt], words: Words) -> QuerySet[Prompt]:
    """Those that say all of the words: in their names before in their text, then how densely."""
    if connection.vendor == "postgresql":
        sought = words.for_postgresql(beside="<->")
        asked, named = POSTGRESQL, [words.for_postgresql("A", beside="<->"), sought]
    else:
        sought = words.for_sqlite()
        asked, named = SQLITE, [f"head : ({sought})"]
    return found.extra(**asked, params=[sought], select_params=named)
