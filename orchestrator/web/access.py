"""Who asks, and what is theirs: the only way from a page to a trip."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from orchestrator.models import Trip, User
from orchestrator.services.people import standing
from orchestrator.services.people.identity import Caller
from orchestrator.web.context import PageRequest


def own_trips(user: User) -> QuerySet[Trip]:
    return Trip.objects.filter(user=user)


def get_trip_or_404(request: PageRequest, pk: UUID) -> Trip:
    """A stranger's trip does not exist."""
    trip = own_trips(request.user).select_related("payload").filter(pk=pk).first()
    if trip is None:
        raise Http404
    return trip


def caller_of(request: PageRequest) -> Caller:
    """A page never counts as the owner's own terminal, wherever its browser runs."""
    team = standing.of(request.user).team
    return Caller(request.user.pk, Trip.Source.PAGE, team_id=team.pk if team else None)
