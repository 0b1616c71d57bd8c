"""Writing prompts: new ones, new versions, old ones again, suggestions, what is said about them."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.models import PromptVersion
from orchestrator.prompting import template
from orchestrator.services.prompts import access, library, suggestions
from orchestrator.services.prompts.library import ChangedMeanwhile, Draft, PromptRefused
from orchestrator.web.context import page_of
from orchestrator.web.prompts import pages, using
from orchestrator.web.prompts.access import changeable_or_404, prompt_or_404
from orchestrator.web.prompts.samples import SAMPLES


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    user = page_of(request).user
    owners = access.owners_open_to(user)
    document: dict[str, object] = {"owners": owners, "owner": request.POST.get("owner", "")}
    if request.method != "POST":
        return render(request, "prompts/new.html", document)
    draft = _draft(request)
    try:
        prompt = library.create(user, draft, owners.get(request.POST.get("owner", "")))
    except PromptRefused as refused:
        document |= {"draft": draft, "tags": ", ".join(draft.tags), "problem": str(refused)}
        return render(request, "prompts/new.html", document, status=422)
    return redirect("prompt", prompt.pk)


def _draft(request: HttpRequest) -> Draft:
    given = request.POST
    return Draft(
        title=given.get("title", ""),
        text=given.get("text", ""),
        name=given.get("name", ""),
        description=given.get("description", ""),
        tags=tuple(given.get("tags", "").split(",")),
    )


@require_POST
def add_sample(request: HttpRequest, number: int) -> HttpResponse:
    if number >= len(SAMPLES):
        raise Http404
    user, sample = page_of(request).user, SAMPLES[number]
    try:
        return redirect("prompt", library.create(user, sample).pk)
    except PromptRefused:  # a second click
        return redirect("prompts")


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The form that the text would make."""
    try:
        fields = template.parse(request.POST.get("text", "")[: library.MAX_CHARS]).fields
    except template.ConflictingPlaces as conflict:
        return render(request, "prompts/preview.html", {"problem": str(conflict)})
    return render(request, "prompts/preview.html", {"places": using.places(fields)})


@require_POST
def save(request: HttpRequest, pk: int) -> HttpResponse:
    """A new version, or a suggestion by those who may only make one."""
    prompt, user = prompt_or_404(request, pk), page_of(request).user
    text, note = request.POST.get("text", ""), request.POST.get("note", "")
    try:
        if access.may_change(prompt, user):
            library.save(prompt, user, text, note, seen=_seen(request))
        elif access.may_suggest(prompt, user):
            suggestions.suggest(prompt, user, text, note)
        else:
            raise Http404
    except ChangedMeanwhile:
        return pages.both(request, prompt, text, note)
    except PromptRefused as refused:
        return pages.editor(request, prompt, 422, text=text, note=note, problem=str(refused))
    return redirect("prompt", prompt.pk)


def _seen(request: HttpRequest) -> int | None:
    """The version that the page was opened with."""
    told = request.POST.get("seen", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 16 else None


@require_POST
def describe(request: HttpRequest, pk: int) -> HttpResponse:
    prompt, given = changeable_or_404(request, pk), _told(request.POST)
    was = _told(request.POST, "was-")
    if was not in (pages.told_of(prompt), dict.fromkeys(was, "")):
        return pages.editor(request, prompt, 409, given=given, is_overtaken=True)
    library.describe(prompt, given["title"], given["description"])
    library.set_tags(prompt, given["tags"].split(","))
    return redirect("prompt", prompt.pk)


def _told(form: QueryDict, prefix: str = "") -> dict[str, str]:
    return {name: form.get(prefix + name, "") for name in ("title", "description", "tags")}


@require_POST
def make_live(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    prompt = changeable_or_404(request, pk)
    try:
        library.make_live(prompt, number)
    except PromptVersion.DoesNotExist as error:
        raise Http404 from error
    return redirect("prompt", prompt.pk)


@require_POST
def roll_back(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    prompt, user = changeable_or_404(request, pk), page_of(request).user
    try:
        library.roll_back(prompt, user, number)
    except PromptVersion.DoesNotExist as error:
        raise Http404 from error
    return redirect("prompt", prompt.pk)


@require_POST
def decide(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Whether a suggestion becomes the text that is used."""
    prompt = changeable_or_404(request, pk)
    try:
        if request.POST.get("answer") == "accept":
            suggestions.accept(prompt, number, request.POST.get("seen", ""))
        else:
            suggestions.decline(prompt, number)
    except PromptVersion.DoesNotExist as error:
        raise Http404 from error
    except PromptRefused as refused:
        return pages.editor(request, prompt, 422, problem=str(refused))
    return redirect("prompt", prompt.pk)
