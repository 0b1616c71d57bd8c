"""The only way from a page to a chat or a message: other people's do not exist."""

from uuid import UUID

from django.http import Http404, HttpRequest

from orchestrator.models import Conversation, Message
from orchestrator.services.chat import conversations


def chat_or_404(request: HttpRequest, pk: UUID) -> Conversation:
    found = conversations.own(request.user.pk or 0).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def message_or_404(request: HttpRequest, pk: UUID) -> Message:
    mine = Message.objects.filter(
        conversation__user_id=request.user.pk or 0, conversation__deleted_at=None
    )
    found = mine.select_related("trip", "conversation", "parent").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
