"""Upkeep: what runs in the background has run, nothing grows for ever, all can be read again."""

import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Q
from django.db.models.functions import Now

from orchestrator.models import Posterior, ProviderShare, Trip, TripEvent
from orchestrator.services.driving import sweeper
from orchestrator.services.upkeep import schema
from orchestrator.services.upkeep.invariants.breach import SHOWN, Breach
from orchestrator.services.upkeep.invariants.sweeping import LATE, is_swept


def nothing_grows_for_ever() -> list[Breach]:
    """Logs are tidied after a day, and shares of processes that are gone do not stay."""
    if not is_swept():
        return []
    old = TripEvent.objects.filter(
        trip__state__in=Trip.FINAL, trip__finished_at__lt=Now() - sweeper.KEEP_EVENTS - LATE
    )
    shares = ProviderShare.objects.filter(until__lt=Now() - sweeper.KEEP_EVENTS - LATE)
    trips = old.order_by().values_list("trip_id", flat=True).distinct()[:SHOWN]
    return [
        Breach("nothing grows for ever", str(pk), "its log is older than a day") for pk in trips
    ] + [
        Breach("nothing grows for ever", str(share), "is older than a day")
        for share in shares[:SHOWN]
    ]


def nobody_waits_unheard() -> list[Breach]:
    """Where somebody sweeps, every waiting trip was announced and every dead driver noticed."""
    if not is_swept():
        return []
    page = Trip.objects.filter(source=Trip.Source.PAGE)
    unheard = page.filter(
        Q(announced_at__isnull=True) | Q(announced_at__lt=Now() - LATE),
        state=Trip.State.QUEUED,
        created_at__lt=Now() - LATE,
    )
    dead = page.filter(state=Trip.State.DRIVING, lease_until__lt=Now() - LATE)
    return [
        Breach("nobody waits unheard", str(pk), told)
        for rows, told in ((unheard, "was not announced"), (dead, "its driver is gone"))
        for pk in rows.values_list("pk", flat=True)[:SHOWN]
    ]


def learning_counts_once() -> list[Breach]:
    """No count of the school is larger than the trips it can come from."""
    rows = Posterior.objects.values_list("road", "gear", "trips")
    done = Trip.objects.filter(state=Trip.State.DONE, currency="usd", is_exploration=False)
    known = {
        (road, gear): count
        for road, gear, count in done.order_by()
        .values_list("road", "gear")
        .annotate(count=Count("id"))
    }
    return [
        Breach("learning counts once", f"{road} {gear}", f"{trips} trips counted")
        for road, gear, trips in rows
        if trips > known.get((road, gear), 0)
    ][:SHOWN]


def all_can_be_read_again() -> list[Breach]:
    """The database is whole, no row names one that is missing, and the newest copy opens."""
    found = []
    if (verdict := schema.check_integrity()) != "ok":
        found.append(Breach("all can be read again", "database", verdict))
    try:
        connection.check_constraints()
    except DatabaseError as error:
        found.append(Breach("all can be read again", "database", str(error)))
    copies = sorted((Path(settings.CLUTCH_HOME) / "backups").glob("clutch-*.db"))
    if copies and (problem := _problem_of(copies[-1])):
        found.append(Breach("all can be read again", copies[-1].name, problem))
    return found


def _problem_of(copy: Path) -> str:
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as opened:
            verdict = str(opened.execute("PRAGMA quick_check").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if verdict == "ok" else verdict
