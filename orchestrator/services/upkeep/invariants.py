"""What must hold on every installation at every moment; each check returns what breaks it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Count, F, Max, Min, Q, Sum
from django.db.models.functions import Coalesce, Now

from orchestrator.models import (
    BudgetPeriod,
    LedgerEntry,
    Leg,
    Loan,
    Reservation,
    Trip,
    TripEvent,
)
from orchestrator.services.driving import event_documents
from orchestrator.services.reports import rollups, ties

SHOWN = 20
# How long counting what is not in the reports yet may take before they are compared.
REPORTS_BUDGET_S = 60.0


@dataclass(frozen=True, slots=True)
class Breach:
    invariant: str
    subject: str
    message: str

    def document(self) -> dict[str, Any]:
        return asdict(self)


def breaches() -> list[Breach]:
    return [breach for check in CHECKS for breach in check()]


def ledger_ties() -> list[Breach]:
    """Each period's spent is the sum of what its reservations booked."""
    booked: dict[int, int] = defaultdict(int)
    settled = Reservation.objects.filter(state=Reservation.State.SETTLED)
    for periods, actual in settled.values_list("period_ids", "actual_nano").iterator():
        for period in periods:
            booked[period] += actual or 0
    return [
        Breach("ledger ties", str(period), f"spent {period.spent_nano}, booked {booked[period.pk]}")
        for period in BudgetPeriod.objects.select_related("budget")
        if period.spent_nano != booked[period.pk]
    ]


def holds_tie() -> list[Breach]:
    """Each period's reserved is the sum of what is held in it."""
    held: dict[int, int] = defaultdict(int)
    rows = Reservation.objects.filter(state=Reservation.State.HELD)
    for periods, amount in rows.values_list("period_ids", "amount_nano").iterator():
        for period in periods:
            held[period] += amount
    return [
        Breach("holds tie", str(period), f"reserved {period.reserved_nano}, held {held[period.pk]}")
        for period in BudgetPeriod.objects.select_related("budget")
        if period.reserved_nano != held[period.pk]
    ]


def loans_tie() -> list[Breach]:
    """What a period has lent is what its open loans say."""
    lent: dict[int, int] = defaultdict(int)
    open_ones = Loan.objects.filter(amount_nano__gt=F("returned_nano"))
    for loan in open_ones.iterator():
        lent[loan.lender_id] += loan.open_nano
        lent[loan.borrower_id] -= loan.open_nano
    return [
        Breach("loans tie", str(period), f"lent {period.lent_nano}, loans {lent[period.pk]}")
        for period in BudgetPeriod.objects.select_related("budget")
        if period.lent_nano != lent[period.pk]
    ]


def entries_tie() -> list[Breach]:
    """What the append-only ledger says is what the legs cost."""
    booking = Q(kind__in=[LedgerEntry.Kind.SETTLE, LedgerEntry.Kind.UNKNOWN])
    per_leg = Reservation.objects.annotate(
        told=Coalesce(
            Sum("entries__amount_nano", filter=Q(entries__kind__in=["settle", "unknown"])), 0
        )
    ).filter(~Q(state=Reservation.State.HELD))
    wrong = [
        Breach("entries tie", str(row.leg_id), f"ledger {row.told}, leg {row.leg.cost_nano}")
        for row in per_leg.select_related("leg").exclude(leg__cost_nano=F("told"))[:SHOWN]
    ]
    doubled = LedgerEntry.objects.filter(booking).values("reservation").annotate(n=Count("id"))
    return wrong + [
        Breach("entries tie", str(row["reservation"]), "was booked twice")
        for row in doubled.filter(n__gt=1)[:SHOWN]
    ]


def no_leaked_hold() -> list[Breach]:
    """Nothing stays held for a trip that has ended."""
    rows = Reservation.objects.filter(state=Reservation.State.HELD, leg__trip__state__in=Trip.FINAL)
    return [
        Breach("no leaked hold", str(row.leg_id), f"{row.amount_nano} held after the end")
        for row in rows[:SHOWN]
    ]


def trips_tie() -> list[Breach]:
    """A trip costs what its legs cost."""
    rows = Trip.objects.filter(state__in=Trip.FINAL).annotate(
        legs_nano=Coalesce(Sum("legs__cost_nano"), 0)
    )
    return [
        Breach("trips tie", str(trip.pk), f"trip {trip.cost_nano}, legs {trip.legs_nano}")
        for trip in rows.exclude(cost_nano=F("legs_nano"))[:SHOWN]
    ]


def trips_end() -> list[Breach]:
    """No trip drives on after its lease and its deadline."""
    rows = Trip.objects.filter(
        state=Trip.State.DRIVING, lease_until__lt=Now(), deadline_at__lt=Now()
    )
    return [
        Breach("trips end", str(pk), "drives without a lease after its deadline")
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def legs_end() -> list[Breach]:
    rows = Leg.objects.filter(state=Leg.State.DRIVING, trip__state__in=Trip.FINAL)
    return [
        Breach("legs end", str(pk), "is still open though its trip has ended")
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def logs_have_no_holes() -> list[Breach]:
    """Numbers run from 1 without a hole, and an ended trip has one end."""
    rows = TripEvent.objects.values("trip").annotate(
        first=Min("seq"),
        last=Max("seq"),
        events=Count("id"),
        ends=Count("id", filter=Q(kind=event_documents.LAST)),
    )
    holes = rows.filter(~Q(first=1) | ~Q(last=F("events")))
    ends = rows.filter(Q(trip__state__in=Trip.FINAL), ~Q(ends=1))
    return [
        Breach("logs have no holes", str(row["trip"]), "numbers are missing")
        for row in holes[:SHOWN]
    ] + [
        Breach("logs have no holes", str(row["trip"]), f"has {row['ends']} ends")
        for row in ends[:SHOWN]
    ]


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


def reports_tie() -> list[Breach]:
    """The daily sums that reports are made of are what the trips and calls say."""
    rollups.advance(REPORTS_BUDGET_S)
    return [
        Breach(
            "reports tie",
            f"{found.day} {found.currency}",
            f"{found.name} by {found.grain} is {found.told}, trips say {found.raw}",
        )
        for found in ties.differences()[:SHOWN]
    ]


CHECKS: tuple[Callable[[], list[Breach]], ...] = (
    ledger_ties,
    holds_tie,
    loans_tie,
    entries_tie,
    no_leaked_hold,
    trips_tie,
    trips_end,
    legs_end,
    logs_have_no_holes,
    one_answer_each,
    reports_tie,
)
