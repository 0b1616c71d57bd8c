"""Prompts by words, tag and owner: starred ones first, then the most used; by words, the best."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from orchestrator.models import Prompt, PromptStar, PromptTag, User
from orchestrator.services.chat import search_words, snippets
from orchestrator.services.chat.search_words import Words
from orchestrator.services.chat.snippets import Piece
from orchestrator.services.prompts import ranking
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
    """Every word, the last may be begun, stands in the names, the tags or the text in use."""
    found = visible_to(user).filter(archived_at__isnull=not wanted.is_archive)
    if wanted.scope in SCOPES:
        found = found.filter(SCOPES[wanted.scope])
    if wanted.tag:
        found = found.filter(Exists(_tags().filter(name=wanted.tag)))
    starred = PromptStar.objects.filter(prompt=OuterRef("pk"), user=user)
    found = found.annotate(is_starred=Exists(starred))
    by_use = ("-is_starred", "-times_used", "name", "pk")
    if words := read(wanted.words):
        return ranking.rank(found, words).order_by(*ranking.BEST_FIRST, *by_use)
    for sign in search_words.spaced(wanted.words.replace("\x00", "")).split():
        found = found.filter(sought__contains=sign)
    return found.order_by(*by_use)


def read(typed: str) -> Words:
    """None where only signs or one letter were typed; they are looked for as they stand."""
    return search_words.read(unicodedata.normalize("NFKC", typed))


@dataclass(frozen=True, slots=True)
class Found:
    """Where a prompt says the words: its title with them marked, and the part around them."""

    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


def show(prompt: Prompt, words: Words) -> Found:
    """Without a snippet where only the names have them."""
    says = (text for text in (prompt.description, prompt.text) if next(words.spans(text), None))
    text = next(says, "")
    return Found(snippets.mark(str(prompt), words), snippets.cut(text, words) if text else ())


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
    names = (prompt.name, prompt.title, *tags)
    rest = (prompt.description, prompt.text)
    return ranking.SPLIT.join(search_words.spaced("\n".join(part)) for part in (names, rest))


def _tags() -> QuerySet[PromptTag]:
    return PromptTag.objects.filter(prompt=OuterRef("pk"))
