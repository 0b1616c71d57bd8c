"""Which cap lets a paused run go on: what is spent, and what the rest will cost at the dear end."""

from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Length

from orchestrator.models import Step, Trip
from orchestrator.patterns.pricing import Items
from orchestrator.services.driving import planning, quotes, requests, trips
from orchestrator.services.driving.requests import RequestRefused
from orchestrator.services.runs import boards

NANO = 10**9


def to_go_on(trip: Trip) -> Decimal | None:
    """In dollars; None for a run that cannot be priced now."""
    plan = boards.plan_of(trip)
    if plan is None:
        return None
    caller = trips.caller_of(trip)
    try:
        request = planning.complete(caller, requests.from_document(trip.payload.request))
        quote = quotes.of(caller, request, plan, _items_left(trip))
    except RequestRefused:
        return None
    return Decimal(max(trip.cost_nano + quote.cap_nano, trip.cap_nano or 0)) / NANO


def _items_left(trip: Trip) -> Items:
    waiting = Step.objects.filter(trip=trip, state=Step.State.WAITING).exclude(parent="")
    found = waiting.aggregate(count=Count("id"), chars=Sum(Length("given")))
    return Items(found["count"], found["chars"] or 0)
