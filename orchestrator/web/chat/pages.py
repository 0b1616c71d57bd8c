"""The chat page and the pieces of it that are fetched one by one."""

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Conversation, Currency
from orchestrator.patterns.registry import PATTERNS
from orchestrator.services.chat import context
from orchestrator.services.chat.attachments import find, parts
from orchestrator.services.driving import planning, quotes
from orchestrator.services.driving.requests import RequestRefused, TripRequest, clean_text
from orchestrator.services.setup import fleet, policies
from orchestrator.web import instruments, welcome
from orchestrator.web.access import caller_of
from orchestrator.web.chat import beginning, sidebar, thread, wishes
from orchestrator.web.chat.access import chat_or_404, message_or_404
from orchestrator.web.chat.forms import TurnForm
from orchestrator.web.context import PageRequest, page_of


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """An empty chat; it is kept with its first message. The page chooses its id."""
    page = page_of(request)
    document = _document(page, None) | {"chat_id": uuid.uuid4(), **welcome.document(page.user)}
    document["begun"] = beginning.take(request)
    return render(request, "chat/page.html", document)


@require_safe
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    page = page_of(request)
    chat = chat_or_404(request, pk)
    found = thread.load(chat, at=_uuid(request.GET.get("at", "")))
    name = "chat/thread.html" if page.htmx else "chat/page.html"
    document = {"chat": chat, "chat_id": chat.pk, "thread": found}
    return render(request, name, document if page.htmx else _document(page, chat) | document)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _document(request: PageRequest, chat: Conversation | None) -> dict[str, Any]:
    """What surrounds the turns: the list of chats, the gauge, what can be wished for."""
    user = request.user
    missing = fleet.availability()
    is_real = fleet.usable_real_gear_exists(missing)
    chosen = chat.overrides if chat else {}
    return {
        "listing": sidebar.listing(request),
        "gauge": instruments.compact(user, Currency.USD if is_real else Currency.DEMO),
        "levels": wishes.levels(missing, wishes.policy_of(request, chosen.get("profile", ""))),
        "patterns": list(PATTERNS),
        "profiles": policies.nearest(policies.visible(user.pk)),
        "default_profile": policies.own_default(user.pk),
        "profile_choice": chosen.get("profile", ""),
        "pins": {name: value for name, value in chosen.items() if name != "profile"},
        "can_answer_for_real": is_real,
    }


@require_safe
def older(request: HttpRequest, pk: UUID, before: UUID) -> HttpResponse:
    chat = chat_or_404(request, pk)
    document = {"chat": chat, "thread": thread.load(chat, before=before)}
    return render(request, "chat/turns.html", document)


@require_safe
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One turn as it is now: the page asks when it saw the answer end."""
    return render(request, "chat/turn.html", {"entry": thread.one(message_or_404(request, pk))})


@require_safe
def thinking(request: HttpRequest, pk: UUID) -> HttpResponse:
    trip = message_or_404(request, pk).trip
    document = {"text": trip.payload.thinking if trip else ""}
    return render(request, "chat/thinking.html", document)


@require_POST
def route(request: HttpRequest) -> HttpResponse:
    """The chip above the composer: what would be chosen now, and what it would cost."""
    form = TurnForm(request.POST)
    document: dict[str, Any] = {"pins": request.POST.get("pin")}
    if not form.is_valid():
        return render(request, "chat/chip.html", document | {"problem": form.problem()})
    if not (form.cleaned_data["text"].strip() or form.file_ids):
        return render(request, "chat/chip.html", document)
    try:
        caller, draft = caller_of(page_of(request)), _draft(request, form)
        receipt = planning.preview(caller, draft)
        document |= {
            "receipt": receipt,
            "quote": quotes.beside(caller, draft, receipt),
            "unlocks": wishes.unlocks(receipt),
            "is_wished": bool(form.cleaned_data["gear"]),
        }
    except RequestRefused as refused:
        document["problem"] = str(refused)
    except LookupError:
        document["problem"] = "One of the files is not known. Attach it again."
    return render(request, "chat/chip.html", document)


def _draft(request: HttpRequest, form: TurnForm) -> TripRequest:
    """The very request that sending would make, of a message that is not kept."""
    user_id = request.user.pk or 0
    clean = form.cleaned_data
    text = clean_text(clean["text"]) if clean["text"].strip() else ""
    files = [part for file in find(user_id, form.attached()) for part in parts(file)]
    parent = message_or_404(request, clean["parent"]).pk if clean["parent"] else None
    return TripRequest(
        messages=context.draft(text, parent, tuple(files)),
        own_words=text,
        follows=parent,
        overrides=form.overrides(),
        profile=clean["profile"],
        policy=clean["policy"],
    )
