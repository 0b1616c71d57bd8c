"""Turns of a chat: asked, edited, asked again, compared. Nothing that was said is ever removed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from orchestrator.models import Conversation, Message, Trip
from orchestrator.providers.vocabulary import Message as Asked
from orchestrator.providers.vocabulary import TextPart
from orchestrator.routing.types import Overrides
from orchestrator.services.chat import attachments, conversations
from orchestrator.services.driving import requests, trips
from orchestrator.services.driving.requests import RequestRefused, TripRequest
from orchestrator.services.people.identity import Caller
from orchestrator.services.prompts import access as prompts
from orchestrator.services.school import learning
from orchestrator.services.setup import policies

MOST_COMPARED = 4
GO_ON = "Continue exactly where you stopped."


class StaleParent(RequestRefused):
    """The chat went on elsewhere since this page was loaded."""


@dataclass(frozen=True, slots=True)
class Turn:
    """`parent` is the message it follows, as the person saw it; a fork means it on purpose."""

    text: str
    parent: UUID | None = None
    is_fork: bool = False
    files: tuple[UUID, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    profile: str = ""
    policy: str = ""
    gears: tuple[str, ...] = ()
    client_id: UUID | None = None
    prompt_version: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    question: Message
    answers: tuple[Message, ...]


def send(caller: Caller, conversation: Conversation, turn: Turn) -> Sent:
    """Keep the question and start its trip, or one for each gear that is to be compared."""
    request = _request(turn)
    if conversation.deleted_at is not None:
        raise RequestRefused("This chat was deleted. Undo that, or begin a new chat.")
    if len(turn.gears) > MOST_COMPARED:
        raise RequestRefused(f"At most {MOST_COMPARED} models can be compared. Choose fewer.")
    files = attachments.find(caller.user_id, turn.files)
    attachments.check_total(files)
    try:
        with transaction.atomic():
            _check_parent(conversation, turn)
            question = Message.objects.create(
                conversation=conversation,
                parent_id=turn.parent,
                role=Message.Role.USER,
                text=turn.text.replace("\x00", ""),
                client_id=turn.client_id,
                prompt_version=prompts.visible_version(caller.user_id, turn.prompt_version),
            )
            question.attachments.set(files)
            answers = _start(caller, question, request, turn.gears)
            _moved(conversation, answers[0], turn.text)
            _tag_new(caller, conversation, turn)
    except IntegrityError:
        return _sent_before(conversation, turn)
    return Sent(question, answers)


def _request(turn: Turn) -> TripRequest:
    text = requests.clean_text(turn.text) if turn.text.strip() or not turn.files else ""
    return TripRequest(
        messages=(Asked("user", (TextPart(text),)),),
        overrides=turn.overrides,
        profile=turn.profile,
        policy=turn.policy,
        follows=turn.parent,
    )


def _check_parent(conversation: Conversation, turn: Turn) -> None:
    messages = conversation.messages
    if turn.parent is not None and not messages.filter(pk=turn.parent).exists():
        raise RequestRefused("The message this one follows is not in this chat. Reload the page.")
    has_gone_on = messages.filter(parent=turn.parent).exists()
    # the same page sending twice is no change elsewhere; the unique client id finds it
    is_repeated = messages.filter(client_id=turn.client_id).exists() if turn.client_id else False
    if has_gone_on and not (turn.is_fork or is_repeated):
        raise StaleParent(
            "This chat went on in another window. Your text is kept: "
            "reload to see the new messages, or send it as a branch of its own."
        )


def _start(
    caller: Caller, question: Message, request: TripRequest, gears: Sequence[str] = ()
) -> tuple[Message, ...]:
    asked = replace(request, answers=question.pk)
    if not gears:
        return (_answer(caller, question, asked),)
    comparison = uuid4() if len(gears) > 1 else None
    return tuple(
        _answer(
            caller,
            question,
            replace(asked, overrides=replace(asked.overrides, gear=gear)),
            comparison,
        )
        for gear in gears
    )


def _answer(
    caller: Caller, question: Message, request: TripRequest, comparison: UUID | None = None
) -> Message:
    trip = trips.start(caller, request, conversation_id=question.conversation_id)
    return Message.objects.create(
        conversation_id=question.conversation_id,
        parent=question,
        role=Message.Role.ASSISTANT,
        trip=trip,
        comparison=comparison,
    )


def _moved(conversation: Conversation, head: Message, text: str = "") -> None:
    conversation.head = head
    conversation.updated_at = timezone.now()
    conversation.title = conversation.title or conversations.title_from(text)
    conversation.archived_at = None
    conversation.save(update_fields=["head", "updated_at", "title", "archived_at"])


def _sent_before(conversation: Conversation, turn: Turn) -> Sent:
    question = conversation.messages.get(client_id=turn.client_id)
    return Sent(question, tuple(question.children.order_by("pk")))


def regenerate(
    caller: Caller, answer: Message, overrides: Overrides, gears: Sequence[str] = ()
) -> tuple[Message, ...]:
    """Another version of an answer; the one that is there stays, one step aside."""
    question = answer.parent
    if question is None or answer.role != Message.Role.ASSISTANT:
        raise RequestRefused("Only an answer can be asked for again.")
    request = _asked_for(answer, question)
    with transaction.atomic():
        answers = _start(caller, question, replace(request, overrides=overrides), gears)
        _moved(question.conversation, answers[0])
    return answers


def _asked_for(answer: Message, question: Message) -> TripRequest:
    if answer.trip is None:  # imported
        words = Asked("user", (TextPart(question.text),))
        return TripRequest(messages=(words,), follows=question.parent_id)
    return requests.from_document(answer.trip.payload.request)


def go_on(caller: Caller, answer: Message) -> Sent:
    """After an answer that was cut: the same model settings, asked to carry on."""
    request = _asked_for(answer, answer.parent or answer)
    turn = Turn(
        GO_ON,
        parent=answer.pk,
        is_fork=True,
        overrides=request.overrides,
        profile=request.profile,
        policy=request.policy,
    )
    return send(caller, answer.conversation, turn)


def keep(user_id: int, answer: Message) -> None:
    """Of answers side by side, this one: the chat goes on from it, and the verdict is learned."""
    rivals = Message.objects.filter(
        conversation_id=answer.conversation_id, comparison=answer.comparison
    ).select_related("trip")
    for rival in rivals:
        if answer.comparison and rival.trip_id and answer.trip and rival.pk != answer.pk:
            learning.correct(rival.trip_id, user_id, answer.trip.gear)
    if answer.trip is not None and answer.trip.state == Trip.State.DONE:
        learning.rate(answer.trip.pk, user_id, "good")
    rivals.update(comparison=None)
    _moved(answer.conversation, answer)


def pin(conversation: Conversation, overrides: Overrides, profile: str) -> None:
    """What every further message of this chat starts from."""
    chosen = {name: value for name, value in asdict(overrides).items() if value not in ("", None)}
    if profile:
        chosen["profile"] = profile
    conversation.overrides = chosen
    conversation.save(update_fields=["overrides"])


def set_profile(conversation: Conversation, name: str) -> None:
    """What every further message of this chat is driven with; empty is the person's default."""
    rest = {key: value for key, value in conversation.overrides.items() if key != "profile"}
    conversation.overrides = {**rest, "profile": name} if name else rest
    conversation.save(update_fields=["overrides"])


def _tag_new(caller: Caller, conversation: Conversation, turn: Turn) -> None:
    """A chat begins with the tags of its profile."""
    if turn.parent is not None or conversation.messages.filter(parent=None).count() > 1:
        return
    try:
        tags = policies.driving(caller, turn.policy, turn.profile).tags
    except RequestRefused:  # the trip itself says what is wrong with the profile
        return
    if tags:
        conversations.set_tags(conversation, tags)
