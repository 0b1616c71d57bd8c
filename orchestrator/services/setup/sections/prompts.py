"""Prompts as entries: the text in use, with its tags. Older versions stay where they are."""

from typing import Any

from django.utils import timezone

from orchestrator.models import Prompt, Team, User
from orchestrator.services.prompts import library
from orchestrator.services.setup.sections import asides
from orchestrator.services.setup.sections.rows import Column, RowSection, named

IMPORTED = "from the configuration text"
TEXT, TAGS, STARS = "text", "tags", "starred_by"


def _checked_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text is a text; {value!r} is not")
    return value.replace("\r\n", "\n")


def _tags(row: Any) -> list[str]:
    return [] if row.pk is None else sorted(tag.name for tag in row.tags.all())


def _stars(row: Any) -> list[str]:
    return [] if row.pk is None else sorted(star.user.username for star in row.stars.all())


def _archive(row: Any, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(f"is_archived is true or false; {value!r} is not")
    row.archived_at = (row.archived_at or timezone.now()) if value else None


def _save(prompt: Any) -> None:
    columns = PROMPTS.columns
    text, tags, stars = (columns[name].read(prompt) for name in (TEXT, TAGS, STARS))
    prompt.save()
    library.save(prompt, prompt.user, text, IMPORTED)
    library.set_tags(prompt, tags)
    _set_stars(prompt, stars)


def _set_stars(prompt: Prompt, names: list[str]) -> None:
    people = {user.username: user for user in User.objects.filter(username__in=names)}
    if missing := sorted(set(names) - set(people)):
        raise ValueError(f"{STARS}: there is no user named {missing[0]!r}")
    prompt.stars.exclude(user__in=people.values()).delete()
    for user in people.values():
        library.set_starred(prompt, user, is_starred=True)


def check_prompt(prompt: Prompt) -> None:
    library.checked_text(PROMPTS.columns[TEXT].read(prompt))


PROMPTS = RowSection(
    "prompts",
    Prompt,
    ("name", "user", "team", "title", "description", TAGS, STARS, "is_archived", TEXT),
    columns={
        "user": named("user", User.objects.all, "username"),
        "team": named("team", Team.objects.all),
        TAGS: asides.aside(TAGS, _tags, asides.names(TAGS)),
        STARS: asides.aside(STARS, _stars, asides.names(STARS)),
        "is_archived": Column(lambda row: row.archived_at is not None, _archive),
        TEXT: asides.aside(TEXT, lambda row: row.text, _checked_text),
    },
    keys=("name", "user", "team"),
    own=lambda rows: (
        rows.filter(deleted_at=None)
        .select_related("user", "team", "live")
        .prefetch_related("tags", "stars__user")
    ),
    check=check_prompt,
    save=_save,
)
