"""Chats from a file: what would happen, the import itself, and taking it back."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import sleep
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from orchestrator.models import (
    Attachment,
    Conversation,
    ConversationTag,
    ImportBatch,
    Message,
    Trip,
    User,
)
from orchestrator.services.chat.exchange import drafts
from orchestrator.services.chat.exchange.neutral import ChatDocument, ExportUnreadable
from orchestrator.services.chat.exchange.sniffing import Data, open_export

Progress = Callable[[int, int], None]

AT_ONCE = 100
FILE_CHARS_AT_ONCE = 32 * 1024 * 1024
# Between transactions: who waits for SQLite looks every 100 ms whether it is free.
PAUSE_S = 0.12
# A batch of chats takes a second or two; one that was not heard of for so long has ended.
SILENT_AFTER = timedelta(seconds=60)


class Verdict(StrEnum):
    IMPORT = "will import"
    HERE = "already here"
    TWICE = "twice in this file"
    EMPTY = "empty"


class ImportRunning(ValueError):
    """Two imports at once could bring the same chat twice."""


class ImportStopped(ValueError):
    """It was undone while it ran."""


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    messages: int
    date: datetime | None
    verdict: Verdict
    files: int = 0
    # Files that the export names without their content.
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Findings:
    source: str
    rows: tuple[Row, ...]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """Every verdict, also those that nothing got."""
        found = Counter(row.verdict for row in self.rows)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def importable(self) -> int:
        return self.counts[Verdict.IMPORT]


def examine(user: User, name: str, data: Data) -> Findings:
    """What an import would do. Nothing is written."""
    export = open_export(name, data)
    rows = [
        _row(chat, verdict) for group in _judged(user.pk, export.chats) for chat, verdict in group
    ]
    return Findings(export.source, tuple(rows))


def _row(chat: ChatDocument, verdict: Verdict) -> Row:
    files = sum(bool(file.data) for file in chat.files)
    return Row(
        title=drafts.title_of(chat),
        messages=len(chat.messages),
        date=chat.created_at,
        verdict=verdict,
        files=files,
        missing=len(chat.files) - files,
    )


def apply(user: User, name: str, data: Data, progress: Progress | None = None) -> ImportBatch:
    """Read once to the end first: a file that is damaged in the middle imports nothing."""
    findings = examine(user, name, data)
    return run(begin(user, name, findings.source, len(findings.rows)), data, progress)


def begin(user: User, name: str, source: str, total: int) -> ImportBatch:
    """The row of an import that `run` is called for next, in this thread or another."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if ImportBatch.objects.filter(_is_alive(), user=user).exists():
            raise ImportRunning("Another import of yours is running. Wait until it has ended.")
        return ImportBatch.objects.create(
            user=user,
            source=source,
            file_name=drafts.clean(name)[:200],
            state=ImportBatch.State.RUNNING,
            total=total,
        )


def run(batch: ImportBatch, data: Data, progress: Progress | None = None) -> ImportBatch:
    refused = 0
    try:
        for group in _judged(batch.user_id, open_export(batch.file_name, data).chats):
            refused += _write(batch, group)
            batch.refresh_from_db()
            if progress:
                progress(batch.done + batch.skipped, batch.total)
    except (ExportUnreadable, DatabaseError, OSError) as error:
        _end(batch, ImportBatch.State.FAILED, str(error))
        raise
    _end(batch, ImportBatch.State.DONE, _refused_note(refused))
    return batch


def _refused_note(count: int) -> str:
    if not count:
        return ""
    return f"{count:,} attached {'file' if count == 1 else 'files'} could not be taken."


def _end(batch: ImportBatch, state: ImportBatch.State, error: str = "") -> None:
    batch.state, batch.error = state, drafts.clean(error)[:500]
    batch.save(update_fields=["state", "error"])


Group = list[tuple[ChatDocument, Verdict]]


def _judged(user_id: int, chats: Iterator[ChatDocument]) -> Iterator[Group]:
    seen: set[str] = set()
    for group in _grouped(chats):
        ids = [drafts.id_of(chat) for chat in group]
        here = _here(user_id, ids)
        judged: Group = []
        for chat, chat_id in zip(group, ids, strict=True):
            judged.append((chat, _verdict(chat, chat_id, here, seen)))
            seen.add(chat_id)
        yield judged


