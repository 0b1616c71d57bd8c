"""Prompts as entries: the text in use, with its tags. Older versions stay where they are."""

from typing import Any

from django.utils import timezone

from orchestrator.models import Prompt, Team, User
from orchestrator.services.prompts import finding, library
from orchestrator.services.setup.sections.fleet import texts
from orchestrator.services.setup.sections.rows import Column, RowSection, named

IMPORTED = "from the configuration text"
# What an entry says about a prompt, until it is saved with it.
GIVEN_TEXT, GIVEN_TAGS = "given_text", "given_tags"


def _read_text(row: Any) -> str:
    return str(row.__dict__.get(GIVEN_TEXT, row.text))


def _write_text(row: Any, value: object) -> None:
    if not isinstance(value, str):
        raise ValueError(f"text is a text; {value!r} is not")
    row.__dict__[GIVEN_TEXT] = value.replace("\r\n", "\n")


def _read_tags(row: Any) -> list[str]:
    if GIVEN_TAGS in row.__dict__:
        return list(row.__dict__[GIVEN_TAGS])
    return [] if row.pk is None else sorted(tag.name for tag in row.tags.all())


def _write_tags(row: Any, value: Any) -> None:
    texts("tags", value)
    row.__dict__[GIVEN_TAGS] = sorted(value)


def _archive(row: Any, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"is_archived is true or false; {value!r} is not")
    row.archived_at = (row.archived_at or timezone.now()) if value else None


def _save(prompt: Any) -> None:
    text, tags = _read_text(prompt), _read_tags(prompt)
    prompt.save()
    library.save(prompt, prompt.user, text, IMPORTED)
    library.set_tags(prompt, tags)
    finding.remember(prompt)


def check_prompt(prompt: Prompt) -> None:
    library.checked_text(_read_text(prompt))


PROMPTS = RowSection(
    "prompts",
    Prompt,
    ("name", "user", "team", "title", "description", "tags", "is_archived", "text"),
    columns={
        "user": named("user", User.objects.all, "username"),
        "team": named("team", Team.objects.all),
        "tags": Column(_read_tags, _write_tags),
        "is_archived": Column(lambda row: row.archived_at is not None, _archive),
        "text": Column(_read_text, _write_text),
    },
    keys=("name", "user", "team"),
    own=lambda rows: (
        rows.filter(deleted_at=None).select_related("user", "team", "live").prefetch_related("tags")
    ),
    check=check_prompt,
    save=_save,
)
