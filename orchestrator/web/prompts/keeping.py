"""Keeping prompts in order: starred, archived, copied, shared, deleted with a way back."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from orchestrator.services.prompts import access, library
from orchestrator.services.prompts.library import PromptRefused
from orchestrator.web.context import page_of
from orchestrator.web.prompts import pages
from orchestrator.web.prompts.access import changeable_or_404, deleted_or_404, prompt_or_404


@require_POST
def star(request: HttpRequest, pk: int) -> HttpResponse:
    """On and off; from the list back to the list."""
    prompt, user = prompt_or_404(request, pk), page_of(request).user
    library.set_starred(prompt, user, is_starred=request.POST.get("on") == "1")
    return redirect("prompts") if request.POST.get("from") == "list" else redirect("prompt", pk)


@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = changeable_or_404(request, pk)
    library.set_archived(prompt, is_archived=request.POST.get("on") == "1")
    return redirect("prompt", pk)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = prompt_or_404(request, pk)
    return redirect("prompt", library.copy_to_mine(prompt, page_of(request).user).pk)


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = changeable_or_404(request, pk)
    owner = access.owners_open_to(page_of(request).user).get(request.POST.get("owner", ""))
    if owner is None:
        raise Http404
    try:
        library.give_to(prompt, owner)
    except PromptRefused as refused:
        prompt.refresh_from_db()
        return pages.editor(request, prompt, 422, problem=str(refused))
    return redirect("prompt", pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    library.set_deleted(changeable_or_404(request, pk), is_deleted=True)
    return redirect(f"{reverse('prompts')}?deleted={pk}")


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    prompt = deleted_or_404(request, pk)
    try:
        library.set_deleted(prompt, is_deleted=False)
    except PromptRefused as refused:
        prompt.refresh_from_db()
        return pages.editor(request, prompt, 422, problem=str(refused))
    return redirect("prompt", pk)
