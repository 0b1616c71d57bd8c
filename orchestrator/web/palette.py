"""The palette: chats, models, pages and actions behind one field."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from orchestrator.models import User
from orchestrator.services.chat import conversations, search
from orchestrator.services.prompts import finding
from orchestrator.web.chat import wishes
from orchestrator.web.context import PageRequest, page_of, places

MOST_WORDS = 100
MOST_CHATS = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go, or a deed that the page's script does."""

    kind: str
    text: str
    url: str = ""
    deed: str = ""
    value: str = ""


ACTIONS = (
    Entry("action", "Attach files", deed="attach"),
    Entry("action", "Compare models", deed="compare"),
    Entry("action", "Stop the answer", deed="stop"),
    Entry("action", "Light or dark", deed="theme"),
    Entry("action", "Keyboard shortcuts", deed="keys"),
)

NEW_PROMPT = Entry("action", "No prompt is called that. Write one", url="/prompts/new/")


@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "")[:MOST_WORDS].strip()
    prompts = list(_prompts(page_of(request).user, words.removeprefix("/").strip()))
    if words.startswith("/"):
        found = prompts or [NEW_PROMPT]
    else:
        some = prompts if words else []
        found = [
            *_fixed(page_of(request).user, words),
            *_models(page_of(request), words),
            *some,
            *_chats(request.user.pk or 0, words),
        ]
    return render(request, "palette_entries.html", {"entries": found, "words": words})


def _prompts(user: User, words: str) -> Iterator[Entry]:
    for prompt in finding.search(user, words)[:MOST_CHATS]:
        yield Entry(
            "prompt", str(prompt), deed="prompt", value=reverse("insert-prompt", args=[prompt.pk])
        )


def _fixed(user: User, words: str) -> Iterator[Entry]:
    pages = (Entry("page", place.label, url=reverse(place.name)) for place in places(user))
    new = Entry("action", "New chat", url=reverse("home"))
    return (entry for entry in (new, *pages, *ACTIONS) if _fits(entry.text, words))


def _models(page: PageRequest, words: str) -> Iterator[Entry]:
    """Only when asked for: a list of models is no start."""
    if not words:
        return
    for level in wishes.offered(page):
        for choice in level.choices:
            text = f"Use G{level.number} {choice.title}"
            if not choice.missing and _fits(text, words):
                yield Entry("model", text, deed="gear", value=choice.name)


def _chats(user_id: int, words: str) -> Iterator[Entry]:
    if words:
        hits = search.find(user_id, words, limit=MOST_CHATS)
        found = [(hit.conversation_id, hit.title) for hit in hits]
    else:
        listed = conversations.listing(user_id)
        found = [(chat.pk, chat.title) for chat in [*listed.pinned, *listed.recent][:MOST_CHATS]]
    for pk, title in found:
        yield Entry("chat", title or "New chat", url=reverse("chat", args=[pk]))


def _fits(text: str, words: str) -> bool:
    return all(word in text.lower() for word in words.lower().split())
