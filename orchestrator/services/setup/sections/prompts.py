"""Prompts as entries: the text in use. Older versions stay where they are."""

from typing import Any

from orchestrator.models import Prompt, User
from orchestrator.services.prompts import library
from orchestrator.services.setup.sections.rows import Column, RowSection, named

IMPORTED = "from the configuration text"


def _read_text(row: Any) -> str:
    if row.pk is None or "text" in row.__dict__:
        return str(row.__dict__.get("text", ""))
    return row.live.text if row.live else ""


def _write_text(row: Any, value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"text is a text; {value!r} is not")
    row.__dict__["text"] = value.replace("\r\n", "\n")


def _save(prompt: Any) -> None:
    text = _read_text(prompt)
    prompt.save()
    library.save(prompt, prompt.user, text, IMPORTED)


def check_prompt(prompt: Prompt) -> None:
    library.checked_text(_read_text(prompt))


PROMPTS = RowSection(
    "prompts",
    Prompt,
    ("name", "user", "title", "text"),
    columns={
        "user": named("user", User.objects.all, "username"),
        "text": Column(_read_text, _write_text),
    },
    keys=("name", "user"),
    own=lambda rows: rows.filter(deleted_at=None).select_related("user", "live"),
    check=check_prompt,
    save=_save,
)
