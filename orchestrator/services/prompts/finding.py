"""Prompts by words, tag and owner: starred ones first, then the most used."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from orchestrator.models import Prompt, PromptStar, PromptTag, User
from orchestrator.services.prompts.access import EVERYONE, MINE, visible_to

TEAM = "team"
SCOPES = {MINE: Q(user__isnull=False), TEAM: Q(team__isnull=False)}
SCOPES |= {EVERYONE: Q(user=None, team=None)}


@dataclass(frozen=True, slots=True)
class Wanted:
    words: str = ""
    tag: str = ""
    scope: str = ""
    is_archive: bool = False


def find(user: User, wanted: Wanted) -> QuerySet[Prompt]:
    """Every word stands in the name, the title, a tag or the text that is used."""
    found = visible_to(user).filter(archived_at__isnull=not wanted.is_archive)
    if wanted.scope in SCOPES:
        found = found.filter(SCOPES[wanted.scope])
    if wanted.tag:
        found = found.filter(Exists(_tags().filter(name=wanted.tag)))
    for word in folded(wanted.words).split():
        found = found.filter(sought__contains=word)
    starred = PromptStar.objects.filter(prompt=OuterRef("pk"), user=user)
    found = found.annotate(is_starred=Exists(starred))
    return found.order_by("-is_starred", "-times_used", "name", "pk")


def search(user: User, words: str) -> QuerySet[Prompt]:
    return find(user, Wanted(words))


def tags_of(user: User) -> list[str]:
    tags = PromptTag.objects.filter(prompt__in=visible_to(user).filter(archived_at=None))
    return list(tags.order_by("name").values_list("name", flat=True).distinct())


def remember(prompt: Prompt) -> None:
    """Write down anew what it is found by: its names, its tags and the text that is used."""
    tags = prompt.tags.values_list("name", flat=True)
    prompt.sought = sought_in(prompt, tags)
    prompt.save(update_fields=["sought"])


def sought_in(prompt: Prompt, tags: Iterable[str]) -> str:
    told = (prompt.name, prompt.title, prompt.description, *tags, prompt.text)
    return folded("\n".join(told))


def folded(text: str) -> str:
    """One spelling of each letter: SQLite itself compares only English ones without their case."""
    parts = unicodedata.normalize("NFKD", text.replace("\x00", "").casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def _tags() -> QuerySet[PromptTag]:
    return PromptTag.objects.filter(prompt=OuterRef("pk"))
