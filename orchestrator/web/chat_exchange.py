"""Chats out as files and in from files: one, many, a dry run, the import, its end."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import ImportBatch, User
from orchestrator.services.chat import conversations
from orchestrator.services.chat.exchange import archiving, importing, jobs, uploads
from orchestrator.services.chat.exchange.archiving import Form
from orchestrator.services.chat.exchange.importing import ImportRunning
from orchestrator.services.chat.exchange.neutral import ExportUnreadable
from orchestrator.services.database import in_thread
from orchestrator.web.chat.access import chat_or_404
from orchestrator.web.context import PageRequest

ROWS_SHOWN = 200
BATCHES_SHOWN = 10
GONE = "This file was imported already, or waited for too long. Choose it again."


class ImportForm(forms.Form):
    file = forms.FileField(
        label="File (ZIP or JSON)",
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
        widget=forms.FileInput(attrs={"accept": ".zip,.json"}),
    )


@require_safe
def export_one(request: HttpRequest, pk: UUID) -> HttpResponse:
    chat, form = chat_or_404(request, pk), _form(request.GET.get("form"))
    return HttpResponse(
        archiving.document(chat, form),
        content_type=archiving.MEDIA_TYPES[form],
        headers=_attached(archiving.file_name(chat, form)),
    )


@require_POST
def export_many(request: HttpRequest) -> HttpResponseBase:
    """The chats that are named, or all of them. One that is not theirs makes it a 404."""
    user, form = _user(request), _form(request.POST.get("form"))
    mine = conversations.own(user.pk)
    if ids := _ids(request.POST.getlist("ids")):
        mine = mine.filter(pk__in=ids)
        if mine.count() != len(ids):
            raise Http404
    return StreamingHttpResponse(
        _pieces(archiving.archive(user, mine, form)),
        content_type="application/zip",
        headers=_attached(f"clutch-chats-{timezone.localdate()}.zip"),
    )


async def _pieces(chats: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (piece := await in_thread(next, chats, None)) is not None:
        yield piece


def _form(wanted: str | None) -> Form:
    try:
        return Form(wanted or Form.MARKDOWN)
    except ValueError:
        raise Http404 from None


def _ids(wanted: list[str]) -> set[UUID]:
    try:
        return {UUID(each) for each in wanted}
    except ValueError:
        raise Http404 from None


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": content_disposition_header(True, name) or "attachment"}


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, ImportForm())
    form = ImportForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            return _findings(request, form.cleaned_data["file"])
        except ExportUnreadable as unreadable:
            form.add_error("file", str(unreadable))
    return _page(request, form, status=422)


def _findings(request: HttpRequest, file: "UploadedFile[bytes]") -> HttpResponse:
    """What the import would do. The file waits for the click that imports it."""
    user, name = _user(request), file.name or "file"
    upload = uploads.keep(user.pk, name, file.chunks())
    try:
        with upload.path.open("rb") as opened:
            findings = importing.examine(user, name, opened)
    except ExportUnreadable:
        upload.remove()
        raise
    upload.note(findings)
    document = {
        "key": upload.key,
        "name": name,
        "findings": findings,
        "rows": findings.rows[:ROWS_SHOWN],
        "left_out": len(findings.rows) - ROWS_SHOWN,
        "has_files": any(row.files or row.missing for row in findings.rows),
        "counts": [(str(verdict), count) for verdict, count in findings.counts.items() if count],
    }
    return render(request, "chat_import_findings.html", document)


def _page(request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    batches = ImportBatch.objects.filter(user=_user(request))[:BATCHES_SHOWN]
    mine = conversations.own(_user(request).pk).order_by("-updated_at")
    document = {
        "form": form,
        "imports": [_told(batch) for batch in batches],
        "recent": mine.only("title", "updated_at")[:ROWS_SHOWN],
    }
    return render(request, "chat_import.html", document, status=status)


@require_POST
def import_apply(request: HttpRequest, key: str) -> HttpResponse:
    user, form = _user(request), ImportForm()
    try:
        claimed = uploads.claim(user.pk, key)
    except uploads.UploadGone:
        form.errors["file"] = form.error_class([GONE])
        return _page(request, form, status=404)
    try:
        batch = importing.begin(user, claimed.upload.name, claimed.source, claimed.total)
    except ImportRunning as running:
        claimed.release()
        form.errors["file"] = form.error_class([str(running)])
        return _page(request, form, status=409)
    jobs.start(batch, claimed.upload)
    return redirect("import-progress", batch.pk)


@require_safe
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The page, or its fragment for the poll."""
    page = cast(PageRequest, request)
    batch = _batch_or_404(request, pk)
    told, removable = _told(batch), importing.removable(batch)
    left = {
        "kept": importing.continued(batch),
        "removable": removable,
        "is_going_on": told["standing"] == "running" or (batch.undone_at and removable),
    }
    document = {"import": told | left}
    name = "chat_import_status.html" if page.htmx else "chat_import_progress.html"
    return render(request, name, document)


@require_POST
def import_undo(request: HttpRequest, pk: int) -> HttpResponse:
    jobs.start_undo(_batch_or_404(request, pk))
    return redirect("import-progress", pk)


def _user(request: HttpRequest) -> User:
    return cast(PageRequest, request).user


def _batch_or_404(request: HttpRequest, pk: int) -> ImportBatch:
    batch = ImportBatch.objects.filter(user=_user(request), pk=pk).first()
    if batch is None:
        raise Http404
    return batch


def _told(batch: ImportBatch) -> dict[str, Any]:
    standing = importing.standing(batch)
    return {"batch": batch, "standing": standing, "seen": batch.done + batch.skipped}
