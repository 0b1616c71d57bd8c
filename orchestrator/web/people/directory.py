"""Everybody of the installation, for whoever runs it: deactivated, brought back, let in again."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from orchestrator.models import Membership, User
from orchestrator.services.people import accounts, teams
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.web import addresses
from orchestrator.web.context import page_of
from orchestrator.web.people import access

PAGE_ROWS = 100


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    return people_page(request)


def people_page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    access.check_administrator(request)
    words = request.GET.get("q", "")[:100].replace("\x00", "")
    after = request.GET.get("after", "")[:150].replace("\x00", "")
    held = Prefetch("memberships", Membership.objects.select_related("team"))
    found = User.objects.filter(username__icontains=words, username__gt=after)
    rows = list(found.order_by("username").prefetch_related(held)[: PAGE_ROWS + 1])
    user = page_of(request).user
    document = {
        "rows": [{"person": each, "is_me": each.pk == user.pk} for each in rows[:PAGE_ROWS]],
        "next": rows[PAGE_ROWS - 1].username if len(rows) > PAGE_ROWS else "",
        "words": words,
    }
    return render(request, "people/people.html", document | more, status=status)


@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person_or_404(request, pk)
    try:
        accounts.deactivate(person)
    except AccountRefused as refused:
        return _told(request, person, str(refused))
    return _told(
        request,
        person,
        f"{person.username} is deactivated: sessions and API tokens ended. Chats and costs stay.",
    )


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person_or_404(request, pk)
    accounts.reactivate(person)
    text = f"{person.username} may sign in again. Tokens that were revoked stay so."
    return _told(request, person, text)


@require_POST
def make_link(request: HttpRequest, pk: int) -> HttpResponse:
    """For who lost a password or an app. Shown once."""
    access.check_administrator(request)
    person = User.objects.filter(pk=pk, is_active=True).first()
    if person is None or teams.is_administrator(person):
        raise Http404
    link = accounts.make_sign_in_link(person, addresses.base(request), timezone.now())
    return people_page(request, link=link, linked=person)


def _person_or_404(request: HttpRequest, pk: int) -> User:
    """Somebody the one who asks shares a team with or administers."""
    user = page_of(request).user
    person = User.objects.filter(pk=pk).first()
    if person is None or not _may_know(user, person):
        raise Http404
    if accounts.why_not_deactivate(user, person):
        raise PermissionDenied
    return person


def _may_know(user: User, person: User) -> bool:
    if teams.is_administrator(user):
        return True
    own = [each.team_id for each in teams.of(user)]
    return Membership.objects.filter(user=person, team_id__in=own).exists()


def _told(request: HttpRequest, person: User, text: str) -> HttpResponse:
    messages.info(request, text)
    user = page_of(request).user
    if teams.is_administrator(user):
        return redirect("people")
    shared = Membership.objects.filter(
        user=person, team_id__in=[each.team_id for each in teams.of(user)]
    )
    first = shared.first()
    return redirect("team", first.team_id) if first else redirect("teams")
