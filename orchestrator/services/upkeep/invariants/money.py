"""Money: what is spent was booked, what is held is known, and nothing is free by accident."""

from collections import defaultdict

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from orchestrator.models import BudgetPeriod, LedgerEntry, Leg, Loan, Reservation, Trip
from orchestrator.services.reports import rollups, ties
from orchestrator.services.upkeep.invariants.breach import SHOWN, Breach

# How long counting what is not in the reports yet may take before they are compared.
REPORTS_BUDGET_S = 60.0


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
    """Nothing stays held for a trip or a call that has ended."""
    rows = Reservation.objects.filter(
        Q(leg__trip__state__in=Trip.FINAL) | ~Q(leg__state=Leg.State.DRIVING),
        state=Reservation.State.HELD,
    )
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


def overruns_are_told() -> list[Breach]:
    """What is admitted fits its hold; a call that was dearer says by how much."""
    dearer = Reservation.objects.filter(
        state=Reservation.State.SETTLED, actual_nano__gt=F("amount_nano")
    ).annotate(told=Sum("entries__amount_nano", filter=Q(entries__kind="overrun")))
    return [
        Breach("overruns are told", str(row.leg_id), f"{row.actual_nano} for {row.amount_nano}")
        for row in dearer[:SHOWN]
        if row.told != (row.actual_nano or 0) - row.amount_nano
    ]


def no_call_without_a_hold() -> list[Breach]:
    """Where nobody can say what may be spent, nothing is sent."""
    rows = Leg.objects.filter(reservation__isnull=True)
    return [
        Breach("no call without a hold", str(pk), "has no reservation")
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]
