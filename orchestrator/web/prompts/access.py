"""The only way from a page to a prompt: what a person may not see does not exist."""

from django.http import Http404, HttpRequest

from orchestrator.models import Prompt, PromptVersion
from orchestrator.services.prompts import access
from orchestrator.web.context import page_of


def prompt_or_404(request: HttpRequest, pk: int) -> Prompt:
    found = access.visible_to(page_of(request).user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def changeable_or_404(request: HttpRequest, pk: int) -> Prompt:
    prompt = prompt_or_404(request, pk)
    if not access.may_change(prompt, page_of(request).user):
        raise Http404
    return prompt


def deleted_or_404(request: HttpRequest, pk: int) -> Prompt:
    prompt = Prompt.objects.exclude(deleted_at=None).select_related("live", "team")
    found = prompt.filter(pk=pk).first()
    if found is None or not access.may_change(found, page_of(request).user):
        raise Http404
    return found


def version_or_404(request: HttpRequest, prompt: Prompt, number: int) -> PromptVersion:
    """A suggestion is between who made it and who decides about it."""
    user = page_of(request).user
    version = prompt.versions.filter(number=number).first()
    if version is None:
        raise Http404
    is_kept = version.state == PromptVersion.State.KEPT
    if not (is_kept or version.author_id == user.pk or access.may_change(prompt, user)):
        raise Http404
    return version
