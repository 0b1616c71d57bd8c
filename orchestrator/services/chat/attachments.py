"""Files of people: kept clean, found by their owner only, sent as parts of a message."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from orchestrator.files import cleaning, pdfs
from orchestrator.files.refusals import FileRefused, megabytes
from orchestrator.models import Attachment, Message
from orchestrator.providers.vocabulary import DocumentPart, ImagePart, Part, TextPart
from orchestrator.routing.signals import count_tokens
from orchestrator.services.driving.requests import TOKENS_PER_IMAGE, TOKENS_PER_PDF_BYTE

MAX_FILES = 10
MAX_TOTAL_BYTES = 30 * 1024 * 1024
FENCES = re.compile(r"`{3,}")
SCAN = "It has no text in it, only pictures of its pages, and they are not shown here."


def keep(user_id: int, name: str, data: bytes) -> Attachment:
    kept = made(user_id, name, data)
    kept.save()
    return kept


def made(user_id: int, name: str, data: bytes) -> Attachment:
    """Cleaned, but not saved yet."""
    clean = cleaning.clean(name, data)
    return Attachment(
        user_id=user_id,
        kind=clean.kind,
        name=clean.name,
        media_type=clean.media_type,
        size=len(clean.data),
        text=clean.text,
        # A text is its own data.
        data=b"" if clean.kind == "text" else clean.data,
    )


def find(user_id: int, ids: Sequence[UUID]) -> list[Attachment]:
    found = Attachment.objects.filter(user_id=user_id).in_bulk(ids)
    if missing := [pk for pk in ids if pk not in found]:
        raise LookupError(f"There is no attachment {missing[0]} of yours.")
    return [found[pk] for pk in ids]


def check_total(attachments: Sequence[Attachment]) -> None:
    if len(attachments) > MAX_FILES:
        raise FileRefused(
            f"A message takes {MAX_FILES} files, and this one has {len(attachments)}. "
            "Send the others with the next message."
        )
    total = sum(attachment.size for attachment in attachments)
    if total > MAX_TOTAL_BYTES:
        raise FileRefused(
            f"A message takes {megabytes(MAX_TOTAL_BYTES)} of files, "
            f"and these have {megabytes(total)}. Send some of them with the next message."
        )


def content(attachment: Attachment) -> bytes:
    if attachment.kind == Attachment.Kind.TEXT:
        return attachment.text.encode()
    return bytes(attachment.data)


def parts(attachment: Attachment, *, reads_pdf: bool = True) -> tuple[Part, ...]:
    """A PDF goes as its text, which is cheaper; only a scan needs a model that reads PDFs."""
    match attachment.kind:
        case Attachment.Kind.IMAGE:
            return (ImagePart(attachment.media_type, content(attachment)),)
        case Attachment.Kind.TEXT:
            return (TextPart(_fenced(attachment.name, attachment.text)),)
    if attachment.text:
        return (TextPart(_pdf_text(attachment)),)
    if reads_pdf:
        return (DocumentPart(attachment.media_type, content(attachment), attachment.name),)
    return (TextPart(f"File: {attachment.name} (PDF)\n{SCAN}"),)


def tokens(attachment: Attachment) -> int:
    """What it adds to a message, estimated as the plan does it."""
    if attachment.kind == Attachment.Kind.IMAGE:
        return TOKENS_PER_IMAGE
    if attachment.text:
        return count_tokens(attachment.text)
    return round(attachment.size * TOKENS_PER_PDF_BYTE)


def remove_orphans(older_than: timedelta) -> int:
    """What was attached to nothing. Its data is not loaded to be deleted."""
    uses = Message.attachments.through.objects.filter(attachment_id=OuterRef("pk"))
    orphans = Attachment.objects.filter(~Exists(uses), created_at__lt=timezone.now() - older_than)
    _, deleted = orphans.only("pk").delete()
    return deleted.get("orchestrator.Attachment", 0)


def _pdf_text(attachment: Attachment) -> str:
    pages = attachment.text.count(pdfs.PAGE_END)
    title = f"{attachment.name} (PDF, {pages:,} {'page' if pages == 1 else 'pages'})"
    return _fenced(title, attachment.text.replace(pdfs.PAGE_END, "\n\n").rstrip())


def _fenced(title: str, text: str) -> str:
    """The file cannot close its own fence, so nothing in it reads as words of the person."""
    longest = max((len(found) for found in FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    ending = "" if text.endswith("\n") else "\n"
    return f"File: {title}\n{fence}\n{text}{ending}{fence}"
