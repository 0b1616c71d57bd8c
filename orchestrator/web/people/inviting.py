"""Invitations: made and revoked on the team's page, and accepted by whoever has the link."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from orchestrator.models import Invitation, User
from orchestrator.services.people import accounts, invitations, openid, roles, signin
from orchestrator.services.people.accounts import AccountRefused
from orchestrator.services.people.invitations import ENDED, InvitationRefused
from orchestrator.services.people.names import NameRefused
from orchestrator.services.people.teams import TeamRefused
from orchestrator.web import addresses, entering
from orchestrator.web.context import page_of
from orchestrator.web.people import access, welcome_kit
from orchestrator.web.people.forms import InvitationForm, NewAccountForm
from orchestrator.web.people.teams import team_page

TOO_MANY = "Too many attempts from here. Wait a minute, then try again."


@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers with the page itself, not a redirect: the link is shown this once."""
    seat = access.get_managed_or_404(request, pk)
    form = InvitationForm(request.POST, own_role=seat.role)
    if form.is_valid():
        user = page_of(request).user
        try:
            made = invitations.make(
                seat.team, seat.role, user, form.wish(), addresses.base(request)
            )
            _, mail = invitations.deliver(made, user.get_full_name() or user.username)
            return team_page(request, seat, made=made, mail=mail)
        except TeamRefused as refused:
            form.add_error(None, str(refused))
    return team_page(request, seat, form=form, status=422)


@require_POST
def revoke(request: HttpRequest, pk: int, invitation: UUID) -> HttpResponse:
    seat = access.get_managed_or_404(request, pk)
    if not invitations.revoke(seat.team, invitation, timezone.now()):
        raise Http404
    messages.info(request, "The invitation was revoked; its link lets nobody in any more.")
    return access.to_team(pk)


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitations.find(token, timezone.now())
    if invitation is None:
        return render(request, "people/join_ended.html", {"text": ENDED}, status=404)
    if request.method != "POST":
        return _join_page(request, token, invitation)
    try:
        if request.user.is_authenticated:
            invitations.accept(token, page_of(request).user, timezone.now())
            return _welcomed(request, invitation)
        return _register(request, token, invitation)
    except InvitationRefused as refused:
        return _join_page(request, token, invitation, problem=str(refused), status=422)


def _register(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    form = NewAccountForm(request.POST)
    if not form.is_valid():
        return _join_page(request, token, invitation, form=form, status=422)
    name, password = form.cleaned_data["username"], form.cleaned_data["password"]
    if not signin.may_try(name, entering.address_of(request), timezone.now()):
        return _join_page(request, token, invitation, form=form, problem=TOO_MANY, status=429)

    def make() -> User:
        return accounts.create(name, password, email=invitation.email)

    try:
        made = invitations.register(token, make, timezone.now())
    except (AccountRefused, NameRefused) as refused:
        form.add_error(None, str(refused))
        return _join_page(request, token, invitation, form=form, status=422)
    entering.enter(request, made)
    return _welcomed(request, invitation)


def _welcomed(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    messages.info(request, f"Welcome to the team {invitation.team}.")
    return redirect("team", invitation.team_id)


def _join_page(
    request: HttpRequest, token: str, invitation: Invitation, *, status: int = 200, **more: Any
) -> HttpResponse:
    document = {
        "invitation": invitation,
        "token": token,
        "meaning": roles.MEANINGS[roles.Role(invitation.role)],
        "kit": welcome_kit.of(invitation.team, timezone.now()),
        "form": NewAccountForm(),
        "openid_name": settings.OIDC_NAME if openid.is_on() else "",
    }
    return render(request, "people/join.html", document | more, status=status)
