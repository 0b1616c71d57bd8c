"""Chats as a person keeps them: found, listed, renamed, pinned, tagged, put away, branched."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from orchestrator.models import Conversation, ConversationTag, Message
from orchestrator.services.chat.tree import Node, Tree
from orchestrator.services.reports import labels

TITLE_CHARS = 80
PAGE = 40
MOST_TAGS = 10
# A deleted chat can be brought back for a while.
KEEP_DELETED = timedelta(days=7)
PURGE_AT_ONCE = 50


def own(user_id: int) -> QuerySet[Conversation]:
    return Conversation.objects.filter(user_id=user_id, deleted_at=None)


def start(user_id: int, pk: UUID | None = None) -> Conversation:
    """A chat whose page chose its id, so that sending twice starts it once."""
    if pk is None:
        return Conversation.objects.create(user_id=user_id)
    conversation, _ = Conversation.objects.get_or_create(pk=pk, defaults={"user_id": user_id})
    if conversation.user_id != user_id:
        raise Conversation.DoesNotExist
    return conversation


def title_from(text: str) -> str:
    """The first line that says something, without asking any model."""
    lines = (" ".join(line.strip("#*>`- \t").split()) for line in text.splitlines())
    line = next(filter(None, lines), "New chat")
    return line if len(line) <= TITLE_CHARS else line[: TITLE_CHARS - 1].rstrip() + "…"


def tree(conversation_id: UUID) -> Tree:
    rows = Message.objects.filter(conversation_id=conversation_id).order_by("pk")
    return Tree(Node(*row) for row in rows.values_list("pk", "parent_id", "role"))


@dataclass(frozen=True, slots=True)
class Listing:
    """`older` is where the next page begins; empty on the last."""

    pinned: list[Conversation]
    recent: list[Conversation]
    older: str = ""


def listing(
    user_id: int, *, before: datetime | None = None, tag: str = "", archived: bool = False
) -> Listing:
    """Pinned ones first, then the newest; paged by time, so that 10,000 chats cost the same."""
    mine = own(user_id).filter(archived_at__isnull=not archived)
    if tag:
        mine = mine.filter(tags__name=tag)
    mine = mine.defer("overrides").order_by("-updated_at")
    recent = mine if archived else mine.filter(pinned_at=None)
    page = list((recent.filter(updated_at__lt=before) if before else recent)[: PAGE + 1])
    is_first = before is None and not archived
    return Listing(
        pinned=list(mine.exclude(pinned_at=None)[:PAGE]) if is_first else [],
        recent=page[:PAGE],
        older=page[PAGE - 1].updated_at.isoformat() if len(page) > PAGE else "",
    )


def tags_of(user_id: int) -> list[str]:
    mine = ConversationTag.objects.filter(
        conversation__user_id=user_id, conversation__deleted_at=None
    )
    return list(mine.order_by("name").values_list("name", flat=True).distinct())


def rename(conversation: Conversation, title: str) -> None:
    conversation.title = " ".join(title.replace("\x00", "").split())[:200] or conversation.title
    conversation.save(update_fields=["title"])


def set_pinned(conversation: Conversation, *, is_pinned: bool) -> None:
    conversation.pinned_at = timezone.now() if is_pinned else None
    conversation.save(update_fields=["pinned_at"])


def set_archived(conversation: Conversation, *, is_archived: bool) -> None:
    conversation.archived_at = timezone.now() if is_archived else None
    conversation.save(update_fields=["archived_at"])


def set_deleted(conversation: Conversation, *, is_deleted: bool) -> None:
    conversation.deleted_at = timezone.now() if is_deleted else None
    conversation.save(update_fields=["deleted_at"])


def set_tags(conversation: Conversation, names: Iterable[str]) -> list[str]:
    clean = {" ".join(name.replace("\x00", "").split()).lower()[:40] for name in names} - {""}
    wanted = sorted(clean)[:MOST_TAGS]
    with transaction.atomic():
        conversation.tags.exclude(name__in=wanted).delete()
        ConversationTag.objects.bulk_create(
            (ConversationTag(conversation=conversation, name=name) for name in wanted),
            ignore_conflicts=True,
        )
        labels.retag(conversation.pk, wanted)
    return wanted


def show(conversation: Conversation, message_id: UUID) -> None:
    """Switch to the branch of a message, as far down as it goes."""
    conversation.head_id = tree(conversation.pk).newest_leaf(message_id)
    conversation.save(update_fields=["head"])


def branch(message: Message) -> Conversation:
    """A chat of its own with everything up to this message; the old one stays as it is."""
    old = message.conversation
    ids = [node.id for node in tree(old.pk).path(message.pk)]
    originals = Message.objects.in_bulk(ids)
    with transaction.atomic():
        new = Conversation.objects.create(
            user_id=old.user_id,
            title=f"{old.title} (branch)"[:200],
            profile=old.profile,
            overrides=old.overrides,
        )
        parent: Message | None = None
        for original in (originals[pk] for pk in ids):
            parent = _copy(original, new, parent)
        new.head = parent
        new.save(update_fields=["head"])
    return new


def _copy(original: Message, new: Conversation, parent: Message | None) -> Message:
    copied = Message.objects.create(
        conversation=new,
        parent=parent,
        role=original.role,
        text=original.text,
        html=original.html,
        html_edition=original.html_edition,
        trip_id=original.trip_id,
        prompt_version_id=original.prompt_version_id,
        model_name=original.model_name,
        created_at=original.created_at,
    )
    copied.attachments.set(original.attachments.all())
    return copied


def purge_deleted() -> int:
    """Chats deleted long enough ago are removed for good; their trips stay for the accounts."""
    late = Conversation.objects.filter(deleted_at__lt=timezone.now() - KEEP_DELETED)
    count = 0
    for conversation in late.order_by("deleted_at")[:PURGE_AT_ONCE]:
        conversation.delete()
        count += 1
    return count
