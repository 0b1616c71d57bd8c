"""Names for the shell's tab key, read from the database file itself: setting Django up would keep
a person waiting. On PostgreSQL only the names of commands and options are completed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from django.core.exceptions import ImproperlyConfigured

from clutchweb import env
from orchestrator.routing.policies import PRESETS
from orchestrator.routing.types import Pattern

LOOK_S = 0.2
TABLES = {
    "gears": "orchestrator_gear",
    "roads": "orchestrator_road",
    "rules": "orchestrator_rule",
    "providers": "orchestrator_provider",
    "profiles": "orchestrator_profile",
    "prompts": "orchestrator_prompt",
}


def gears(incomplete: str) -> list[str]:
    return _beginning("gears", incomplete)


def roads(incomplete: str) -> list[str]:
    return _beginning("roads", incomplete)


def rules(incomplete: str) -> list[str]:
    return _beginning("rules", incomplete)


def providers(incomplete: str) -> list[str]:
    return _beginning("providers", incomplete)


def profiles(incomplete: str) -> list[str]:
    return _beginning("profiles", incomplete)


def prompts(incomplete: str) -> list[str]:
    return _beginning("prompts", incomplete)


def patterns(incomplete: str) -> list[str]:
    return [name.value for name in Pattern if name.startswith(incomplete)]


def policies(incomplete: str) -> list[str]:
    return [name for name in PRESETS if name.startswith(incomplete)]


GearName = Annotated[str, typer.Argument(autocompletion=gears)]
RoadName = Annotated[str, typer.Argument(autocompletion=roads)]
RuleName = Annotated[str, typer.Argument(autocompletion=rules)]
PromptName = Annotated[str, typer.Argument(autocompletion=prompts)]
ProviderName = Annotated[str, typer.Argument(autocompletion=providers)]


def _beginning(kind: str, incomplete: str) -> list[str]:
    try:
        return [name for name in _names(TABLES[kind]) if name.startswith(incomplete)]
    except (sqlite3.Error, ImproperlyConfigured):
        return []  # the tab key is no place for complaints; the command itself says what is wrong


def _names(table: str) -> Iterator[str]:
    file = _database()
    if file is None or not file.exists():
        return
    address = f"file:{quote(str(file))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=LOOK_S)) as connection:
        query = f"SELECT DISTINCT name FROM {table} ORDER BY name"  # noqa: S608  # from our list
        yield from (name for (name,) in connection.execute(query))


def _database() -> Path | None:
    if not env.text("DATABASE_URL"):
        home = env.text("CLUTCH_HOME") or "~/.clutch"
        return Path(home).expanduser() / "clutch.db"
    address = env.database("DATABASE_URL")
    return Path(address["NAME"]) if address["ENGINE"].endswith("sqlite3") else None
