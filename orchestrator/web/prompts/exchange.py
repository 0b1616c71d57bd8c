"""Prompts as files: one or all of them out, looked at before they come in."""

import json
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import User
from orchestrator.services.prompts import access
from orchestrator.services.prompts.access import Owner
from orchestrator.services.prompts.exchange import documents, exporting, importing
from orchestrator.services.prompts.exchange.importing import Findings
from orchestrator.services.prompts.exchange.reading import FileUnreadable
from orchestrator.services.prompts.library import PromptRefused
from orchestrator.web.context import page_of
from orchestrator.web.prompts.access import prompt_or_404

ROWS_SHOWN = 200


class ImportForm(forms.Form):
    """The choice of whose they become is left out where there is only one."""

    file = forms.FileField(
        label="File (Markdown, JSON, or a ZIP of them)",
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
        widget=forms.FileInput(attrs={"accept": ".md,.markdown,.txt,.json,.zip"}),
    )

    def __init__(self, user: User, *args: Any) -> None:
        super().__init__(*args)
        self.owners = access.owners_open_to(user)
        choices = [(key, _label(owner)) for key, owner in self.owners.items()]
        self.fields["owner"] = forms.ChoiceField(
            label="Whose they become",
            required=False,
            choices=choices,
            initial=access.MINE,
            error_messages={"invalid_choice": "Choose one of these."},
        )

    @property
    def chosen(self) -> str:
        return str(self.cleaned_data.get("owner") or access.MINE)


def _label(owner: Owner) -> str:
    if owner.team is not None:
        return f"The team {owner.team}"
    return "Yours alone" if owner.user is not None else "Everyone"


@require_safe
def export_one(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = prompt_or_404(request, pk)
    text = exporting.as_markdown(prompt)
    return _file(text.encode(), f"{prompt.name}.md", "text/markdown; charset=utf-8")


@require_safe
def export_all(request: HttpRequest) -> HttpResponse:
    """Everything a person sees, archived prompts too."""
    found = access.visible_to(page_of(request).user).prefetch_related("tags").order_by("name", "pk")
    name, form = f"clutch-prompts-{timezone.localdate()}", request.GET.get("form", "zip")
    if form == "json":
        text = json.dumps(exporting.as_json(found), ensure_ascii=False, indent=1)
        return _file(text.encode(), f"{name}.json", "application/json")
    if form != "zip":
        raise Http404
    return _file(exporting.as_zip(found), f"{name}.zip", "application/zip")


def _file(data: bytes, name: str, kind: str) -> HttpResponse:
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": disposition})


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """What an import would do. What it would keep waits in the page for the click."""
    if request.method != "POST":
        return _page(request, ImportForm(page_of(request).user))
    form = ImportForm(page_of(request).user, request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            owner = form.owners[form.chosen]
            findings = importing.examine(page_of(request).user, file.name or "", file.read(), owner)
            return _findings(request, file.name or "", findings, form.chosen)
        except FileUnreadable as unreadable:
            form.add_error("file", str(unreadable))
    return _page(request, form, 422)


def _findings(request: HttpRequest, name: str, findings: Findings, key: str) -> HttpResponse:
    document = {
        "name": name,
        "key": key,
        "owner": _label(access.owners_open_to(page_of(request).user)[key]),
        "rows": findings.rows[:ROWS_SHOWN],
        "left_out": max(0, len(findings.rows) - ROWS_SHOWN),
        "count": len(findings.rows),
        "counts": [(str(verdict), count) for verdict, count in findings.counts.items() if count],
        "importable": len(findings.importable),
        "document": json.dumps(documents.write(findings.importable), ensure_ascii=False),
    }
    return render(request, "prompts/import_findings.html", document)


@require_POST
def import_apply(request: HttpRequest) -> HttpResponse:
    document, user = request.POST.get("document", "").encode(), page_of(request).user
    owner = access.owners_open_to(user).get(request.POST.get("owner", access.MINE))
    try:
        if owner is None:
            raise PromptRefused("You cannot put prompts there any more. Choose anew.")
        importing.apply(user, "prompts.json", document, owner)
    except (FileUnreadable, PromptRefused) as refused:
        form = ImportForm(user)
        form.errors["file"] = form.error_class([f"Nothing was imported. {refused}"])
        return _page(request, form, 422)
    return redirect("prompts")


def _page(request: HttpRequest, form: ImportForm, status: int = 200) -> HttpResponse:
    return render(request, "prompts/import.html", {"form": form}, status=status)
