"""Prompts on their way into a message: their places filled, their version remembered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods

from orchestrator.models import Prompt
from orchestrator.prompting import template
from orchestrator.prompting.template import Field, MissingValue
from orchestrator.services.prompts import library
from orchestrator.web.chat import beginning
from orchestrator.web.prompts.access import prompt_or_404

# So that no place in a prompt can stand in for a field of ours.
PREFIX = "place-"


@dataclass(frozen=True, slots=True)
class Place:
    """A field of the form, with what it holds."""

    field: Field
    value: str


def places(fields: Iterable[Field], values: Mapping[str, str] | None = None) -> list[Place]:
    given = values or {}
    return [Place(field, given.get(field.name, field.default)) for field in fields]


@require_http_methods(["GET", "HEAD", "POST"])
def insert(request: HttpRequest, pk: int) -> HttpResponse:
    """The text for the message box; a prompt with places to fill asks for them first."""
    prompt = prompt_or_404(request, pk)
    fields = template.parse(prompt.text).fields
    if fields and request.method != "POST":
        html = render_to_string("prompts/form.html", {"prompt": prompt, "places": places(fields)})
        return JsonResponse({"form": html})
    try:
        return JsonResponse({"text": _filled(request, prompt), "version": prompt.live_id})
    except MissingValue as missing:
        return JsonResponse({"error": str(missing)}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens a new chat with the text in its message box; nothing is sent yet."""
    prompt = prompt_or_404(request, pk)
    fields = template.parse(prompt.text).fields
    document = {"prompt": prompt, "places": places(fields)}
    if request.method != "POST":
        return render(request, "prompts/use.html", document)
    try:
        text = _filled(request, prompt)
    except MissingValue as missing:
        given = places(fields, _values(request, prompt))
        document |= {"problem": str(missing), "places": given}
        return render(request, "prompts/use.html", document, status=422)
    beginning.put(request, text, prompt.live_id)
    return redirect("home")


def _filled(request: HttpRequest, prompt: Prompt) -> str:
    return library.use(prompt, _values(request, prompt))


def _values(request: HttpRequest, prompt: Prompt) -> dict[str, str]:
    """Browsers end lines with two signs; a message has one."""
    fields = template.parse(prompt.text).fields
    given = {field.name: request.POST.get(PREFIX + field.name, "") for field in fields}
    return {name: value.replace("\r\n", "\n") for name, value in given.items()}
