"""Which team a page is about, and as what the person who asks is in it."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from orchestrator.models import Team
from orchestrator.services.people import roles, teams
from orchestrator.web.context import page_of


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a team."""

    team: Team
    role: str

    @property
    def may_manage(self) -> bool:
        return roles.may_manage(self.role)


def get_seat_or_404(request: HttpRequest, pk: int) -> Seat:
    """A team of others does not exist."""
    role = teams.role_in(page_of(request).user, pk)
    if not role:
        raise Http404
    return Seat(Team.objects.get(pk=pk), role)


def get_managed_or_404(request: HttpRequest, pk: int) -> Seat:
    seat = get_seat_or_404(request, pk)
    if not seat.may_manage:
        raise PermissionDenied
    return seat


def check_administrator(request: HttpRequest) -> None:
    if not teams.is_administrator(page_of(request).user):
        raise Http404


def number_of(request: HttpRequest, name: str) -> int:
    """A whole number from a form; zero, which fits nothing, for anything else."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def to_team(pk: int) -> HttpResponse:
    return redirect("team", pk)


def unchanged(request: HttpRequest, text: str, back: str) -> HttpResponse:
    """Why nothing was changed, with the way back."""
    return render(request, "people/unchanged.html", {"text": text, "back": back}, status=422)
