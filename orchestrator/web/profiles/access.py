"""From a page to a profile: only what the person may see."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from orchestrator.models import Profile, Team
from orchestrator.services.profiles import library
from orchestrator.services.setup import policies
from orchestrator.web.context import page_of


def profile_or_404(request: HttpRequest, pk: int) -> Profile:
    seen = policies.visible(page_of(request).user.pk).select_related("user", "team", "shared_from")
    found = seen.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def own_profile(request: HttpRequest, pk: int) -> Profile:
    """404 for what is not seen, 403 for what is only read."""
    found = profile_or_404(request, pk)
    if not library.may_change(found, page_of(request).user):
        raise PermissionDenied
    return found


def managed_team(request: HttpRequest) -> Team:
    user, text = page_of(request).user, request.POST.get("team", "")
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    team = Team.objects.filter(pk=int(text)).first() if is_number else None
    if team is None or not (user.memberships.filter(team=team).exists() or user.is_owner):
        raise Http404
    return team
