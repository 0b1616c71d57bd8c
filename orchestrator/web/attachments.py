"""Files on their way in and out: what comes is cleaned, what goes can run nothing."""

from typing import cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from orchestrator.files.refusals import FileRefused
from orchestrator.models import Attachment
from orchestrator.services.chat import attachments
from orchestrator.web.context import PageRequest

ONE_FILE = "Send one file at a time, in the field named file."
# A file opened in a tab is a page of ours to the browser; this takes its scripts and its origin.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=31536000, immutable",
}


@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    user = cast(PageRequest, request).user
    files = request.FILES.getlist("file")
    if len(files) != 1:
        return JsonResponse({"error": ONE_FILE}, status=422)
    try:
        kept = attachments.keep(user.pk, files[0].name or "", files[0].read())
    except FileRefused as refused:
        return JsonResponse({"error": str(refused)}, status=422)
    return JsonResponse(_document(kept), status=201)


def _document(kept: Attachment) -> dict[str, object]:
    return {
        "id": str(kept.pk),
        "name": kept.name,
        "kind": kept.kind,
        "size": kept.size,
        "tokens": attachments.tokens(kept),
    }


@require_safe
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_attachment_or_404(cast(PageRequest, request), pk)
    is_image = found.kind == Attachment.Kind.IMAGE
    kind = f"{found.media_type}; charset=utf-8" if found.kind == "text" else found.media_type
    response = HttpResponse(attachments.content(found), content_type=kind, headers=HEADERS)
    disposition = content_disposition_header(not is_image, found.name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


def get_attachment_or_404(request: PageRequest, pk: UUID) -> Attachment:
    """A stranger's file does not exist."""
    try:
        return attachments.find(request.user.pk, [pk])[0]
    except LookupError:
        raise Http404 from None
