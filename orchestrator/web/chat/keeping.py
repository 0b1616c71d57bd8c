"""Keeping chats in order: renamed, pinned, archived, tagged, deleted with undo, branched."""

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Conversation
from orchestrator.services.chat import conversations
from orchestrator.web.chat import sidebar
from orchestrator.web.chat.access import chat_or_404, message_or_404
from orchestrator.web.context import page_of

Change = Callable[[Conversation], None]
CHANGES: dict[str, Change] = {
    "pin": lambda chat: conversations.set_pinned(chat, is_pinned=True),
    "unpin": lambda chat: conversations.set_pinned(chat, is_pinned=False),
    "archive": lambda chat: conversations.set_archived(chat, is_archived=True),
    "unarchive": lambda chat: conversations.set_archived(chat, is_archived=False),
    "delete": lambda chat: conversations.set_deleted(chat, is_deleted=True),
}


@require_safe
def details(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The drawer in which a chat is renamed, tagged, put away, exported."""
    chat = chat_or_404(request, pk)
    tags = list(chat.tags.values_list("name", flat=True))
    return render(request, "chat/details.html", {"chat": chat, "tags": tags})


@require_POST
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Answers with the list of chats as it is now; after deleting, with the way back on top."""
    if what not in CHANGES:
        raise Http404
    chat = chat_or_404(request, pk)
    CHANGES[what](chat)
    return _list(request, {"deleted": chat} if what == "delete" else {})


@require_POST
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    chat = Conversation.objects.filter(user_id=request.user.pk or 0, pk=pk).first()
    if chat is None:
        raise Http404
    conversations.set_deleted(chat, is_deleted=False)
    return _list(request, {"restored": chat})


@require_POST
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Title and tags, as the drawer shows them together."""
    chat = chat_or_404(request, pk)
    conversations.rename(chat, request.POST.get("title", ""))
    conversations.set_tags(chat, request.POST.get("tags", "").split(","))
    return _list(request, {"renamed": chat})


def _list(request: HttpRequest, document: dict[str, Conversation]) -> HttpResponse:
    listing = sidebar.listing(page_of(request))
    return render(request, "chat/list.html", {"listing": listing, **document})


@require_POST
def branch(request: HttpRequest, pk: UUID) -> HttpResponse:
    return redirect("chat", conversations.branch(message_or_404(request, pk)).pk)
