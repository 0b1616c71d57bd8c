"""Trips, their calls, steps and logs: each ends once, and nothing is done twice."""

from collections.abc import Iterator

from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import Now

from orchestrator.models import Leg, Step, Trip, TripEvent
from orchestrator.services.driving import event_documents
from orchestrator.services.upkeep.invariants.breach import SHOWN, Breach
from orchestrator.services.upkeep.invariants.sweeping import LATE, is_swept


def trips_end() -> list[Breach]:
    """No trip drives on after its lease and its deadline, and none waits for ever."""
    driving = Trip.objects.filter(
        state=Trip.State.DRIVING, lease_until__lt=Now(), deadline_at__lt=Now()
    )
    waiting = Trip.objects.filter(
        state__in=(Trip.State.QUEUED, Trip.State.PAUSED), deadline_at__lt=Now() - LATE
    )
    late = waiting if is_swept() else waiting.none()
    return [
        Breach("trips end", str(pk), told)
        for rows, told in (
            (driving, "drives without a lease after its deadline"),
            (late, "still waits after its deadline"),
        )
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def legs_end() -> list[Breach]:
    """A call is open only as long as somebody drives its trip."""
    rows = Leg.objects.filter(state=Leg.State.DRIVING).exclude(trip__state=Trip.State.DRIVING)
    return [
        Breach("legs end", str(pk), "is still open though nobody drives its trip")
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def logs_have_no_holes() -> list[Breach]:
    """Numbers run from 1 without a hole, and an ended trip has one end."""
    rows = TripEvent.objects.values("trip").annotate(
        first=Min("seq"),
        last=Max("seq"),
        events=Count("id"),
        ends=Count("id", filter=Q(kind=event_documents.LAST)),
        end=Max("seq", filter=Q(kind=event_documents.LAST)),
    )
    holes = rows.filter(~Q(first=1) | ~Q(last=F("events")))
    ends = rows.filter(Q(trip__state__in=Trip.FINAL), ~Q(ends=1))
    return (
        [
            Breach("logs have no holes", str(row["trip"]), "numbers are missing")
            for row in holes[:SHOWN]
        ]
        + [
            Breach("logs have no holes", str(row["trip"]), f"has {row['ends']} ends")
            for row in ends[:SHOWN]
        ]
        + [
            Breach("logs have no holes", str(row["trip"]), "goes on after its end")
            for row in rows.filter(end__lt=F("last"))[:SHOWN]
        ]
    )


def one_answer_each() -> list[Breach]:
    """A place in a pattern that was answered is never called again."""
    rows = (
        Leg.objects.filter(state=Leg.State.DONE)
        .values("trip", "path")
        .annotate(answers=Count("id"))
        .filter(answers__gt=1)
    )
    return [
        Breach("one answer each", f"{row['trip']} {row['path']}", "was answered twice")
        for row in rows[:SHOWN]
    ]


def logs_tell_the_answer() -> list[Breach]:
    """The pieces in a log, put together, are the answer that is kept."""
    return [
        Breach("logs tell the answer", trip, "its pieces are not its answer")
        for trip, told, kept in _told()
        if told != kept
    ][:SHOWN]


def _told() -> Iterator[tuple[str, str, str]]:
    """Of answered trips: what their log has said since it last began, and what is kept."""
    rows = TripEvent.objects.filter(kind__in=["routed", "text"], trip__state=Trip.State.DONE)
    told: list[str] = []
    current, kept = None, ""
    found = rows.order_by("trip_id", "seq").values_list(
        "trip_id", "kind", "payload", "trip__payload__answer"
    )
    for trip, kind, payload, answer in found.iterator():
        if trip != current and current is not None:
            yield str(current), "".join(told), kept
        if trip != current or kind == "routed":
            told = []
        current, kept = trip, answer or ""
        if kind == "text":
            told.append(payload["text"])
    if current is not None:
        yield str(current), "".join(told), kept


def items_add_up() -> list[Breach]:
    """Items are numbered from one without a hole, and none is left in a run that is done."""
    items = Step.objects.exclude(parent="").order_by().values("trip", "parent")
    sums = items.annotate(
        items=Count("id"),
        first=Min("number"),
        last=Max("number"),
        numbers=Count("number", distinct=True),
        waiting=Count("id", filter=Q(state=Step.State.WAITING)),
    )
    holes = sums.filter(~Q(first=1) | ~Q(last=F("items")) | ~Q(numbers=F("items")))
    left = sums.filter(trip__state=Trip.State.DONE, waiting__gt=0)
    return [
        Breach("items add up", f"{row['trip']} {row['parent']}", "numbers are missing or twice")
        for row in holes[:SHOWN]
    ] + [
        Breach("items add up", f"{row['trip']} {row['parent']}", f"{row['waiting']} not ended")
        for row in left[:SHOWN]
    ]
