"""The library and its prompts as pages: found, looked at, compared."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orchestrator.models import Prompt, PromptVersion
from orchestrator.services.prompts import access, differences, finding, suggestions
from orchestrator.services.prompts.finding import Wanted
from orchestrator.web.context import page_of
from orchestrator.web.prompts.access import prompt_or_404, version_or_404
from orchestrator.web.prompts.samples import SAMPLES

ROWS_SHOWN = 100
VERSIONS_SHOWN = 20
SCOPES = (
    ("", "All"),
    (access.MINE, "Mine"),
    (finding.TEAM, "Teams"),
    (access.EVERYONE, "Everyone's"),
)


@require_safe
def prompts(request: HttpRequest) -> HttpResponse:
    page = page_of(request)
    wanted = _wanted(request)
    found = list(finding.find(page.user, wanted).prefetch_related("tags")[: ROWS_SHOWN + 1])
    waiting = suggestions.counts_for(page.user, found)
    sought = finding.read(wanted.words)
    document = {
        "rows": [
            (prompt, waiting.get(prompt.pk, 0), finding.show(prompt, sought) if sought else None)
            for prompt in found[:ROWS_SHOWN]
        ],
        "has_more": len(found) > ROWS_SHOWN,
        "wanted": wanted,
        "is_filtered": wanted != Wanted(),
        "samples": SAMPLES,
    }
    if page.htmx:
        return render(request, "prompts/rows.html", document)
    document |= {"tags": finding.tags_of(page.user), "scopes": SCOPES, "deleted": _deleted(request)}
    return render(request, "prompts/list.html", document)


def _wanted(request: HttpRequest) -> Wanted:
    asked = {key: request.GET.get(key, "")[:200].replace("\x00", "") for key in ("q", "tag")}
    scope = request.GET.get("scope", "")
    is_known = scope in finding.SCOPES
    is_archive = request.GET.get("archived") == "1"
    return Wanted(asked["q"].strip(), asked["tag"], scope if is_known else "", is_archive)


def _deleted(request: HttpRequest) -> Prompt | None:
    """The one that was deleted a moment ago, for the way back."""
    text = request.GET.get("deleted", "")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    gone = Prompt.objects.exclude(deleted_at=None).filter(pk=int(text)).first()
    return gone if gone is not None and access.may_change(gone, page_of(request).user) else None


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    return editor(request, prompt_or_404(request, pk))


def editor(request: HttpRequest, prompt: Prompt, status: int = 200, **given: Any) -> HttpResponse:
    """`given` is what a person wrote that could not be kept, and the reason."""
    user = page_of(request).user
    may_change = access.may_change(prompt, user)
    versions = _versions(request, prompt)
    document = {
        "prompt": prompt,
        "text": prompt.text,
        "told": (told := told_of(prompt)),
        "given": told,
        "is_starred": prompt.stars.filter(user=user).exists(),
        "may_change": may_change,
        "may_suggest": access.may_suggest(prompt, user),
        "versions": versions[:VERSIONS_SHOWN],
        "has_older": len(versions) > VERSIONS_SHOWN,
        "suggestions": suggestions.shown(prompt, user, may_change=may_change),
        "owners": access.owners_open_to(user) if may_change else {},
        "owner": access.key_of(prompt),
    }
    return render(request, "prompts/page.html", document | given, status=status)


def _versions(request: HttpRequest, prompt: Prompt) -> list[PromptVersion]:
    """Newest first, from a number downwards; one more than is shown."""
    kept = prompt.versions.filter(state=PromptVersion.State.KEPT).select_related("author")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 10:
        kept = kept.filter(number__lt=int(before))
    return list(kept[: VERSIONS_SHOWN + 1])


def told_of(prompt: Prompt) -> dict[str, str]:
    """What is said about it, as its form says it."""
    tags = ", ".join(prompt.tags.values_list("name", flat=True))
    return {"title": prompt.title, "description": prompt.description, "tags": tags}


def both(request: HttpRequest, prompt: Prompt, text: str, note: str) -> HttpResponse:
    """What somebody else saved beside what this person wrote: nothing of either is lost."""
    text = text.replace("\r\n", "\n")
    document = {
        "prompt": prompt,
        "text": text,
        "note": note,
        "lines": differences.between(prompt.text, text),
    }
    return render(request, "prompts/both.html", document, status=409)


@require_safe
def version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version as it is kept: where messages and test drives that used it lead."""
    prompt = prompt_or_404(request, pk)
    document = {"prompt": prompt, "version": version_or_404(request, prompt, number)}
    return render(request, "prompts/version.html", document)


@require_safe
def difference(request: HttpRequest, pk: int, old: int, new: int) -> HttpResponse:
    prompt = prompt_or_404(request, pk)
    before, after = (version_or_404(request, prompt, number) for number in (old, new))
    document = {
        "prompt": prompt,
        "old": before,
        "new": after,
        "lines": differences.between(before.text, after.text),
        "may_decide": after.state == PromptVersion.State.SUGGESTED
        and access.may_change(prompt, page_of(request).user),
    }
    return render(request, "prompts/difference.html", document)
