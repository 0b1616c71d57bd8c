"""The list of chats: pinned, by day, by tag, archived, and found by their words."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from orchestrator.models import Conversation
from orchestrator.services.chat import conversations, search
from orchestrator.web.context import PageRequest, page_of

MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    chats: list[Conversation]


@dataclass(frozen=True, slots=True)
class Sidebar:
    groups: list[Group]
    older: str
    tags: list[str]
    tag: str
    is_archive: bool


@require_safe
def chats(request: HttpRequest) -> HttpResponse:
    """The list, its next page, or what was found while typing."""
    words = request.GET.get("q", "")[:MOST_WORDS].strip()
    if words:
        hits = search.find(request.user.pk or 0, words)
        return render(request, "chat/hits.html", {"hits": hits, "words": words})
    is_page = "before" in request.GET
    name = "chat/rows.html" if is_page else "chat/list.html"
    return render(request, name, {"listing": listing(page_of(request))})


def listing(request: PageRequest) -> Sidebar:
    tag = request.GET.get("tag", "")[:40].replace("\x00", "")
    is_archive = request.GET.get("archived") == "1"
    before = _moment(request.GET.get("before", ""))
    user_id = request.user.pk
    found = conversations.listing(user_id, before=before, tag=tag, archived=is_archive)
    groups = [Group("Pinned", found.pinned)] if found.pinned else []
    return Sidebar(
        groups + _by_day(found.recent),
        found.older,
        tags=conversations.tags_of(user_id) if before is None else [],
        tag=tag,
        is_archive=is_archive,
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def _by_day(chats: list[Conversation]) -> list[Group]:
    today = timezone.localdate()
    groups: dict[str, list[Conversation]] = {}
    for chat in chats:
        days = (today - timezone.localdate(chat.updated_at)).days
        title = "Today" if days <= 0 else "This week" if days < 7 else "Earlier"
        groups.setdefault(title, []).append(chat)
    return [Group(title, found) for title, found in groups.items()]
