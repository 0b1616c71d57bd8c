"""The prompt library: listed, written, rolled back, and inserted into a message with "/"."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import Prompt, PromptVersion
from orchestrator.prompting import template
from orchestrator.prompting.template import MissingValue
from orchestrator.services.prompts import library
from orchestrator.services.prompts.library import PromptRefused
from orchestrator.web.context import page_of

# Good beginnings for an empty library; nothing is kept before a person saves it.
SAMPLES = (
    (
        "Review this code",
        "Review this {{language:Python|JavaScript|SQL}} code. Name what is wrong first, "
        "then what could be simpler.\n\n{{code:multiline}}",
    ),
    (
        "Answer a mail",
        "Write a {{tone:friendly|formal|short}} answer to this mail. "
        "What I want to say: {{point}}\n\n{{mail:multiline}}",
    ),
    (
        "Explain to",
        "Explain {{subject}} to {{reader|a curious twelve-year-old}} in about {{words|150}} words.",
    ),
)


@require_safe
def prompts(request: HttpRequest) -> HttpResponse:
    user, words = page_of(request).user, request.GET.get("q", "")[:200]
    found = library.search(user, words)
    rows = [{"prompt": each, "is_mine": library.may_change(each, user)} for each in found[:200]]
    name = "prompts/rows.html" if page_of(request).htmx else "prompts/list.html"
    return render(request, name, {"rows": rows, "words": words, "samples": SAMPLES})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        wanted = request.GET.get("title", "")[:120]
        return _editor(request, {"title": wanted, "text": dict(SAMPLES).get(wanted, "")})
    title, text = request.POST.get("title", ""), request.POST.get("text", "")
    try:
        prompt = library.create(page_of(request).user, title, text)
    except PromptRefused as refused:
        return _editor(request, {"title": title, "text": text, "problem": str(refused)}, 422)
    return redirect("prompt", prompt.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    prompt, user = _prompt_or_404(request, pk), page_of(request).user
    known: dict[str, Any] = {"prompt": prompt, "may_change": library.may_change(prompt, user)}
    if request.method != "POST":
        text = prompt.live.text if prompt.live else ""
        return _editor(request, known | {"title": prompt.title, "text": text})
    if not known["may_change"]:
        raise Http404
    text = request.POST.get("text", "")
    try:
        library.save(prompt, user, text, request.POST.get("note", ""))
    except PromptRefused as refused:
        given = {"title": prompt.title, "text": text, "problem": str(refused)}
        return _editor(request, known | given, 422)
    return redirect("prompt", prompt.pk)


def _editor(request: HttpRequest, document: dict[str, Any], status: int = 200) -> HttpResponse:
    prompt = document.get("prompt")
    versions = prompt.versions.select_related("author")[:50] if prompt else []
    known = {"may_change": True, "versions": versions}
    return render(request, "prompts/editor.html", known | document, status=status)


@require_POST
def roll_back(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    prompt, user = _own_or_404(request, pk), page_of(request).user
    try:
        library.roll_back(prompt, user, number)
    except PromptVersion.DoesNotExist as error:
        raise Http404 from error
    return redirect("prompt", prompt.pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """With the way back on the page that follows."""
    prompt = _own_or_404(request, pk)
    library.set_deleted(prompt, is_deleted=True)
    rows = [
        {"prompt": each, "is_mine": library.may_change(each, page_of(request).user)}
        for each in library.visible_to(page_of(request).user)[:200]
    ]
    document = {"rows": rows, "samples": SAMPLES, "deleted": prompt}
    return render(request, "prompts/list.html", document)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = Prompt.objects.filter(pk=pk).first()
    if prompt is None or not library.may_change(prompt, page_of(request).user):
        raise Http404
    try:
        library.set_deleted(prompt, is_deleted=False)
    except PromptRefused as refused:
        known = {"title": prompt.title, "text": prompt.live.text if prompt.live else ""}
        return _editor(request, known | {"problem": str(refused)}, 422)
    return redirect("prompts")


@require_http_methods(["GET", "HEAD", "POST"])
def insert(request: HttpRequest, pk: int) -> HttpResponse:
    """The text for the message box; a prompt with places to fill asks for them first."""
    prompt = _prompt_or_404(request, pk)
    fields = template.parse(prompt.live.text if prompt.live else "").fields
    if fields and request.method != "POST":
        html = render_to_string("prompts/form.html", {"prompt": prompt, "fields": fields})
        return JsonResponse({"form": html})
    try:
        values = {field.name: request.POST.get(field.name, "") for field in fields}
        return JsonResponse({"text": library.use(prompt, values)})
    except MissingValue as missing:
        return JsonResponse({"error": str(missing)}, status=422)


def _prompt_or_404(request: HttpRequest, pk: int) -> Prompt:
    found = library.visible_to(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _own_or_404(request: HttpRequest, pk: int) -> Prompt:
    prompt = _prompt_or_404(request, pk)
    if not library.may_change(prompt, page_of(request).user):
        raise Http404
    return prompt
