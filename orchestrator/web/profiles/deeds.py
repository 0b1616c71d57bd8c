"""Changing profiles: made, edited, copied, shared, chosen as default, imported, deleted."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from orchestrator.models import Profile, Team
from orchestrator.services.profiles import documents, library
from orchestrator.services.profiles.fields import ProfileRefused
from orchestrator.services.profiles.library import Edited
from orchestrator.web.context import page_of
from orchestrator.web.profiles import access, forms, pages


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    user, data = page_of(request).user, request.POST
    try:
        made = library.create(user, data.get("title", ""), forms.fields_of(data))
    except ProfileRefused as refused:
        document = {"problem": str(refused), "values": forms.given(data)}
        return pages.show_form(request, document, 422)
    return redirect("profile", made.pk)


@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    profile, data = access.own_profile(request, pk), request.POST
    try:
        library.edit(profile, forms.fields_of(data), forms.seen(data))
    except ProfileRefused as refused:
        wrong = {"problem": str(refused), "values": forms.given(data)}
        return pages.show_one(request, profile, 422, wrong)
    except Edited as edited:
        profile.refresh_from_db()
        given: dict[str, Any] = {
            "problem": str(edited),
            "theirs": profile,
            "values": forms.given(data),
        }
        return pages.show_one(request, profile, 409, given)
    return redirect("profile", pk)


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        made = library.copy_to(page_of(request).user, access.profile_or_404(request, pk))
    except ProfileRefused as refused:
        return pages.show_all(request, 422, {"problem": str(refused)})
    return redirect("profile", made.pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    profile = access.profile_or_404(request, pk)
    if not library.may_withdraw(profile, page_of(request).user):
        raise PermissionDenied
    library.delete(profile)
    return redirect("profiles")


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    profile, user = access.own_profile(request, pk), page_of(request).user
    team = _team_or_404(request)
    try:
        library.share(user, profile, team)
    except ProfileRefused as refused:
        return pages.show_one(request, profile, 422, {"problem": str(refused)})
    return redirect("profiles")


def _team_or_404(request: HttpRequest) -> Team:
    wanted = request.POST.get("team", "")
    teams = library.shareable_with(page_of(request).user)
    team = next((each for each in teams if str(each.pk) == wanted), None)
    if team is None:
        raise Http404
    return team


@require_POST
def use(request: HttpRequest) -> HttpResponse:
    """One's own default; an empty choice is none."""
    library.set_own_default(page_of(request).user, _chosen(request))
    return redirect("profiles")


@require_POST
def use_in_team(request: HttpRequest) -> HttpResponse:
    team = access.managed_team(request)
    if not library.may_manage(page_of(request).user, team.pk):
        raise PermissionDenied
    try:
        library.set_team_default(team, _chosen(request))
    except ProfileRefused as refused:
        return pages.show_all(request, 422, {"problem": str(refused)})
    return redirect("profiles")


def _chosen(request: HttpRequest) -> Profile | None:
    text = request.POST.get("profile", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return access.profile_or_404(request, int(text))


@require_POST
def import_text(request: HttpRequest) -> HttpResponse:
    """A file or a pasted text."""
    file = request.FILES.get("file")
    try:
        text = request.POST.get("text", "")
        if file is not None:
            text = _decoded(file.read(documents.MAX_BYTES + 1))
        profile, _ = documents.apply(page_of(request).user, text)
    except ProfileRefused as refused:
        given = {"import_problem": str(refused), "text": request.POST.get("text", "")}
        return pages.show_all(request, 422, given)
    return redirect("profile", profile.pk)


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ProfileRefused("The file is not text in UTF-8.") from None
