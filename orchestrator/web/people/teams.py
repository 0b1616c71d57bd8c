"""Teams: listed, made, renamed, left and handed over; and the page of one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orchestrator.models import Membership, Team, User
from orchestrator.services.people import invitations, mailing, roles, teams
from orchestrator.services.people.names import NameRefused
from orchestrator.services.people.roles import Role
from orchestrator.services.people.teams import TeamRefused
from orchestrator.web import standing
from orchestrator.web.context import page_of
from orchestrator.web.people import access
from orchestrator.web.people.access import Seat
from orchestrator.web.people.forms import InvitationForm


@require_http_methods(["GET", "HEAD", "POST"])
def team_list(request: HttpRequest) -> HttpResponse:
    user, document = page_of(request).user, dict[str, Any]()
    if request.method == "POST":
        name = request.POST.get("name", "")[:1_000]
        try:
            return access.to_team(teams.create(user, name).pk)
        except (TeamRefused, NameRefused) as refused:
            document = {"problem": str(refused), "name": name}
    document |= {
        "held": teams.of(user),
        "others": _others(user),
        "is_administrator": teams.is_administrator(user),
    }
    return render(request, "people/teams.html", document, status=422 if "name" in document else 200)


def _others(user: User) -> list[Team]:
    """Teams of the installation in which its administrator is not."""
    if not teams.is_administrator(user):
        return []
    return list(Team.objects.exclude(memberships__user=user).order_by("name"))


@require_safe
def team(request: HttpRequest, pk: int) -> HttpResponse:
    return team_page(request, access.get_seat_or_404(request, pk))


def team_page(request: HttpRequest, seat: Seat, *, status: int = 200, **more: Any) -> HttpResponse:
    user = page_of(request).user
    document: dict[str, Any] = {
        "team": seat.team,
        "role": seat.role,
        "meaning": roles.MEANINGS[Role(seat.role)],
        "meanings": roles.MEANINGS.items(),
        "rows": [_row(seat, each, user) for each in teams.members(seat.team)],
        "is_in": any(each.team.pk == seat.team.pk for each in teams.of(user)),
        "is_current": user.current_team_id == seat.team.pk,
        "may_manage": seat.may_manage,
        "is_administrator": teams.is_administrator(user),
    }
    if seat.may_manage:
        document |= {
            "invitations": invitations.open_ones(seat.team, timezone.now()),
            "form": InvitationForm(own_role=seat.role),
            "has_mail": mailing.is_set_up(),
        }
    return render(request, "people/team.html", document | more, status=status)


def _row(seat: Seat, held: Membership, user: User) -> dict[str, Any]:
    may_change = roles.may_give(seat.role, held.role) and held.user_id != user.pk
    given = [role for role in Role if roles.may_give(seat.role, role)] if may_change else []
    return {"held": held, "roles": given, "is_me": held.user_id == user.pk}


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    seat = access.get_managed_or_404(request, pk)
    try:
        teams.rename(seat.team, request.POST.get("name", "")[:1_000])
    except (TeamRefused, NameRefused) as refused:
        seat.team.refresh_from_db()
        return team_page(request, seat, problem=str(refused), status=422)
    messages.info(request, "The team has its new name.")
    return access.to_team(pk)


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """What is done from now on counts for this team; zero means for none."""
    user, pk = page_of(request).user, access.number_of(request, "team")
    is_none = request.POST.get("team") == "0"
    chosen = None if is_none else access.get_seat_or_404(request, pk).team
    try:
        teams.switch(user, chosen)
    except TeamRefused as refused:
        return access.unchanged(request, str(refused), reverse("teams"))
    return redirect("teams")


@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    seat = access.get_seat_or_404(request, pk)
    try:
        teams.leave(seat.team, page_of(request).user)
    except TeamRefused as refused:
        return team_page(request, seat, problem=str(refused), status=422)
    messages.info(request, f"You left the team {seat.team}. Your chats are still yours.")
    return redirect("teams")


@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    seat = access.get_managed_or_404(request, pk)
    try:
        teams.transfer(seat.team, page_of(request).user, access.number_of(request, "to"))
    except TeamRefused as refused:
        return team_page(request, seat, problem=str(refused), status=422)
    messages.info(request, "The team has a new owner. You are an administrator of it now.")
    return access.to_team(pk)


@require_POST
def view_as(request: HttpRequest, pk: int) -> HttpResponse:
    seat = access.get_managed_or_404(request, pk)
    role = request.POST.get("role", Role.MEMBER)
    if role not in (Role.MEMBER, Role.VIEWER):
        raise Http404
    standing.view_as(request, seat.team, Role(role))
    return redirect("home")


@require_POST
def end_viewing(request: HttpRequest) -> HttpResponse:
    standing.end_viewing(request)
    return redirect("teams")
