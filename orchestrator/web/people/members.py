"""Members of a team: given another role, removed, and brought back by one click."""

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from orchestrator.models import User
from orchestrator.services.people import teams
from orchestrator.services.people.teams import TeamRefused
from orchestrator.web.people import access
from orchestrator.web.people.teams import team_page

# How long a removal can be undone, and by what proof: only what was removed can come back.
UNDO_S = 600
REMOVED = "clutch.removed-member"


@require_POST
def set_role(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    seat, person = access.get_managed_or_404(request, pk), _member_or_404(pk, user_pk)
    wanted = request.POST.get("role", "")
    try:
        teams.set_role(seat.team, seat.role, user_pk, wanted)
    except TeamRefused as refused:
        return team_page(request, seat, problem=str(refused), status=422)
    messages.info(request, f"{person.username} is {wanted} of the team now.")
    return access.to_team(pk)


@require_POST
def remove(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    seat, person = access.get_managed_or_404(request, pk), _member_or_404(pk, user_pk)
    try:
        role = teams.remove(seat.team, seat.role, user_pk)
    except TeamRefused as refused:
        return team_page(request, seat, problem=str(refused), status=422)
    proof = signing.dumps({"team": pk, "user": user_pk, "role": role}, salt=REMOVED)
    return team_page(request, seat, removed=person, undo=proof)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    seat = access.get_managed_or_404(request, pk)
    try:
        known = signing.loads(request.POST.get("undo", ""), salt=REMOVED, max_age=UNDO_S)
    except signing.BadSignature as error:
        raise Http404 from error
    person = User.objects.filter(pk=known["user"], is_active=True).first()
    if known["team"] != pk or person is None:
        raise Http404
    try:
        teams.restore(seat.team, seat.role, person, known["role"])
    except TeamRefused as refused:
        return team_page(request, seat, problem=str(refused), status=422)
    messages.info(request, f"{person.username} is in the team again. Revoked tokens stay so.")
    return access.to_team(pk)


def _member_or_404(pk: int, user_pk: int) -> User:
    found = User.objects.filter(pk=user_pk, memberships__team_id=pk).first()
    if found is None:
        raise Http404
    return found
