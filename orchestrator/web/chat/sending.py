"""Sending a message, asking again, comparing: answers with the new turns as a JSON envelope."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from orchestrator.models import Conversation, Message
from orchestrator.services.chat import conversations, turns
from orchestrator.services.chat.turns import StaleParent
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.setup import policies
from orchestrator.web.access import caller_of
from orchestrator.web.chat import thread
from orchestrator.web.chat.access import chat_or_404, message_or_404
from orchestrator.web.chat.forms import TurnForm, WishForm
from orchestrator.web.context import page_of


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    form = TurnForm(request.POST)
    if not form.is_valid():
        return _refused(form.problem())
    clean = form.cleaned_data
    try:
        chat = conversations.start(request.user.pk or 0, clean["chat"])
        sent = turns.send(caller_of(page_of(request)), chat, form.turn())
        if clean["pin"]:
            turns.pin(chat, form.overrides(), clean["profile"])
        elif chat.overrides.get("profile", "") != clean["profile"]:
            turns.set_profile(chat, clean["profile"])
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    except RequestRefused as refused:
        return _refused(str(refused), is_stale=isinstance(refused, StaleParent))
    except LookupError:
        return _refused("One of the files is not known. Attach it again.")
    except ValueError as refused:  # the files of a message together
        return _refused(str(refused))
    if clean["fork"]:
        return _whole(chat)
    return _added(chat, [sent.question, sent.answers[0]])


@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another version of an answer, with another gear or throttle where they were chosen."""
    answer, form = message_or_404(request, pk), WishForm(request.POST)
    if not form.is_valid():
        return _refused(form.problem())
    caller = caller_of(page_of(request))
    try:
        turns.regenerate(caller, answer, form.overrides(), tuple(request.POST.getlist("gears")))
    except RequestRefused as refused:
        return _refused(str(refused))
    return _whole(answer.conversation)


@require_POST
def go_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    answer = message_or_404(request, pk)
    try:
        turns.go_on(caller_of(page_of(request)), answer)
    except RequestRefused as refused:
        return _refused(str(refused))
    return _whole(answer.conversation)


@require_POST
def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    answer = message_or_404(request, pk)
    turns.keep(request.user.pk or 0, answer)
    return _whole(answer.conversation)


@require_POST
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Switch to another version of a turn and the branch behind it."""
    message = message_or_404(request, pk)
    conversations.show(message.conversation, message.pk)
    return _whole(message.conversation)


@require_POST
def unpin(request: HttpRequest, pk: UUID) -> HttpResponse:
    chat = chat_or_404(request, pk)
    chat.overrides = {name: chat.overrides[name] for name in ("profile",) if name in chat.overrides}
    chat.save(update_fields=["overrides"])
    return HttpResponse(status=204)


@require_POST
def choose_profile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What this chat is driven with from now on."""
    chat, name = chat_or_404(request, pk), request.POST.get("profile", "")[:63]
    try:
        policies.driving(caller_of(page_of(request)), "", name)
    except RequestRefused as refused:
        return _refused(str(refused))
    turns.set_profile(chat, name)
    return HttpResponse(status=204)


def _added(chat: Conversation, added: list[Message]) -> JsonResponse:
    tree = conversations.tree(chat.pk)
    shown = thread.entries([message.pk for message in added], tree)
    html = "".join(render_to_string("chat/turn.html", {"entry": entry}) for entry in shown)
    return _envelope(chat, {"added": html, "parent": str(added[-1].pk)})


def _whole(chat: Conversation) -> JsonResponse:
    chat.refresh_from_db()
    found = thread.load(chat)
    html = render_to_string("chat/thread.html", {"chat": chat, "thread": found})
    return _envelope(chat, {"thread": html, "parent": str(found.head or "")})


def _envelope(chat: Conversation, content: dict[str, Any]) -> JsonResponse:
    url = reverse("chat", args=[chat.pk])
    return JsonResponse({"chat": str(chat.pk), "url": url, "title": chat.title, **content})


def _refused(message: str, *, is_stale: bool = False) -> JsonResponse:
    document = {"error": message, "is_stale": is_stale}
    return JsonResponse(document, status=409 if is_stale else 422)
