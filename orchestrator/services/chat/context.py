"""What a model is sent for a turn of a chat: the branch it answers, its files, the instructions."""

from dataclasses import replace
from uuid import UUID

from orchestrator.models import Message
from orchestrator.providers import vocabulary
from orchestrator.providers.vocabulary import Part, TextPart
from orchestrator.services.chat import attachments
from orchestrator.services.chat.history import alternating
from orchestrator.services.driving.requests import RequestRefused, TripRequest

# About 24,000 tokens of history; older turns stay stored but are not sent.
HISTORY_CHARS = 96_000
AT_ONCE = 40


def complete(request: TripRequest) -> TripRequest:
    """A turn of a chat is kept without its history; here it gets it, as the history is now."""
    if request.answers is None:
        return request
    question = Message.objects.filter(pk=request.answers).first()
    if question is None:
        raise RequestRefused("The message to answer was removed. Send it again.")
    return replace(request, messages=branch(question), own_words=question.text)


def branch(question: Message) -> tuple[vocabulary.Message, ...]:
    """The question behind the turns before it, newest first as far as they fit."""
    turns: list[vocabulary.Message] = []
    chars = 0
    for message in _upwards(question):
        turn = _turn(message)
        chars += len(turn.text)
        if turns and chars > HISTORY_CHARS:
            break
        turns.insert(0, turn)
    return alternating([turn for turn in turns if turn.parts])


def draft(
    text: str, parent: UUID | None, parts: tuple[Part, ...]
) -> tuple[vocabulary.Message, ...]:
    """The same for a question that was not sent yet."""
    fresh = vocabulary.Message("user", (*_text_part(text), *parts))
    last = Message.objects.filter(pk=parent).first() if parent else None
    before = branch(last) if last is not None else ()
    return (*before, fresh) if before and before[-1].role == "assistant" else (fresh,)


def _upwards(message: Message) -> "list[Message]":
    """The message and those before it on its branch, newest first, until they cannot fit."""
    rows = Message.objects.filter(conversation_id=message.conversation_id, pk__lt=message.pk)
    parents = dict(rows.values_list("pk", "parent_id"))
    ids: list[UUID] = []
    parent = message.parent_id
    while parent is not None and parent in parents:
        ids.append(parent)
        parent = parents[parent]
    found = [message]
    chars = len(message.text)
    for start in range(0, len(ids), AT_ONCE):
        wanted = ids[start : start + AT_ONCE]
        texts = Message.objects.prefetch_related("attachments").in_bulk(wanted)
        found += [texts[pk] for pk in wanted]
        chars += sum(len(texts[pk].text) for pk in wanted)
        if chars > HISTORY_CHARS:
            break
    return found


def _turn(message: Message) -> vocabulary.Message:
    if message.role == Message.Role.ASSISTANT:
        return vocabulary.Message("assistant", _text_part(message.text))
    files = [part for file in message.attachments.all() for part in attachments.parts(file)]
    return vocabulary.Message("user", (*_text_part(message.text), *files))


def _text_part(text: str) -> tuple[TextPart, ...]:
    return (TextPart(text),) if text.strip() else ()