def _verdict(chat: ChatDocument, chat_id: str, here: set[str], seen: set[str]) -> Verdict:
    if not any(message.text.strip() for message in chat.messages):
        return Verdict.EMPTY
    if chat_id in seen:
        return Verdict.TWICE
    return Verdict.HERE if chat_id in here else Verdict.IMPORT


def _here(user_id: int, ids: list[str]) -> set[str]:
    """Of these those that the person has: imported earlier, or exported here and still kept."""
    own = [pk for each in ids if (pk := _uuid(each))]
    rows = Conversation.objects.filter(user_id=user_id, deleted_at=None).filter(
        Q(imported_id__in=ids) | Q(pk__in=own)
    )
    found = rows.values_list("imported_id", "pk")
    return {str(each) for pair in found for each in pair if each}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _grouped(chats: Iterator[ChatDocument]) -> Iterator[list[ChatDocument]]:
    """Few enough at once for a transaction, and for the memory that their files take."""
    group: list[ChatDocument] = []
    for chat in chats:
        group.append(chat)
        if len(group) == AT_ONCE or sum(each.file_chars for each in group) > FILE_CHARS_AT_ONCE:
            yield group
            group = []
    if group:
        yield group


def _write(batch: ImportBatch, group: Group) -> int:
    """How many files were refused on the way."""
    now = timezone.now()
    wanted = [chat for chat, verdict in group if verdict is Verdict.IMPORT]
    made = [drafts.draft(chat, batch, now) for chat in wanted]
    with transaction.atomic():
        is_going_on = ImportBatch.objects.filter(pk=batch.pk, undone_at=None).update(
            done=F("done") + len(made),
            skipped=F("skipped") + len(group) - len(made),
            seen_at=now,
        )
        if not is_going_on:
            raise ImportStopped("The import was undone while it ran.")
        Conversation.objects.bulk_create(each.conversation for each in made)
        ConversationTag.objects.bulk_create(tag for each in made for tag in each.tags)
        Message.objects.bulk_create(message for each in made for message in each.messages)
        Attachment.objects.bulk_create(file for each in made for file in each.files)
        Message.attachments.through.objects.bulk_create(
            Message.attachments.through(message_id=message, attachment_id=file)
            for each in made
            for message, file in each.uses
        )
    return sum(each.refused for each in made)


def _is_alive() -> Q:
    heard_of = timezone.now() - SILENT_AFTER
    return Q(state=ImportBatch.State.RUNNING, undone_at=None, seen_at__gt=heard_of)


def standing(batch: ImportBatch) -> str:
    """running, done, failed, undone, or interrupted where its process died on the way."""
    if batch.undone_at is not None:
        return "undone"
    is_running = batch.state == ImportBatch.State.RUNNING
    is_silent = batch.seen_at <= timezone.now() - SILENT_AFTER
    return "interrupted" if is_running and is_silent else batch.state


def undo(user: User, batch_id: int) -> int:
    """Remove the chats of an import and say how many; a chat that was continued stays."""
    batch = ImportBatch.objects.get(user=user, pk=batch_id)
    revoke(batch)
    return remove(batch)


def revoke(batch: ImportBatch) -> None:
    """From here on it counts as undone, and stops where it still runs."""
    batch.undone_at = timezone.now()
    batch.save(update_fields=["undone_at"])


def remove(batch: ImportBatch) -> int:
    count = 0
    while removed := _remove_some(batch):
        count += removed
        if removed == AT_ONCE:
            sleep(PAUSE_S)
    return count


_IS_CONTINUED = Q(
    Exists(Message.objects.filter(conversation=OuterRef("pk"), trip__isnull=False))
) | Q(Exists(Trip.objects.filter(conversation=OuterRef("pk"))))


def chats_of(batch: ImportBatch) -> QuerySet[Conversation]:
    return Conversation.objects.filter(import_batch=batch, deleted_at=None)


def continued(batch: ImportBatch) -> int:
    """Chats of an import that undoing leaves alone."""
    return chats_of(batch).filter(_IS_CONTINUED).count()


def removable(batch: ImportBatch) -> int:
    return chats_of(batch).exclude(_IS_CONTINUED).count()


def _remove_some(batch: ImportBatch) -> int:
    with transaction.atomic():
        rows = Conversation.objects.select_for_update().filter(import_batch=batch)
        ids = list(
            rows.exclude(_IS_CONTINUED).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
        )
        Conversation.objects.filter(pk__in=ids).delete()
    return len(ids)
